/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/grant.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N_MODES	     4
#define N_CHALLENGES 4

static const struct grant_signer stranger = {};
static const struct grant_signer holder = {
	.ours = true,
	.in_force = true,
	.same_identity = true,
	.names_within = true,
	.class = GRANT_CLASS_ROUTER,
};

static struct grant_facts first_request(enum grant_mode mode, enum grant_challenge challenge)
{
	return (struct grant_facts){.mode = mode,
				    .renewal_auto = true,
				    .class = GRANT_CLASS_ROUTER,
				    .challenge = challenge,
				    .signer = stranger};
}

static struct grant_facts renewal(enum grant_mode mode, enum grant_challenge challenge)
{
	struct grant_facts facts = first_request(mode, challenge);

	facts.signer = holder;
	return facts;
}

/* What holds of every verdict. */
static void check_whole(const struct verdict *verdict)
{
	assert_true(verdict->decision <= VERDICT_ISSUE);
	assert_non_null(verdict->rule);
	assert_true(strlen(verdict->rule) > 0);
	assert_non_null(verdict->reason);
	assert_true(strlen(verdict->reason) > 0);
	assert_int_equal(verdict->fail_info, VERDICT_BAD_REQUEST);
	assert_int_equal(verdict->permit != NULL, verdict->decision == VERDICT_ISSUE);
	assert_int_equal(grant_permit_is_genuine(verdict->permit),
			 verdict->decision == VERDICT_ISSUE);
}

static struct verdict decide(const struct grant_facts *facts)
{
	struct verdict verdict = grant_decide(facts);

	check_whole(&verdict);
	return verdict;
}

/* The table as a person reads it: p pending, i issued, r refused; capital with the alarm of a spent
 * password. Columns: no challenge, a live password, no match, a spent one. */
static void first_requests_go_by_the_table(void **state)
{
	static const char expected[N_MODES][N_CHALLENGES + 1] = {
		[GRANT_MANUAL] = "pipP",
		[GRANT_AUTO] = "iiiI",
		[GRANT_RA_AUTO] = "pipP",
		[GRANT_NONE] = "rirR",
	};
	static const char small[] = {
		[VERDICT_REFUSE] = 'r', [VERDICT_PENDING] = 'p', [VERDICT_ISSUE] = 'i'};
	static const char large[] = {
		[VERDICT_REFUSE] = 'R', [VERDICT_PENDING] = 'P', [VERDICT_ISSUE] = 'I'};

	(void)state;
	for (unsigned mode = 0; mode < N_MODES; mode++)
		for (unsigned challenge = 0; challenge < N_CHALLENGES; challenge++) {
			struct grant_facts facts = first_request(mode, challenge);
			struct verdict verdict = decide(&facts);
			bool alarm = verdict.alarm == VERDICT_ALARM_PASSWORD_REUSE;

			assert_true(alarm || verdict.alarm == VERDICT_ALARM_NONE);
			assert_int_equal((alarm ? large : small)[verdict.decision],
					 expected[mode][challenge]);
		}
}

static void with_password_required_only_a_live_one_issues(void **state)
{
	(void)state;
	for (unsigned mode = 0; mode < N_MODES; mode++)
		for (unsigned challenge = 0; challenge < N_CHALLENGES; challenge++) {
			struct grant_facts facts = first_request(mode, challenge);
			struct verdict verdict;

			facts.password_required = true;
			verdict = decide(&facts);
			assert_int_equal(verdict.decision, challenge == GRANT_CHALLENGE_LIVE
								   ? VERDICT_ISSUE
								   : VERDICT_REFUSE);
			assert_int_equal(verdict.alarm, challenge == GRANT_CHALLENGE_SPENT
								? VERDICT_ALARM_PASSWORD_REUSE
								: VERDICT_ALARM_NONE);
		}
}

static void authority_needs_a_hand_whatever_else_is_true(void **state)
{
	static const enum grant_class classes[] = {GRANT_CLASS_RA, GRANT_CLASS_SUBORDINATE};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(classes); i++)
		for (unsigned mode = 0; mode < N_MODES; mode++)
			for (unsigned n = 0; n < N_CHALLENGES * 4; n++) {
				struct grant_facts facts = first_request(mode, n % N_CHALLENGES);
				struct verdict verdict;

				facts.class = classes[i];
				facts.password_required = n & 4;
				if (n & 8) {
					facts.signer = holder;
					facts.signer.class = classes[i];
				}
				verdict = decide(&facts);
				assert_int_equal(verdict.decision, mode == GRANT_NONE
									   ? VERDICT_REFUSE
									   : VERDICT_PENDING);
			}
}

