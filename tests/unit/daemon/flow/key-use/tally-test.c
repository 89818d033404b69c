/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/key-use/tally.h"
#include "policy/key-use.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW    INT64_C(1700000000)
#define NOW_MS INT64_C(5000000)

static struct key_use_tally *tally;

static int begin(void **state)
{
	(void)state;
	return key_use_tally_new(&tally);
}

static int end(void **state)
{
	(void)state;
	tally = key_use_tally_free(tally);
	return 0;
}

static struct key_use_count count_of(const char *rule)
{
	struct key_use_count count;

	assert_int_equal(key_use_tally_get(tally, rule, &count), 0);
	return count;
}

static void each_rule_has_its_counts(void **state)
{
	static const uint8_t key[SHA256_SIZE] = {1}, other[SHA256_SIZE] = {2};
	struct key_use_count count;

	(void)state;
	key_use_tally_allowed(tally, "web", KEY_USE_TLS, SPAN_ARRAY(key), NOW);
	key_use_tally_allowed(tally, "web", KEY_USE_ANY, SPAN_ARRAY(key), NOW + 1);
	key_use_tally_refused(tally, "web", "first", NOW + 2);
	key_use_tally_refused(tally, "web", "last", NOW + 3);
	key_use_tally_failed(tally, "mail");
	count = count_of("web");
	assert_int_equal(count.allowed[0], 1);
	assert_int_equal(count.allowed[1] + count.allowed[2], 0);
	assert_int_equal(count.allowed[3], 1);
	assert_int_equal(count.used_s, NOW + 1);
	assert_int_equal(count.refused, 2);
	assert_int_equal(count.refused_s, NOW + 3);
	assert_string_equal(count.refusal, "last");
	assert_int_equal(count.failed, 0);
	key_use_count_done(&count);
	assert_int_equal(count_of("mail").failed, 1);
	assert_int_equal(count_of("none").refused, 0);
	assert_int_equal(key_use_tally_last_s(tally, SPAN_ARRAY(key)), NOW + 1);
	assert_int_equal(key_use_tally_last_s(tally, SPAN_ARRAY(other)), 0);
}

/* However many keys there are, the one that was used last is remembered. */
static void of_too_many_keys_the_oldest_goes(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 1000; i++) {
		const uint8_t key[SHA256_SIZE] = {(uint8_t)i, (uint8_t)(i >> 8)};

		key_use_tally_allowed(tally, "web", KEY_USE_TLS, SPAN_ARRAY(key), NOW + i);
		assert_int_equal(key_use_tally_last_s(tally, SPAN_ARRAY(key)), NOW + i);
	}
	assert_int_equal(key_use_tally_last_s(tally, SPAN_ARRAY(((uint8_t[SHA256_SIZE]){1}))), 0);
}

static unsigned take(const char *rule, uint32_t uid, int64_t now_ms)
{
	unsigned n = 0;

	while (n < 1000 && key_use_tally_take(tally, rule, 10, uid, now_ms))
		n++;
	return n;
}

static void each_user_has_his_rate(void **state)
{
	(void)state;
	assert_int_equal(take("web", 33, NOW_MS), 20);
	assert_int_equal(take("web", 34, NOW_MS), 20);
	assert_int_equal(take("mail", 33, NOW_MS), 20);
	assert_int_equal(take("web", 33, NOW_MS + 99), 0);
	assert_int_equal(take("web", 33, NOW_MS + 100), 1);
	assert_int_equal(take("web", 33, NOW_MS + 1100), 10);
	/* Others by the hundreds make nobody's limit wider while they have less behind them. */
	for (uint32_t uid = 1000; uid < 3000; uid++)
		assert_true(key_use_tally_take(tally, "web", 10, uid, NOW_MS + 1101));
	assert_int_equal(take("web", 33, NOW_MS + 1101), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_rule_has_its_counts, begin, end),
		cmocka_unit_test_setup_teardown(of_too_many_keys_the_oldest_goes, begin, end),
		cmocka_unit_test_setup_teardown(each_user_has_his_rate, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
