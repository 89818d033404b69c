/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/request.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW	 INT64_C(1700000000)
#define LIFETIME INT64_C(604800)

static struct ca_transaction_facts found(enum ca_request_state state)
{
	return (struct ca_transaction_facts){
		.found = true,
		.state = state,
		.same_csr = true,
		.expires_s = NOW + 1,
		.request_lifetime_s = LIFETIME,
	};
}

static struct ca_transaction_facts granted(int64_t issued_s)
{
	struct ca_transaction_facts facts = found(CA_REQUEST_GRANTED);

	facts.issued_s = issued_s;
	facts.certificate_in_force = true;
	return facts;
}

static enum ca_transaction_answer step(struct ca_transaction_facts facts)
{
	return ca_transaction_step(&facts, NOW);
}

static enum ca_poll_answer poll(struct ca_transaction_facts facts)
{
	return ca_poll_step(&facts, NOW);
}

static void nothing_found_is_a_new_request_and_no_match(void **state)
{
	struct ca_transaction_facts facts = granted(NOW);

	(void)state;
	facts.found = false;
	assert_int_equal(step(facts), CA_TRANSACTION_NEW);
	assert_int_equal(poll(facts), CA_POLL_NO_MATCH);
}

/* By state: same CSR, other CSR, poll; in time and past it. */
static void undecided_and_ended_requests(void **state)
{
	static const struct {
		enum ca_request_state state;
		enum ca_transaction_answer same, other;
		enum ca_poll_answer poll;
	} cases[] = {
		{CA_REQUEST_INITIAL, CA_TRANSACTION_WAIT, CA_TRANSACTION_SUPERSEDE, CA_POLL_WAIT},
		{CA_REQUEST_AUTHORIZED, CA_TRANSACTION_WAIT, CA_TRANSACTION_SUPERSEDE,
		 CA_POLL_WAIT},
		{CA_REQUEST_PENDING, CA_TRANSACTION_WAIT, CA_TRANSACTION_SUPERSEDE, CA_POLL_WAIT},
		{CA_REQUEST_DENIED, CA_TRANSACTION_NEW, CA_TRANSACTION_NEW, CA_POLL_DENIED},
		{CA_REQUEST_MALFORMED, CA_TRANSACTION_NEW, CA_TRANSACTION_NEW, CA_POLL_DENIED},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct ca_transaction_facts facts = found(cases[i].state);

		assert_int_equal(step(facts), cases[i].same);
		assert_int_equal(poll(facts), cases[i].poll);
		facts.same_csr = false;
		assert_int_equal(step(facts), cases[i].other);
		assert_int_equal(poll(facts), cases[i].poll);

		facts.expires_s = NOW;
		assert_int_equal(step(facts), CA_TRANSACTION_NEW);
		assert_int_equal(poll(facts), CA_POLL_NO_MATCH);
		facts.same_csr = true;
		assert_int_equal(step(facts), CA_TRANSACTION_NEW);
		assert_int_equal(poll(facts), CA_POLL_NO_MATCH);

		facts.expires_s = 0;
		assert_int_equal(step(facts), cases[i].same);
		assert_int_equal(poll(facts), cases[i].poll);
	}
}

static void a_certificate_is_given_again_for_the_requests_lifetime(void **state)
{
	(void)state;
	assert_int_equal(step(granted(NOW)), CA_TRANSACTION_REDELIVER);
	assert_int_equal(step(granted(NOW - LIFETIME + 1)), CA_TRANSACTION_REDELIVER);
	assert_int_equal(step(granted(NOW - LIFETIME)), CA_TRANSACTION_NEW);
	assert_int_equal(poll(granted(NOW)), CA_POLL_DELIVER);
	assert_int_equal(poll(granted(NOW - LIFETIME + 1)), CA_POLL_DELIVER);
	assert_int_equal(poll(granted(NOW - LIFETIME)), CA_POLL_NO_MATCH);
}

/* The reply was lost; years later somebody plays the message back, or the client still tries. */
static void
the_answered_message_itself_is_answered_for_as_long_as_the_certificate_lasts(void **state)
{
	struct ca_transaction_facts facts = granted(NOW - 50 * LIFETIME);

	(void)state;
	facts.same_nonce = true;
	assert_int_equal(step(facts), CA_TRANSACTION_REDELIVER);
	assert_int_equal(poll(facts), CA_POLL_DELIVER);
	facts.certificate_in_force = false;
	assert_int_equal(step(facts), CA_TRANSACTION_NEW);
	assert_int_equal(poll(facts), CA_POLL_NO_MATCH);
}

static void a_granted_request_does_not_end_with_its_own_expiry(void **state)
{
	struct ca_transaction_facts facts = granted(NOW - 10);

	(void)state;
	facts.expires_s = NOW - 5;
	assert_int_equal(step(facts), CA_TRANSACTION_REDELIVER);
	assert_int_equal(poll(facts), CA_POLL_DELIVER);
}

