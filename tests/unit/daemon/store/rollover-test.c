/* SPDX-License-Identifier: Apache-2.0 */
/* A generation from its birth to its end, and what goes with it. */
#include "tests/unit/daemon/store/fixture.h"

/* The server as it is recorded now; its texts are gone. */
static struct ca_server_record server(struct store *store)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	struct ca_server_record found;

	assert_int_equal(store_server_load(store, LABEL, &record), 0);
	found = record;
	found.label = NULL;
	return found;
}

/* The generation of this number, as it is recorded now; its texts are gone. */
static struct ca_generation_record generation(struct store *store, unsigned number)
{
	struct ca_generation_record *records, found = {};
	size_t n;

	assert_int_equal(store_generations_load(store, LABEL, &records, &n), 0);
	for (size_t i = 0; i < n; i++)
		if (records[i].number == number)
			found = records[i];
	ca_generation_records_free(records, n);
	return found;
}

static int64_t make_shadow(struct store *store)
{
	_cleanup_(ca_generation_record_done) struct ca_generation_record shadow = generation_of(2);
	static const int64_t none;
	struct store_change change = {.server = LABEL,
				      .now_s = NOW + 10,
				      .generation = &shadow,
				      .rollover_wish_s = &none};

	shadow.takes_over_s = shadow.not_before_s = NOW + 1000;
	shadow.not_after_s = NOW + 2000;
	memset(shadow.key_sha256, 0x12, SHA256_SIZE);
	assert_int_equal(store_commit(store, &change), 0);
	return shadow.id;
}

static int step(struct store *store, int64_t id, enum store_generation_step what, int64_t now_s)
{
	struct store_change change = {
		.server = LABEL, .now_s = now_s, .generation_id = id, .generation_step = what};

	return store_commit(store, &change);
}

static int give_out(struct store *store, int64_t id)
{
	struct store_change change = {
		.server = LABEL,
		.now_s = NOW + 20,
		.generation_id = id,
		.generation_step = STORE_GENERATION_AVAILABLE,
		.next_ca = SPAN_LITERAL("a message"),
	};

	return store_commit(store, &change);
}

static bool is_given_out(struct store *store)
{
	_cleanup_(bytes_done) struct bytes message = {};
	int r = store_next_ca_load(store, LABEL, &message);

	assert_true(r == 0 || r == STORE_NOT_FOUND);
	assert_true(r || span_equal(span_of(message), SPAN_LITERAL("a message")));
	return r == 0;
}

static void a_wish_lasts_until_a_shadow_is_there(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	const int64_t wish_s = NOW + 5;
	struct store_change change = {.server = LABEL, .now_s = NOW, .rollover_wish_s = &wish_s};

	assert_int_equal(store_commit(store, &change), 0);
	assert_int_equal(server(store).rollover_wish_s, wish_s);
	assert_true(make_shadow(store) > 0);
	assert_int_equal(server(store).rollover_wish_s, 0);
}

static void a_wish_without_a_shadow_is_cancelled_too(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	const int64_t wish_s = NOW + 5;
	struct store_change wish = {.server = LABEL, .now_s = NOW, .rollover_wish_s = &wish_s};
	struct store_change cancel = {.server = LABEL, .now_s = NOW + 9, .rollover_cancel = true};

	assert_int_equal(store_commit(store, &wish), 0);
	assert_int_equal(store_commit(store, &cancel), 0);
	assert_int_equal(server(store).rollover_wish_s, 0);
	assert_int_equal(server(store).rollover_cancelled_s, NOW + 9);
}

static int back_up(struct store *store, const struct ca_generation_record *of, int64_t now_s)
{
	struct store_change change = {.now_s = now_s, .backed_up_key = SPAN_ARRAY(of->key_sha256)};

	return store_commit(store, &change);
}

/* Of the key, not of a generation; again as often as there is another. */
static void a_backup_is_recorded_of_its_key(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	struct ca_generation_record other = generation(store, 1);

	assert_int_equal(generation(store, 1).backed_up_s, 0);
	other.key_sha256[0] ^= 1;
	assert_int_equal(back_up(store, &other, NOW + 1), 0);
	assert_int_equal(generation(store, 1).backed_up_s, 0);
	other.key_sha256[0] ^= 1;
	assert_int_equal(back_up(store, &other, NOW + 2), 0);
	assert_int_equal(generation(store, 1).backed_up_s, NOW + 2);
	assert_int_equal(back_up(store, &other, NOW + 3), 0);
	assert_int_equal(generation(store, 1).backed_up_s, NOW + 3);
}

