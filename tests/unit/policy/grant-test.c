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
				    .issue_subordinates = true,
				    .room_below = true,
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

/* Only what holds a certificate of its class goes on by itself. */
static void authority_rolls_over_where_configured(void **state)
{
	static const char *const rules[] = {[GRANT_CLASS_RA] = "GrantRollover=ra-cert",
					    [GRANT_CLASS_SUBORDINATE] = "GrantRollover=ca-cert"};

	(void)state;
	for (unsigned n = 0; n < 16; n++) {
		unsigned class = n & 1 ? GRANT_CLASS_RA : GRANT_CLASS_SUBORDINATE;
		unsigned other = n & 1 ? GRANT_CLASS_SUBORDINATE : GRANT_CLASS_RA;
		struct grant_facts facts = renewal(GRANT_MANUAL, GRANT_CHALLENGE_ABSENT);
		struct verdict verdict;

		facts.class = class;
		facts.signer.class = n & 2 ? class : other;
		facts.rollover_auto = (n & 4 ? 1U << class : 0) | (n & 8 ? 1U << other : 0);
		verdict = decide(&facts);
		assert_int_equal(verdict.decision, (n & 6) == 6 ? VERDICT_ISSUE : VERDICT_PENDING);
		if (verdict.decision == VERDICT_ISSUE)
			assert_string_equal(verdict.rule, rules[class]);
		facts.key_compromised = true;
		assert_int_equal(decide(&facts).decision, VERDICT_REFUSE);
	}
}

/* GrantRollover= has no say over a router: it goes by GrantRenewal=. */
static void a_router_goes_by_its_own_option(void **state)
{
	struct grant_facts facts = renewal(GRANT_MANUAL, GRANT_CHALLENGE_ABSENT);

	(void)state;
	facts.rollover_auto = ~0U;
	assert_string_equal(decide(&facts).rule, "GrantRenewal=auto");
	facts.renewal_auto = false;
	assert_int_equal(decide(&facts).decision, VERDICT_PENDING);
	facts.signer = stranger;
	assert_string_equal(decide(&facts).rule, "Grant=manual");
}

/* Refused whoever asks and whoever grants: it would be signed by no token, or verify nowhere. */
static void a_ca_needs_leave_and_room(void **state)
{
	(void)state;
	for (unsigned mode = 0; mode < N_MODES; mode++)
		for (unsigned n = 0; n < 8; n++) {
			struct grant_facts facts =
				n & 4 ? renewal(mode, GRANT_CHALLENGE_ABSENT)
				      : first_request(mode, GRANT_CHALLENGE_LIVE);
			const char *rule = n & 1 ? "RFC 5280 §4.2.1.9 pathLenConstraint"
						 : "IssueSubordinates=no";
			struct verdict verdicts[3];

			facts.class = facts.signer.class = GRANT_CLASS_SUBORDINATE;
			facts.rollover_auto = ~0U;
			facts.issue_subordinates = n & 1;
			facts.room_below = n & 2;
			verdicts[0] = decide(&facts);
			verdicts[1] = grant_by_hand(&facts);
			verdicts[2] = grant_decide_added(&facts);
			for (size_t i = 0; i < ELEMENTS(verdicts) && (n & 3) != 3; i++) {
				check_whole(&verdicts[i]);
				assert_int_equal(verdicts[i].decision, VERDICT_REFUSE);
				assert_string_equal(verdicts[i].rule, rule);
			}
			facts.class = facts.signer.class = GRANT_CLASS_RA;
			assert_int_equal(grant_by_hand(&facts).decision, VERDICT_ISSUE);
		}
}

/* A router's request in the message of an RA. */
static struct grant_facts forwarded(enum grant_mode mode, enum grant_challenge challenge)
{
	struct grant_facts facts = renewal(mode, challenge);

	facts.signer.class = GRANT_CLASS_RA;
	facts.signer.same_identity = facts.signer.names_within = false;
	return facts;
}