static void another_csr_after_a_certificate_is_a_new_request(void **state)
{
	struct ca_transaction_facts facts = granted(NOW);

	(void)state;
	facts.same_csr = false;
	assert_int_equal(step(facts), CA_TRANSACTION_NEW);
	facts.same_nonce = true;
	assert_int_equal(step(facts), CA_TRANSACTION_NEW);
	facts.certificate_revoked = true;
	assert_int_equal(step(facts), CA_TRANSACTION_NEW);
}

/* Whatever he says again is decided on anew, and what waited for him no more. */
static void nothing_is_repeated_to_a_revoked_signer(void **state)
{
	struct ca_transaction_facts nothing = {.signer_revoked = true};
	struct ca_transaction_facts waiting = found(CA_REQUEST_PENDING), had = granted(NOW);

	(void)state;
	waiting.signer_revoked = had.signer_revoked = had.same_nonce = true;
	assert_int_equal(step(nothing), CA_TRANSACTION_NEW);
	assert_int_equal(step(waiting), CA_TRANSACTION_SUPERSEDE);
	assert_int_equal(step(had), CA_TRANSACTION_NEW);
	assert_int_equal(poll(nothing), CA_POLL_REVOKED_SIGNER);
	assert_int_equal(poll(waiting), CA_POLL_REVOKED_SIGNER);
	assert_int_equal(poll(had), CA_POLL_REVOKED_SIGNER);
}

static void what_is_revoked_is_not_given_again(void **state)
{
	struct ca_transaction_facts facts = granted(NOW);

	(void)state;
	facts.certificate_revoked = true;
	assert_int_equal(step(facts), CA_TRANSACTION_REVOKED);
	assert_int_equal(poll(facts), CA_POLL_NO_MATCH);
	facts.certificate_in_force = false;
	facts.same_nonce = true;
	facts.issued_s = NOW - 50 * LIFETIME;
	assert_int_equal(step(facts), CA_TRANSACTION_REVOKED);
	assert_int_equal(poll(facts), CA_POLL_NO_MATCH);
}

/* Over all facts there are: a certificate is given only to its own CSR, in force, not revoked. */
static void no_combination_gives_what_it_must_not(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 6 * 256; n++) {
		struct ca_transaction_facts facts = {
			.found = n & 1,
			.same_csr = n & 2,
			.same_nonce = n & 4,
			.certificate_in_force = n & 8,
			.certificate_revoked = n & 16,
			.issued_s = n & 32 ? NOW : NOW - 2 * LIFETIME,
			.expires_s = n & 64 ? NOW - 1 : NOW + 1,
			.request_lifetime_s = n & 128 ? LIFETIME : 3600,
			.state = (enum ca_request_state)(CA_REQUEST_INITIAL + n / 256),
		};
		enum ca_transaction_answer answer = step(facts);
		enum ca_poll_answer polled = poll(facts);
		bool deliverable = facts.found && facts.state == CA_REQUEST_GRANTED &&
				   facts.certificate_in_force && !facts.certificate_revoked;

		if (answer == CA_TRANSACTION_REDELIVER)
			assert_true(deliverable && facts.same_csr);
		if (polled == CA_POLL_DELIVER)
			assert_true(deliverable);
		if (answer == CA_TRANSACTION_SUPERSEDE || answer == CA_TRANSACTION_WAIT)
			assert_true(facts.found && facts.expires_s > NOW);
		if (!facts.found)
			assert_true(answer == CA_TRANSACTION_NEW && polled == CA_POLL_NO_MATCH);
	}
}

/* After an emergency what the old generation issued may be in force: it is not what is asked for.
 */
static void what_another_generation_issued_is_never_given_again(void **state)
{
	struct ca_transaction_facts facts = granted(NOW - 1);

	(void)state;
	facts.same_nonce = true;
	facts.certificate_of_another = true;
	assert_int_equal(step(facts), CA_TRANSACTION_NEW);
	assert_int_equal(poll(facts), CA_POLL_NO_MATCH);
	facts.certificate_revoked = true;
	assert_int_equal(step(facts), CA_TRANSACTION_REVOKED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_found_is_a_new_request_and_no_match),
		cmocka_unit_test(undecided_and_ended_requests),
		cmocka_unit_test(a_certificate_is_given_again_for_the_requests_lifetime),
		cmocka_unit_test(
			the_answered_message_itself_is_answered_for_as_long_as_the_certificate_lasts),
		cmocka_unit_test(a_granted_request_does_not_end_with_its_own_expiry),
		cmocka_unit_test(another_csr_after_a_certificate_is_a_new_request),
		cmocka_unit_test(nothing_is_repeated_to_a_revoked_signer),
		cmocka_unit_test(what_is_revoked_is_not_given_again),
		cmocka_unit_test(no_combination_gives_what_it_must_not),
		cmocka_unit_test(what_another_generation_issued_is_never_given_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
