/* SPDX-License-Identifier: Apache-2.0 */
/* The serial of a token that took another's place: of each record of a key that it has, and no
 * other. */
#include "daemon/store/trustpoint.h"
#include "tests/unit/daemon/store/fixture.h"

#define FORMER "0123456789abcdef" /* of the fixture's records */
#define LATER  "fedcba9876543210"

static struct ca_key_place place_of(uint8_t key, const char *token)
{
	struct ca_key_place place = {
		.token = strdup(token),
		.token_serial = strdup(FORMER),
		.label = strdup("a label"),
		.spki = copy_of(SPAN_LITERAL("a key")),
	};

	memset(place.key_sha256, key, SHA256_SIZE);
	return place;
}

static void make_exchange(struct store *store, uint8_t key, const char *token)
{
	_cleanup_(ca_exchange_record_done) struct ca_exchange_record record = {
		.generation_id = 1,
		.key = place_of(key, token),
		.certificate = copy_of(SPAN_LITERAL("its certificate")),
		.not_before_s = NOW,
		.not_after_s = NOW + 400,
		.takes_over_s = NOW,
	};
	struct store_change change = {.server = LABEL, .now_s = NOW, .exchange = &record};

	assert_int_equal(store_commit(store, &change), 0);
}

/* An identity with key 0x31, and an enrolment under way with key 0x32. */
static void make_trustpoint(struct store *store)
{
	_cleanup_(ca_anchor_record_done) struct ca_anchor_record anchor = {
		.certificate = copy_of(SPAN_LITERAL("a CA's")),
		.not_before_s = NOW,
		.not_after_s = NOW + 1000,
		.accepted_s = NOW,
		.takes_over_s = NOW,
	};
	_cleanup_(ca_identity_record_done) struct ca_identity_record identity = {
		.usage = 1,
		.key = place_of(0x31, "soft"),
		.certificate = copy_of(SPAN_LITERAL("a certificate")),
		.not_before_s = NOW,
		.not_after_s = NOW + 500,
		.takes_over_s = NOW,
	};
	struct store_trustpoint_change born = {
		.name = "gate", .anchor = &anchor, .identity = &identity};
	struct store_change birth = {.now_s = NOW, .trustpoint = &born};

	assert_int_equal(store_commit(store, &birth), 0);
	_cleanup_(ca_enrollment_record_done) struct ca_enrollment_record enrollment = {
		.usage = 1,
		.kind = CA_ENROLLMENT_RENEWAL,
		.state = CA_ENROLLMENT_PENDING,
		.anchor_id = anchor.id,
		.signer_id = identity.id,
		.key = place_of(0x32, "soft"),
		.key_is_new = true,
		.signer = copy_of(SPAN_LITERAL("signer")),
		.message = copy_of(SPAN_LITERAL("message")),
		.transaction_id = copy_of(SPAN_LITERAL("0123456789ABCDEF")),
		.sender_nonce = copy_of(SPAN_LITERAL("nonce")),
		.subject = copy_of(SPAN_LITERAL("\x30\x00")),
		.created_s = NOW,
		.told = strdup("pending"),
	};
	struct store_trustpoint_change asked = {
		.name = "gate", .expected_revision = 1, .enrollment = &enrollment};
	struct store_change asking = {.now_s = NOW, .trustpoint = &asked};

	assert_int_equal(store_commit(store, &asking), 0);
}

/* A generation with 0x11 (the fixture's), exchange keys, and a trustpoint; 0x22 is on another
 * token. */
static struct store *make_all(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;

	make_exchange(store, 0x21, "soft");
	make_exchange(store, 0x22, "other");
	make_trustpoint(store);
	return store;
}