static void what_an_ra_forwards_goes_by_the_table(void **state)
{
	(void)state;
	for (unsigned mode = 0; mode < N_MODES; mode++)
		for (unsigned challenge = 0; challenge < N_CHALLENGES; challenge++) {
			struct grant_facts facts = forwarded(mode, challenge);
			struct grant_facts first = first_request(mode, challenge);
			struct verdict verdict = decide(&facts), otherwise = decide(&first);

			assert_true(grant_is_forwarded(&facts));
			assert_false(grant_is_renewal(&facts));
			assert_int_equal(verdict.decision, mode == GRANT_RA_AUTO
								   ? VERDICT_ISSUE
								   : otherwise.decision);
			assert_int_equal(verdict.alarm, otherwise.alarm);
			if (mode == GRANT_RA_AUTO)
				assert_string_equal(verdict.rule, challenge == GRANT_CHALLENGE_LIVE
									  ? "one-time password"
									  : "Grant=ra-auto");
			facts.password_required = true;
			assert_int_equal(decide(&facts).decision, challenge == GRANT_CHALLENGE_LIVE
									  ? VERDICT_ISSUE
									  : VERDICT_REFUSE);
		}
}

/* Each of these alone makes its message one of nobody who may speak for others. */
static void only_an_ra_in_force_forwards(void **state)
{
	struct grant_facts cases[7];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		cases[i] = forwarded(GRANT_RA_AUTO, GRANT_CHALLENGE_ABSENT);
	cases[0].signer.ours = false;
	cases[1].signer.in_force = false;
	cases[2].signer.class = GRANT_CLASS_ROUTER;
	cases[3].signer.class = GRANT_CLASS_SUBORDINATE;
	cases[4].signer.same_key = true;
	cases[5].class = GRANT_CLASS_RA;
	cases[5].signer.same_identity = cases[5].signer.names_within = true;
	cases[6].signer.revoked = true;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		assert_false(grant_is_forwarded(&cases[i]));
		assert_int_equal(decide(&cases[i]).decision,
				 i == 6 ? VERDICT_REFUSE : VERDICT_PENDING);
	}
	assert_int_equal(decide(&cases[6]).alarm, VERDICT_ALARM_REVOKED_SIGNER);
	assert_int_equal(grant_by_hand(&cases[6]).decision, VERDICT_REFUSE);
}

static void an_ra_lets_no_authority_in(void **state)
{
	static const enum grant_class classes[] = {GRANT_CLASS_RA, GRANT_CLASS_SUBORDINATE};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(classes); i++)
		for (unsigned mode = 0; mode < GRANT_NONE; mode++) {
			struct grant_facts facts = forwarded(mode, GRANT_CHALLENGE_LIVE);

			facts.class = classes[i];
			facts.rollover_auto = ~0U;
			assert_true(grant_is_forwarded(&facts));
			assert_int_equal(decide(&facts).decision, VERDICT_PENDING);
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

static void by_hand_each_class_is_issued(void **state)
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
			assert_int_equal(verdict.decision, VERDICT_ISSUE);
			assert_string_equal(verdict.rule, "operator");
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
		cmocka_unit_test(authority_rolls_over_where_configured),
		cmocka_unit_test(a_router_goes_by_its_own_option),
		cmocka_unit_test(a_ca_needs_leave_and_room),
		cmocka_unit_test(what_an_ra_forwards_goes_by_the_table),
		cmocka_unit_test(only_an_ra_in_force_forwards),
		cmocka_unit_test(an_ra_lets_no_authority_in),
		cmocka_unit_test(a_revoked_signer_is_refused_always),
		cmocka_unit_test(a_foreign_signer_is_a_stranger),
		cmocka_unit_test(a_compromised_key_is_never_certified_again),
		cmocka_unit_test(a_shared_key_is_noted_or_refused),
		cmocka_unit_test(a_renewal_keeps_its_key),
		cmocka_unit_test(renewals_go_by_their_own_option),
		cmocka_unit_test(whatever_falls_short_of_a_renewal_is_a_first_request),
		cmocka_unit_test(by_hand_each_class_is_issued),
		cmocka_unit_test(only_policy_makes_permits),
		cmocka_unit_test(rules_and_names_are_what_people_configure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
