/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does, and what he is told where it can't be done. */
#include "tests/unit/daemon/flow/world.h"

static int grant(int64_t id, char **ret_reason)
{
	struct hand hand = by_hand();

	return flow_grant_request(&hand, id, ret_reason);
}

static int reject(int64_t id, char **ret_reason)
{
	struct hand hand = by_hand();

	return flow_reject_request(&hand, id, ret_reason);
}

/* A decision is taken once; the audit says by whom. */
static void a_request_is_decided_once(void **state)
{
	struct router router = router_of(0, "r1", "t1"), other = router_of(1, "r2", "t2");
	_cleanup_(freep) char *first = NULL, *second = NULL, *third = NULL, *none = NULL;
	int64_t granted, rejected;

	(void)state;
	world_open("", "");
	assert_int_equal(grant(1, &none), HAND_NOT_FOUND);
	assert_int_equal(reject(1, &none), HAND_NOT_FOUND);
	expect(enroll(&router, NULL), PENDING, -1);
	granted = newest();
	expect(enroll(&other, NULL), PENDING, -1);
	rejected = newest();
	assert_int_equal(grant(granted, &none), 0);
	assert_int_equal(reject(rejected, &none), 0);
	assert_null(none);
	assert_int_equal(grant(granted, &first), FLOW_REFUSED);
	assert_non_null(strstr(first, "granted"));
	assert_int_equal(reject(granted, &second), FLOW_REFUSED);
	assert_int_equal(grant(rejected, &third), FLOW_REFUSED);
	assert_non_null(strstr(third, "denied"));
	assert_int_equal(audited("certificate.issue"), 1);
	assert_int_equal(audited("request.denied"), 1);
	router_done(&other);
	router_done(&router);
	world_close();
}

/* In any state, with what its transaction had before; what comes again is new. */
static void a_removed_transaction_is_a_clean_slate(void **state)
{
	struct router router = router_of(0, "r1", "t1"), other = router_of(1, "r2", "t2");
	_cleanup_(freep) char *reason = NULL;
	struct hand hand;
	int64_t first;
	unsigned n = 9;

	(void)state;
	world_open("", "");
	hand = by_hand();
	assert_int_equal(flow_remove_request(&hand, 1, &reason), HAND_NOT_FOUND);
	expect(enroll(&router, NULL), PENDING, -1);
	first = newest();
	assert_int_equal(grant(first, &reason), 0);
	expect(enroll(&router, NULL), SUCCESS, -1);
	assert_int_equal(flow_remove_request(&hand, first, &reason), 0);
	expect(enroll(&router, NULL), PENDING, -1);
	assert_true(newest() > first);
	expect(enroll(&other, NULL), PENDING, -1);
	assert_int_equal(flow_remove_all_requests(&hand, &n), 0);
	assert_int_equal(n, 2);
	expect(poll_as(&other, &other.self), FAILURE, SCEP_BAD_CERT_ID);
	assert_int_equal(audited("request.remove"), 2);
	assert_int_equal(flow_remove_all_requests(&hand, &n), 0);
	assert_int_equal(n, 0);
	router_done(&other);
	router_done(&router);
	world_close();
}

/* Nothing happens to the request; it is granted when the token is back. */
static void a_grant_without_the_token(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(freep) char *reason = NULL;
	struct key *away;

	(void)state;
	world_open("", "");
	expect(enroll(&router, NULL), PENDING, -1);
	assert_int_equal(key_new_token(world.flow->tokens[0], key_spki(world.key), &away), 0);
	use_key(away);
	assert_int_equal(grant(newest(), &reason), FLOW_LATER);
	assert_int_equal(state_of(newest()), CA_REQUEST_PENDING);
	use_key(world.key);
	assert_int_equal(grant(newest(), &reason), 0);
	key_unref(away);
	router_done(&router);
	world_close();
}

static int find(const char *serial, struct ca_certificate_record *ret)
{
	struct hand hand = by_hand();

	return flow_find_certificate(&hand, serial, ret);
}

/* By counter or whole; once, and never the CA's own. */
static void certificates_are_named_and_revoked(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record record = {};
	_cleanup_(freep) char *own = NULL, *again = NULL, *none = NULL;
	struct hand hand;

	(void)state;
	world_open("", "Grant=auto");
	expect(enroll(&router, NULL), SUCCESS, -1);
	hand = by_hand();
	assert_int_equal(find("99", &record), HAND_NOT_FOUND);
	assert_int_equal(find("two", &record), HAND_NO_SERIAL);
	assert_int_equal(flow_revoke_certificate(&hand, "1", 0, &own), FLOW_REFUSED);
	assert_non_null(own);
	assert_int_equal(flow_revoke_certificate(&hand, "0x2", 1, &none), 0);
	assert_int_equal(flow_revoke_certificate(&hand, "2", 1, &again), FLOW_REFUSED);
	assert_non_null(again);
	assert_int_equal(find("02", &record), 0);
	assert_int_equal(record.revoked_s, world.now_s);
	assert_int_equal(record.revocation_reason, 1);
	assert_int_equal(audited("certificate.revoke"), 1);
	router_done(&router);
	world_close();
}

static void passwords(void **state)
{
	_cleanup_(freep) char *reason = NULL, *none = NULL;
	char password[PASSWORD_TEXT_SIZE], another[PASSWORD_TEXT_SIZE];
	struct hand hand;

	(void)state;
	world_open("", "");
	hand = by_hand();
	assert_int_equal(flow_generate_password(&hand, 1, "no name=", password, &reason),
			 FLOW_REFUSED);
	assert_non_null(reason);
	assert_int_equal(flow_generate_password(&hand, 1, NULL, password, &none), 0);
	assert_int_equal(flow_generate_password(&hand, 1, NULL, another, &none), 0);
	assert_int_equal(strlen(password), PASSWORD_TEXT_SIZE - 1);
	assert_string_not_equal(password, another);
	assert_int_equal(audited(password), 0);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_decided_once),
		cmocka_unit_test(a_removed_transaction_is_a_clean_slate),
		cmocka_unit_test(a_grant_without_the_token),
		cmocka_unit_test(certificates_are_named_and_revoked),
		cmocka_unit_test(passwords),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