static void a_revoked_signer_is_refused_always(void **state)
{
	(void)state;
	for (unsigned mode = 0; mode < N_MODES; mode++)
		for (unsigned class = 0; class <= GRANT_CLASS_SUBORDINATE; class ++) {
			struct grant_facts facts = renewal(mode, GRANT_CHALLENGE_LIVE);
			struct verdict verdict;

			facts.class = class;
			facts.signer.revoked = true;
			facts.key_compromised = class == GRANT_CLASS_RA;
			verdict = decide(&facts);
			assert_int_equal(verdict.decision, VERDICT_REFUSE);
			assert_int_equal(verdict.alarm, VERDICT_ALARM_REVOKED_SIGNER);
			verdict = grant_by_hand(&facts);
			check_whole(&verdict);
			assert_int_equal(verdict.decision, VERDICT_REFUSE);
			assert_int_equal(verdict.alarm, VERDICT_ALARM_REVOKED_SIGNER);
		}
}

/* A stranger may claim anything about a certificate that is not ours. */
static void a_foreign_signer_is_a_stranger(void **state)
{
	struct grant_facts facts = renewal(GRANT_MANUAL, GRANT_CHALLENGE_ABSENT);

	(void)state;
	facts.signer.ours = false;
	facts.signer.revoked = true;
	assert_false(grant_is_renewal(&facts));
	assert_int_equal(decide(&facts).decision, VERDICT_PENDING);
}

static void a_compromised_key_is_never_certified_again(void **state)
{
	(void)state;
	for (unsigned mode = 0; mode < N_MODES; mode++)
		for (unsigned renews = 0; renews < 2; renews++) {
			struct grant_facts facts =
				renews ? renewal(mode, GRANT_CHALLENGE_LIVE)
				       : first_request(mode, GRANT_CHALLENGE_LIVE);
			struct verdict verdict;

			facts.key_compromised = true;
			verdict = decide(&facts);
			assert_int_equal(verdict.decision, VERDICT_REFUSE);
			assert_int_equal(verdict.alarm, VERDICT_ALARM_COMPROMISED_KEY);
			verdict = grant_by_hand(&facts);
			assert_int_equal(verdict.decision, VERDICT_REFUSE);
			assert_int_equal(verdict.alarm, VERDICT_ALARM_COMPROMISED_KEY);
		}
}

static void a_shared_key_is_noted_or_refused(void **state)
{
	struct grant_facts facts = first_request(GRANT_AUTO, GRANT_CHALLENGE_ABSENT);
	struct verdict verdict;

	(void)state;
	facts.key_shared = true;
	verdict = decide(&facts);
	assert_int_equal(verdict.decision, VERDICT_ISSUE);
	assert_int_equal(verdict.alarm, VERDICT_ALARM_SHARED_KEY);
	verdict = grant_by_hand(&facts);
	assert_int_equal(verdict.decision, VERDICT_ISSUE);
	assert_int_equal(verdict.alarm, VERDICT_ALARM_SHARED_KEY);

	/* The graver alarm stays. */
	facts.challenge = GRANT_CHALLENGE_SPENT;
	verdict = decide(&facts);
	assert_int_equal(verdict.alarm, VERDICT_ALARM_PASSWORD_REUSE);

	facts.unique_keys = true;
	verdict = decide(&facts);
	assert_int_equal(verdict.decision, VERDICT_REFUSE);
	assert_int_equal(verdict.alarm, VERDICT_ALARM_SHARED_KEY);
	verdict = grant_by_hand(&facts);
	assert_int_equal(verdict.decision, VERDICT_REFUSE);

	facts.key_shared = false;
	facts.challenge = GRANT_CHALLENGE_ABSENT;
	assert_int_equal(decide(&facts).decision, VERDICT_ISSUE);
	assert_int_equal(decide(&facts).alarm, VERDICT_ALARM_NONE);
}

/* A router that spells its subject otherwise keeps its own key; another key of a second subject
 * stays one, also in a renewal. */
static void a_renewal_keeps_its_key(void **state)
{
	struct grant_facts facts = renewal(GRANT_NONE, GRANT_CHALLENGE_ABSENT);

	(void)state;
	facts.key_shared = facts.unique_keys = facts.signer.same_key = true;
	assert_int_equal(decide(&facts).decision, VERDICT_ISSUE);
	assert_int_equal(decide(&facts).alarm, VERDICT_ALARM_NONE);
	facts.signer.same_key = false;
	assert_int_equal(decide(&facts).decision, VERDICT_REFUSE);
	assert_int_equal(decide(&facts).alarm, VERDICT_ALARM_SHARED_KEY);
	facts.unique_keys = false;
	assert_int_equal(decide(&facts).decision, VERDICT_ISSUE);
	assert_int_equal(decide(&facts).alarm, VERDICT_ALARM_SHARED_KEY);
	facts.signer.same_key = facts.unique_keys = true;
	facts.signer.same_identity = false;
	assert_int_equal(decide(&facts).decision, VERDICT_REFUSE);
}