/* How many records it changed. @keys: each a byte that fills its hash. */
static unsigned adopt(struct store *store, const char *serial, const char *keys)
{
	uint8_t hashes[4][SHA256_SIZE];
	unsigned changed = 99;
	struct store_adoption adoption = {.token = "soft",
					  .serial = serial,
					  .keys = (const uint8_t(*)[SHA256_SIZE])hashes,
					  .n_keys = strlen(keys),
					  .ret_changed = &changed};
	struct store_change change = {.now_s = NOW, .adoption = &adoption};

	for (size_t i = 0; i < adoption.n_keys; i++)
		memset(hashes[i], keys[i], SHA256_SIZE);
	assert_int_equal(store_commit(store, &change), 0);
	return changed;
}

static void expect_generation(struct store *store, const char *serial)
{
	struct ca_generation_record *records = NULL;
	size_t n = 0;

	assert_int_equal(store_generations_load(store, LABEL, &records, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(records[0].token_serial, serial);
	ca_generation_records_free(records, n);
}

static void expect_exchanges(struct store *store, const char *first, const char *second)
{
	struct ca_exchange_record *records = NULL;
	size_t n = 0;

	assert_int_equal(store_exchanges_load(store, LABEL, &records, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(records[0].key.token_serial, first);
	assert_string_equal(records[1].key.token_serial, second);
	ca_exchange_records_free(records, n);
}

static void expect_trustpoint(struct store *store, const char *identity, const char *enrollment)
{
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state state = {};

	assert_int_equal(store_trustpoint_load(store, "gate", &state), 0);
	assert_int_equal(state.n_identities, 1);
	assert_int_equal(state.n_enrollments, 1);
	assert_string_equal(state.identities[0].key.token_serial, identity);
	assert_string_equal(state.enrollments[0].key.token_serial, enrollment);
}

/* Of every kind; the key of the same hash on another [Token] keeps its own. */
static void each_record_of_its_keys(void **state)
{
	struct store *store = make_all(state);

	assert_int_equal(adopt(store, LATER, "\x11\x21\x22\x31"), 3);
	fixture_reopen(*state);
	store = ((struct fixture *)*state)->store;
	expect_generation(store, LATER);
	expect_exchanges(store, LATER, FORMER);
	expect_trustpoint(store, LATER, FORMER);
	assert_int_equal(adopt(store, LATER, "\x32"), 1);
	expect_trustpoint(store, LATER, LATER);
}

static void once_more_changes_nothing(void **state)
{
	struct store *store = make_all(state);

	assert_int_equal(adopt(store, FORMER, "\x11\x21\x31\x32"), 0);
	assert_int_equal(adopt(store, LATER, "\x11"), 1);
	assert_int_equal(adopt(store, LATER, "\x11"), 0);
	expect_generation(store, LATER);
	expect_exchanges(store, FORMER, FORMER);
}

static void without_keys_nothing_is_adopted(void **state)
{
	struct store *store = make_all(state);

	assert_int_equal(adopt(store, LATER, ""), 0);
	assert_int_equal(adopt(store, LATER, "\x77"), 0);
	expect_generation(store, FORMER);
	expect_exchanges(store, FORMER, FORMER);
	expect_trustpoint(store, FORMER, FORMER);
}

/* Its audit event is of the same transaction. */
static void it_is_in_the_audit(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	const struct store_audit event = {"token.adopt", "uid 0", "{}"};
	uint8_t key[1][SHA256_SIZE];
	unsigned changed = 99;
	struct store_adoption adoption = {.token = "soft",
					  .serial = LATER,
					  .keys = (const uint8_t(*)[SHA256_SIZE])key,
					  .n_keys = 1,
					  .ret_changed = &changed};
	struct store_change change = {
		.now_s = NOW, .adoption = &adoption, .audit = &event, .n_audit = 1};
	int64_t before = -1, after = -1;

	memset(key, 0x11, sizeof(key));
	assert_int_equal(verify_audit(store, &before), 0);
	assert_int_equal(store_commit(store, &change), 0);
	assert_int_equal(verify_audit(store, &after), 0);
	assert_int_equal(after, before + 1);
	assert_int_equal(changed, 1);
	expect_generation(store, LATER);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)
		TEST(each_record_of_its_keys),
		TEST(once_more_changes_nothing),
		TEST(without_keys_nothing_is_adopted),
		TEST(it_is_in_the_audit),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