/* Each once, with its moment, and none after the end of the key. */
static void steps_are_taken_once(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	int64_t id = make_shadow(store);

	assert_int_equal(generation(store, 2).archived_s, 0);
	assert_int_equal(step(store, id, STORE_GENERATION_ARCHIVED, NOW + 15), 0);
	assert_int_equal(step(store, id, STORE_GENERATION_ARCHIVED, NOW + 16), STORE_CHANGED);
	assert_int_equal(give_out(store, id), 0);
	assert_int_equal(give_out(store, id), STORE_CHANGED);
	assert_true(is_given_out(store));
	assert_int_equal(step(store, id, STORE_GENERATION_CHANGED_OVER, NOW + 1000), 0);
	assert_false(is_given_out(store));
	assert_int_equal(step(store, id, STORE_GENERATION_RELABELLED, NOW + 1001), 0);
	assert_int_equal(step(store, id, STORE_GENERATION_DESTROYED, NOW + 2001), 0);
	assert_int_equal(step(store, id, STORE_GENERATION_RELABELLED, NOW + 2002), STORE_CHANGED);
	assert_int_equal(generation(store, 2).archived_s, NOW + 15);
	assert_int_equal(generation(store, 2).available_s, NOW + 20);
	assert_int_equal(generation(store, 2).changed_over_s, NOW + 1000);
	assert_int_equal(generation(store, 2).relabelled_s, NOW + 1001);
	assert_int_equal(generation(store, 2).destroyed_s, NOW + 2001);
	assert_int_equal(generation(store, 1).destroyed_s, 0);
}

static void sign_ahead(struct store *store, int64_t id)
{
	struct store_change change = {
		.server = LABEL,
		.now_s = NOW + 30,
		.crl = SPAN_LITERAL("a CRL"),
		.crl_generation = id,
		.crl_is_ahead = true,
		.crl_number = 1,
		.crl_this_update_s = NOW + 1000,
		.crl_next_update_s = NOW + 1100,
	};

	assert_int_equal(store_commit(store, &change), 0);
}

static int64_t ask_for(struct store *store, unsigned number)
{
	_cleanup_(ca_request_record_done) struct ca_request_record request = request_of("t1", 1);

	request.generation = number;
	assert_int_equal(commit_request(store, &request, 0), 0);
	return request.id;
}

static struct store_dependents dependents(struct store *store, int64_t id)
{
	struct store_dependents found = {};

	assert_int_equal(store_generation_dependents(store, id, &found), 0);
	return found;
}

/* All that hung on it goes with it, and what is of another generation stays. */
static void a_cancel_takes_all_along(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	_cleanup_(ca_request_record_done) struct ca_request_record denied = {}, kept = {};
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};
	int64_t id = make_shadow(store), waiting, other;

	assert_int_equal(give_out(store, id), 0);
	sign_ahead(store, id);
	waiting = ask_for(store, 2);
	assert_int_equal(dependents(store, id).waiting, 1);
	assert_int_equal(dependents(store, id).issued, 0);
	{
		_cleanup_(ca_request_record_done) struct ca_request_record request =
			request_of("t2", 2);

		request.generation = 1;
		assert_int_equal(commit_request(store, &request, 0), 0);
		other = request.id;
	}
	assert_int_equal(step(store, id, STORE_GENERATION_CANCELLED, NOW + 50), 0);
	assert_int_equal(step(store, id, STORE_GENERATION_CANCELLED, NOW + 51), STORE_CHANGED);
	assert_false(is_given_out(store));
	assert_int_equal(store_crl_ahead_due(store, LABEL, NOW + 1000, &crl), STORE_NOT_FOUND);
	assert_int_equal(store_request_load(store, LABEL, waiting, &denied), 0);
	assert_int_equal(denied.state, CA_REQUEST_DENIED);
	assert_string_equal(denied.rule, "rollover-cancelled");
	assert_int_equal(store_request_load(store, LABEL, other, &kept), 0);
	assert_int_equal(kept.state, CA_REQUEST_PENDING);
	assert_int_equal(dependents(store, id).waiting, 0);
	assert_int_equal(generation(store, 2).destroyed_s, NOW + 50);
	assert_int_equal(server(store).rollover_cancelled_s, NOW + 50);
}

