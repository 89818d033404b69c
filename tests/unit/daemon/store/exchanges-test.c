/* SPDX-License-Identifier: Apache-2.0 */
/* Exchange keys from their birth to their end. */
#include "tests/unit/daemon/store/fixture.h"

static struct ca_exchange_record exchange_of(int64_t generation_id, uint8_t key)
{
	struct ca_exchange_record record = {
		.generation_id = generation_id,
		.key =
			{
				.token = strdup("hsm"),
				.token_serial = strdup("77"),
				.label = strdup(LABEL "-exchange#"),
				.spki = copy_of(SPAN_LITERAL("an exchange key")),
			},
		.certificate = copy_of(SPAN_LITERAL("its certificate")),
		.not_before_s = NOW - 1,
		.not_after_s = NOW + 400,
		.takes_over_s = NOW + 30,
	};

	memset(record.key.key_sha256, key, SHA256_SIZE);
	return record;
}

static int commit(struct store *store, struct ca_exchange_record *record)
{
	struct store_change change = {.server = LABEL, .now_s = NOW, .exchange = record};

	return store_commit(store, &change);
}

static int64_t make(struct store *store, uint8_t key)
{
	_cleanup_(ca_exchange_record_done) struct ca_exchange_record record = exchange_of(1, key);

	assert_int_equal(commit(store, &record), 0);
	assert_true(record.id > 0);
	return record.id;
}

static int step(struct store *store, int64_t id, enum store_exchange_step what, int64_t now_s)
{
	struct store_change change = {
		.server = LABEL, .now_s = now_s, .exchange_id = id, .exchange_step = what};

	return store_commit(store, &change);
}

struct loaded {
	struct ca_exchange_record *items;
	size_t n;
};

static void loaded_done(struct loaded *loaded)
{
	ca_exchange_records_free(loaded->items, loaded->n);
}

static struct loaded load(struct store *store, const char *label)
{
	struct loaded loaded = {};

	assert_int_equal(store_exchanges_load(store, label, &loaded.items, &loaded.n), 0);
	return loaded;
}

static void one_comes_back_as_it_went_in(void **state)
{
	struct fixture *fixture = *state;
	int64_t id = make(fixture->store, 0x21);
	_cleanup_(loaded_done) struct loaded loaded = {};
	const struct ca_exchange_record *found;

	fixture_reopen(fixture);
	loaded = load(fixture->store, LABEL);
	assert_int_equal(loaded.n, 1);
	found = &loaded.items[0];
	assert_int_equal(found->id, id);
	assert_int_equal(found->generation_id, 1);
	assert_string_equal(found->key.token, "hsm");
	assert_string_equal(found->key.token_serial, "77");
	assert_string_equal(found->key.label, LABEL "-exchange#");
	assert_true(span_equal(span_of(found->key.spki), SPAN_LITERAL("an exchange key")));
	assert_int_equal(found->key.key_sha256[31], 0x21);
	assert_true(span_equal(span_of(found->certificate), SPAN_LITERAL("its certificate")));
	assert_int_equal(found->not_before_s, NOW - 1);
	assert_int_equal(found->not_after_s, NOW + 400);
	assert_int_equal(found->takes_over_s, NOW + 30);
	assert_int_equal(found->relabelled_s, 0);
	assert_int_equal(found->destroyed_s, 0);
}

/* An RA's first: the CA's certificate and its own come with one change. */
static void one_may_come_with_its_generation(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	_cleanup_(ca_generation_record_done) struct ca_generation_record generation =
		generation_of(2);
	_cleanup_(ca_exchange_record_done) struct ca_exchange_record record = exchange_of(0, 0x22);
	struct store_change change = {
		.server = LABEL, .now_s = NOW, .generation = &generation, .exchange = &record};

	assert_int_equal(store_commit(store, &change), 0);
	assert_true(generation.id > 1);
	assert_int_equal(record.generation_id, generation.id);
}

static void they_come_in_the_order_in_which_they_were_made(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	_cleanup_(loaded_done) struct loaded loaded = {}, others = {};

	make_server(store, "OTHER");
	make(store, 0x21);
	make(store, 0x22);
	loaded = load(store, LABEL);
	others = load(store, "OTHER");
	assert_int_equal(loaded.n, 2);
	assert_int_equal(others.n, 0);
	assert_true(loaded.items[0].id < loaded.items[1].id);
}

static void steps_are_taken_once(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	int64_t id = make(store, 0x21), other = make(store, 0x22);
	_cleanup_(loaded_done) struct loaded loaded = {};

	assert_int_equal(step(store, id, STORE_EXCHANGE_RELABELLED, NOW + 1), 0);
	assert_int_equal(step(store, id, STORE_EXCHANGE_RELABELLED, NOW + 2), STORE_CHANGED);
	assert_int_equal(step(store, id, STORE_EXCHANGE_DESTROYED, NOW + 3), 0);
	assert_int_equal(step(store, id, STORE_EXCHANGE_DESTROYED, NOW + 4), STORE_CHANGED);
	assert_int_equal(step(store, other, STORE_EXCHANGE_DESTROYED, NOW + 5), 0);
	assert_int_equal(step(store, other, STORE_EXCHANGE_RELABELLED, NOW + 6), STORE_CHANGED);
	loaded = load(store, LABEL);
	assert_string_equal(loaded.items[0].key.label, LABEL "-exchange");
	assert_int_equal(loaded.items[0].relabelled_s, NOW + 1);
	assert_int_equal(loaded.items[0].destroyed_s, NOW + 3);
	assert_string_equal(loaded.items[1].key.label, LABEL "-exchange#");
}

/* Its generation's key went, or it is another server's. */
static void none_is_made_for_what_is_gone(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	_cleanup_(ca_exchange_record_done) struct ca_exchange_record mine = exchange_of(1, 0x21),
								     others = exchange_of(2, 0x22);
	struct store_change destroy = {.server = LABEL,
				       .now_s = NOW,
				       .generation_id = 1,
				       .generation_step = STORE_GENERATION_DESTROYED};

	make_server(store, "OTHER");
	assert_int_equal(commit(store, &others), STORE_CHANGED);
	assert_int_equal(store_commit(store, &destroy), 0);
	assert_int_equal(commit(store, &mine), STORE_CHANGED);
}

static void a_step_is_of_its_own_server(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	int64_t id = make(store, 0x21);
	struct store_change change = {.server = "OTHER",
				      .now_s = NOW,
				      .exchange_id = id,
				      .exchange_step = STORE_EXCHANGE_DESTROYED};

	make_server(store, "OTHER");
	assert_int_equal(store_commit(store, &change), STORE_CHANGED);
}

/* The label is another's then, which has none of them. */
static void they_go_with_their_server(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	struct store_change delete = {.server = LABEL, .now_s = NOW + 9, .delete_server = true};
	int64_t id = make(store, 0x21);
	_cleanup_(loaded_done) struct loaded loaded = {};

	assert_int_equal(store_commit(store, &delete), 0);
	make_server(store, LABEL);
	loaded = load(store, LABEL);
	assert_int_equal(loaded.n, 0);
	assert_int_equal(step(store, id, STORE_EXCHANGE_DESTROYED, NOW + 10), STORE_CHANGED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)
		TEST(one_comes_back_as_it_went_in),
		TEST(one_may_come_with_its_generation),
		TEST(they_come_in_the_order_in_which_they_were_made),
		TEST(steps_are_taken_once),
		TEST(none_is_made_for_what_is_gone),
		TEST(a_step_is_of_its_own_server),
		TEST(they_go_with_their_server),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
