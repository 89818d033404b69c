/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/store/fixture.h"

static struct store_checkpoint checkpoint_of(int64_t number)
{
	return (struct store_checkpoint){
		.number = number,
		.seq = number * 10,
		.time_s = NOW + number,
		.token = "usbtoken0",
		.spki = SPAN_LITERAL("key"),
		.to_be_signed = SPAN_LITERAL("checkpoint"),
		.signature = SPAN_LITERAL("signature"),
	};
}

static int count(void *context, const struct store_checkpoint *checkpoint)
{
	int64_t *last = context;
	struct store_checkpoint expected = checkpoint_of(checkpoint->number);

	assert_true(checkpoint->number > *last);
	assert_int_equal(checkpoint->seq, expected.seq);
	assert_int_equal(checkpoint->time_s, expected.time_s);
	assert_string_equal(checkpoint->token, expected.token);
	assert_true(span_equal(checkpoint->spki, expected.spki));
	assert_true(span_equal(checkpoint->to_be_signed, expected.to_be_signed));
	assert_true(span_equal(checkpoint->signature, expected.signature));
	*last = checkpoint->number;
	return 0;
}

static void checkpoints_come_back_in_order(void **state)
{
	struct fixture *fixture = *state;
	int64_t last = 0;

	assert_int_equal(store_checkpoint_newest(fixture->store, count, &last), 0);
	assert_int_equal(last, 0);
	for (int64_t number = 1; number <= 3; number++) {
		struct store_checkpoint checkpoint = checkpoint_of(number);

		assert_int_equal(store_checkpoint_add(fixture->store, &checkpoint), 0);
		assert_int_equal(store_checkpoint_add(fixture->store, &checkpoint), STORE_EXISTS);
	}
	fixture_reopen(fixture);
	assert_int_equal(store_checkpoint_list(fixture->store, count, &last), 0);
	assert_int_equal(last, 3);
	last = 2;
	assert_int_equal(store_checkpoint_newest(fixture->store, count, &last), 0);
	assert_int_equal(last, 3);
}

static void a_database_keeps_its_name(void **state)
{
	struct fixture *fixture = *state;
	static const uint8_t none[STORE_ID_SIZE];
	uint8_t before[STORE_ID_SIZE], after[STORE_ID_SIZE];

	assert_int_equal(store_id(fixture->store, before), 0);
	fixture_reopen(fixture);
	assert_int_equal(store_id(fixture->store, after), 0);
	assert_memory_equal(before, after, STORE_ID_SIZE);
	assert_memory_not_equal(before, none, STORE_ID_SIZE);
}

static void a_place_in_a_token_s_log_is_kept(void **state)
{
	struct fixture *fixture = *state;
	int64_t number = -1;

	assert_int_equal(store_token_log_load(fixture->store, "a", &number), 0);
	assert_int_equal(number, 0);
	assert_int_equal(store_token_log_save(fixture->store, "a", 5), 0);
	assert_int_equal(store_token_log_save(fixture->store, "b", 6), 0);
	assert_int_equal(store_token_log_save(fixture->store, "a", 7), 0);
	assert_int_equal(store_token_log_load(fixture->store, "a", &number), 0);
	assert_int_equal(number, 7);
}

static void a_certificate_is_found_by_its_issuer_s_key(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_generation_record_done) struct ca_generation_record generation =
		generation_of(1);
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record issued =
		certificate_of(2);
	struct store_change change = {.server = LABEL, .now_s = NOW, .certificate = &issued};
	_cleanup_(bytes_done) struct bytes certificate = {};
	_cleanup_(freep) char *label = NULL, *same = NULL, *none = NULL;

	assert_int_equal(store_commit(fixture->store, &change), 0);
	assert_int_equal(store_certificate_of_key(fixture->store, SPAN_ARRAY(generation.key_sha256),
						  SPAN_LITERAL("\x02"), &certificate, &label),
			 0);
	assert_string_equal(label, LABEL);
	assert_true(certificate.size > 0);
	assert_int_equal(store_certificate_of_key(fixture->store, SPAN_ARRAY(generation.key_sha256),
						  SPAN_LITERAL("\x77"), &certificate, &same),
			 STORE_NOT_FOUND);
	assert_string_equal(same, LABEL);
	assert_int_equal(store_certificate_of_key(fixture->store, SPAN_LITERAL("nobody's"),
						  SPAN_LITERAL("\x02"), &certificate, &none),
			 STORE_NOT_FOUND);
	assert_null(none);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_make, fixture_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(checkpoints_come_back_in_order),
		TEST(a_database_keeps_its_name),
		TEST(a_place_in_a_token_s_log_is_kept),
		TEST(a_certificate_is_found_by_its_issuer_s_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