/* It was signed while somebody cancelled. */
static void a_cancelled_generation_gets_no_certificate(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	int64_t id = make_shadow(store);
	_cleanup_(
		ca_certificate_record_done) struct ca_certificate_record before = certificate_of(3),
									 after = certificate_of(4);

	before.generation_id = after.generation_id = id;
	assert_int_equal(commit_certificate(store, &before), 0);
	assert_int_equal(step(store, id, STORE_GENERATION_CANCELLED, NOW + 50), 0);
	assert_int_equal(commit_certificate(store, &after), STORE_CHANGED);
}

static void what_took_over_is_not_cancelled(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	int64_t id = make_shadow(store);

	assert_int_equal(step(store, id, STORE_GENERATION_CHANGED_OVER, NOW + 1000), 0);
	assert_int_equal(step(store, id, STORE_GENERATION_CANCELLED, NOW + 999), STORE_CHANGED);
	assert_int_equal(generation(store, 2).destroyed_s, 0);
	assert_int_equal(server(store).rollover_cancelled_s, 0);
}

/* In an emergency: another certificate, in force at once, with the next serial. */
static int renew(struct store *store, int64_t id, uint64_t counter, int64_t now_s)
{
	_cleanup_(ca_generation_record_done) struct ca_generation_record renewed = generation_of(2);
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {
		.counter = counter,
		.class = GRANT_CLASS_SUBORDINATE,
		.not_before_s = now_s,
		.not_after_s = now_s + 1000,
		.serial = copy_of(SPAN(&(uint8_t){(uint8_t)counter}, 1)),
		.subject = copy_of(SPAN_LITERAL("\x30\x00")),
		.certificate = copy_of(SPAN_LITERAL("another certificate")),
	};
	struct store_change change = {.server = LABEL,
				      .now_s = now_s,
				      .renewed_generation = &renewed,
				      .certificate = &certificate};
	int r;

	memset(certificate.key_sha256, 0x12, SHA256_SIZE);
	renewed.id = id;
	renewed.counter = counter;
	renewed.not_before_s = renewed.takes_over_s = renewed.changed_over_s = now_s;
	renewed.not_after_s = now_s + 1000;
	r = store_commit(store, &change);
	assert_true(r || certificate.generation_id == id);
	return r;
}

static void a_renewed_generation_takes_over_at_once(void **state)
{
	struct store *store = ((struct fixture *)*state)->store;
	int64_t id = make_shadow(store);
	uint64_t first;

	assert_int_equal(give_out(store, id), 0);
	assert_int_equal(renew(store, id, 3, NOW + 60), 0);
	assert_false(is_given_out(store));
	assert_int_equal(generation(store, 2).takes_over_s, NOW + 60);
	assert_int_equal(generation(store, 2).not_after_s, NOW + 1060);
	assert_int_equal(generation(store, 2).certified_until_s, NOW + 1060);
	assert_int_equal(generation(store, 2).changed_over_s, NOW + 60);
	assert_int_equal(generation(store, 2).counter, 3);
	assert_int_equal(store_serials_reserve(store, LABEL, 1, &first), 0);
	assert_int_equal(first, 4); /* its serial is given to nobody else */
	assert_int_equal(renew(store, id, 5, NOW + 60), STORE_CHANGED);
	assert_int_equal(renew(store, id, 5, NOW + 61), STORE_CHANGED);
	/* The clock was set back: its turn is still to come. */
	assert_int_equal(renew(store, id, 5, NOW + 59), 0);
	assert_int_equal(generation(store, 2).takes_over_s, NOW + 59);
	assert_int_equal(generation(store, 2).certified_until_s, NOW + 1060);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)
		TEST(a_wish_lasts_until_a_shadow_is_there),
		TEST(a_wish_without_a_shadow_is_cancelled_too),
		TEST(a_backup_is_recorded_of_its_key),
		TEST(steps_are_taken_once),
		TEST(a_cancel_takes_all_along),
		TEST(a_cancelled_generation_gets_no_certificate),
		TEST(what_took_over_is_not_cancelled),
		TEST(a_renewed_generation_takes_over_at_once),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