static void renewals_go_by_their_own_option(void **state)
{
	(void)state;
	for (unsigned mode = 0; mode < N_MODES; mode++)
		for (unsigned n = 0; n < N_CHALLENGES * 4; n++) {
			struct grant_facts facts = renewal(mode, n % N_CHALLENGES);
			struct verdict verdict;

			facts.renewal_auto = n & 4;
			facts.password_required = n & 8;
			assert_true(grant_is_renewal(&facts));
			verdict = decide(&facts);
			assert_int_equal(verdict.decision, n & 4 ? VERDICT_ISSUE : VERDICT_PENDING);
			assert_int_equal(verdict.alarm, VERDICT_ALARM_NONE);
		}
}

/* Each condition alone turns a renewal into a first request. */
static void whatever_falls_short_of_a_renewal_is_a_first_request(void **state)
{
	struct grant_facts cases[5];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		cases[i] = renewal(GRANT_MANUAL, GRANT_CHALLENGE_ABSENT);
	cases[0].signer.ours = false;
	cases[1].signer.in_force = false;
	cases[2].signer.same_identity = false;
	cases[3].signer.names_within = false;
	cases[4].signer.class = GRANT_CLASS_RA;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		assert_false(grant_is_renewal(&cases[i]));
		assert_int_equal(decide(&cases[i]).decision, VERDICT_PENDING);
		cases[i].mode = GRANT_NONE;
		assert_int_equal(decide(&cases[i]).decision, VERDICT_REFUSE);
	}
}

static void by_hand_routers_are_issued_and_authority_is_not(void **state)
{
	(void)state;
	for (unsigned mode = 0; mode < N_MODES; mode++)
		for (unsigned class = 0; class <= GRANT_CLASS_SUBORDINATE; class ++) {
			struct grant_facts facts = first_request(mode, GRANT_CHALLENGE_UNMATCHED);
			struct verdict verdict;

			facts.class = class;
			facts.password_required = true;
			verdict = grant_by_hand(&facts);
			check_whole(&verdict);
			assert_int_equal(verdict.decision, class == GRANT_CLASS_ROUTER
								   ? VERDICT_ISSUE
								   : VERDICT_REFUSE);
		}
}

static void only_policy_makes_permits(void **state)
{
	int other = 0;

	(void)state;
	assert_false(grant_permit_is_genuine(NULL));
	assert_false(grant_permit_is_genuine((const struct permit *)&other));
}

static void rules_and_names_are_what_people_configure(void **state)
{
	static const char *const rules[N_MODES] = {"Grant=manual", "Grant=auto", "Grant=ra-auto",
						   "Grant=none"};

	(void)state;
	for (unsigned mode = 0; mode < N_MODES; mode++) {
		struct grant_facts facts = first_request(mode, GRANT_CHALLENGE_ABSENT);

		assert_string_equal(decide(&facts).rule, rules[mode]);
		facts.challenge = GRANT_CHALLENGE_LIVE;
		assert_string_equal(decide(&facts).rule, "one-time password");
	}
	assert_string_equal(grant_class_name(GRANT_CLASS_ROUTER), "router");
	assert_string_equal(grant_class_name(GRANT_CLASS_RA), "ra");
	assert_string_equal(grant_class_name(GRANT_CLASS_SUBORDINATE), "subordinate");
	assert_string_equal(verdict_alarm_name(VERDICT_ALARM_NONE), "");
	assert_string_equal(verdict_alarm_name(VERDICT_ALARM_PASSWORD_REUSE), "password-reuse");
	assert_string_equal(verdict_alarm_name(VERDICT_ALARM_REVOKED_SIGNER), "revoked-signer");
	assert_string_equal(verdict_alarm_name(VERDICT_ALARM_COMPROMISED_KEY), "compromised-key");
	assert_string_equal(verdict_alarm_name(VERDICT_ALARM_SHARED_KEY), "shared-key");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_requests_go_by_the_table),
		cmocka_unit_test(with_password_required_only_a_live_one_issues),
		cmocka_unit_test(authority_needs_a_hand_whatever_else_is_true),
		cmocka_unit_test(a_revoked_signer_is_refused_always),
		cmocka_unit_test(a_foreign_signer_is_a_stranger),
		cmocka_unit_test(a_compromised_key_is_never_certified_again),
		cmocka_unit_test(a_shared_key_is_noted_or_refused),
		cmocka_unit_test(a_renewal_keeps_its_key),
		cmocka_unit_test(renewals_go_by_their_own_option),
		cmocka_unit_test(whatever_falls_short_of_a_renewal_is_a_first_request),
		cmocka_unit_test(by_hand_routers_are_issued_and_authority_is_not),
		cmocka_unit_test(only_policy_makes_permits),
		cmocka_unit_test(rules_and_names_are_what_people_configure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
