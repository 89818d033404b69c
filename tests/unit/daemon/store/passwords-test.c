/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/store/fixture.h"
#include <pthread.h>

static int generate(struct store *store, uint8_t mac_byte, struct span subject, int64_t expires_s)
{
	uint8_t mac[SHA256_SIZE];
	struct store_change change = {.server = LABEL,
				      .now_s = NOW,
				      .password_mac = SPAN_ARRAY(mac),
				      .password_subject = subject,
				      .password_expires_s = expires_s};

	memset(mac, mac_byte, sizeof(mac));
	return store_commit(store, &change);
}

static void find(struct store *store, uint8_t mac_byte, struct ca_password_record *ret)
{
	uint8_t mac[SHA256_SIZE];

	memset(mac, mac_byte, sizeof(mac));
	assert_int_equal(store_password_find(store, LABEL, SPAN_ARRAY(mac), ret), 0);
}

static int64_t id_of(struct store *store, uint8_t mac_byte)
{
	struct ca_password_record record = {};
	int64_t id;

	find(store, mac_byte, &record);
	id = record.id;
	ca_password_record_done(&record);
	return id;
}

static bool is_superseded(struct store *store, uint8_t mac_byte)
{
	struct ca_password_record record = {};
	bool superseded;

	find(store, mac_byte, &record);
	superseded = record.superseded;
	ca_password_record_done(&record);
	return superseded;
}

static int spend(struct store *store, int64_t id, int64_t now_s)
{
	struct store_change change = {.server = LABEL, .now_s = now_s, .password_used = id};

	return store_commit(store, &change);
}

static void a_password_is_found_by_its_mac_alone(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_password_record_done) struct ca_password_record record = {};

	find(fixture->store, 1, &record);
	assert_int_equal(record.id, 0);
	assert_int_equal(generate(fixture->store, 1, SPAN_LITERAL("\x30\x01S"), NOW + 60), 0);
	assert_int_equal(generate(fixture->store, 1, SPAN_LITERAL(""), NOW + 60), STORE_EXISTS);
	fixture_reopen(fixture);
	find(fixture->store, 2, &record);
	assert_int_equal(record.id, 0);
	find(fixture->store, 1, &record);
	assert_true(record.id > 0);
	assert_int_equal(record.created_s, NOW);
	assert_int_equal(record.expires_s, NOW + 60);
	assert_int_equal(record.used_s, 0);
	assert_false(record.superseded);
	assert_true(span_equal(span_of(record.subject), SPAN_LITERAL("\x30\x01S")));
}

static void a_new_one_ends_the_one_before_for_the_same_subject(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;

	assert_int_equal(generate(store, 1, (struct span){}, NOW + 60), 0);
	assert_int_equal(generate(store, 2, SPAN_LITERAL("\x30\x01S"), NOW + 60), 0);
	assert_int_equal(generate(store, 3, SPAN_LITERAL("\x30\x01T"), NOW + 60), 0);
	assert_false(is_superseded(store, 1));
	assert_int_equal(generate(store, 4, (struct span){}, NOW + 60), 0);
	assert_true(is_superseded(store, 1));
	assert_false(is_superseded(store, 2));
	assert_false(is_superseded(store, 3));
	assert_int_equal(generate(store, 5, SPAN_LITERAL("\x30\x01S"), NOW + 60), 0);
	assert_true(is_superseded(store, 2));
	assert_false(is_superseded(store, 3));
	assert_false(is_superseded(store, 4));
}

static void a_password_is_spent_once_and_only_while_it_lives(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	_cleanup_(ca_password_record_done) struct ca_password_record record = {};
	int64_t superseded;
	int64_t live;

	assert_int_equal(generate(store, 1, (struct span){}, NOW + 60), 0);
	assert_int_equal(generate(store, 2, (struct span){}, NOW + 60), 0);
	superseded = id_of(store, 1);
	live = id_of(store, 2);
	assert_int_equal(spend(store, superseded, NOW), STORE_CHANGED);
	assert_int_equal(spend(store, live, NOW + 60), STORE_CHANGED);
	assert_int_equal(spend(store, live + 100, NOW), STORE_CHANGED);
	assert_int_equal(spend(store, live, NOW + 59), 0);
	assert_int_equal(spend(store, live, NOW + 59), STORE_CHANGED);
	find(store, 2, &record);
	assert_int_equal(record.used_s, NOW + 59);

	/* A used one stays known as used when another is made. */
	assert_int_equal(generate(store, 3, (struct span){}, NOW + 60), 0);
	assert_false(is_superseded(store, 2));
}

static void servers_have_their_own(void **state)
{
	struct fixture *fixture = *state;
	struct ca_password_record record = {};
	struct store_change change = {.server = "other", .now_s = NOW};
	uint8_t mac[SHA256_SIZE];

	memset(mac, 1, sizeof(mac));
	make_server(fixture->store, "other");
	assert_int_equal(generate(fixture->store, 1, (struct span){}, NOW + 60), 0);
	assert_int_equal(store_password_find(fixture->store, "other", SPAN_ARRAY(mac), &record), 0);
	assert_int_equal(record.id, 0);
	change.password_used = id_of(fixture->store, 1);
	assert_int_equal(store_commit(fixture->store, &change), STORE_CHANGED);
}

#define THREADS 32

struct enrolment {
	pthread_t thread;
	struct store *store;
	int64_t password_id;
	struct ca_request_record request;
	struct ca_certificate_record certificate;
	int result;
};

static void *enroll(void *argument)
{
	struct enrolment *e = argument;
	struct store_change change = {.server = LABEL,
				      .now_s = NOW,
				      .request = &e->request,
				      .certificate = &e->certificate,
				      .password_used = e->password_id};

	e->result = store_commit(e->store, &change);
	return NULL;
}

/* 32 routers bring the same password at the same time: one gets a certificate, and of the others
 * nothing is in the database. */
static void one_password_lets_exactly_one_through(void **state)
{
	struct fixture *fixture = *state;
	struct enrolment enrolments[THREADS] = {};
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};
	unsigned won = 0;
	uint64_t winner = 0;

	assert_int_equal(generate(fixture->store, 1, (struct span){}, NOW + 60), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		struct enrolment *e = &enrolments[i];
		char transaction[8];

		snprintf(transaction, sizeof(transaction), "t%u", i);
		e->store = fixture->store;
		e->password_id = id_of(fixture->store, 1);
		e->request = request_of(transaction, (uint8_t)i);
		e->request.state = CA_REQUEST_GRANTED;
		e->request.password_id = e->password_id;
		e->certificate = certificate_of(10 + i);
	}
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&enrolments[i].thread, NULL, enroll, &enrolments[i]), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		struct enrolment *e = &enrolments[i];

		pthread_join(e->thread, NULL);
		assert_true(e->result == 0 || e->result == STORE_CHANGED);
		assert_int_equal(e->certificate.id != 0, e->result == 0);
		if (!e->result) {
			won++;
			winner = e->certificate.counter;
		}
		ca_request_record_done(&e->request);
		ca_certificate_record_done(&e->certificate);
	}
	assert_int_equal(won, 1);
	assert_int_equal(store_server_load(fixture->store, LABEL, &server), 0);
	assert_int_equal(server.last_counter, winner);
}

static void the_first_end_of_those_that_are_live(void **state)
{
	struct fixture *fixture = *state;
	int64_t first_s = 1;

	assert_int_equal(store_password_first_expiry(fixture->store, LABEL, NOW, &first_s), 0);
	assert_int_equal(first_s, 0);
	assert_int_equal(generate(fixture->store, 1, SPAN_LITERAL("a"), NOW + 60), 0);
	assert_int_equal(generate(fixture->store, 2, SPAN_LITERAL("b"), NOW + 30), 0);
	assert_int_equal(store_password_first_expiry(fixture->store, LABEL, NOW, &first_s), 0);
	assert_int_equal(first_s, NOW + 30);
	assert_int_equal(store_password_first_expiry(fixture->store, LABEL, NOW + 30, &first_s), 0);
	assert_int_equal(first_s, NOW + 60);
	assert_int_equal(spend(fixture->store, id_of(fixture->store, 2), NOW), 0);
	assert_int_equal(store_password_first_expiry(fixture->store, LABEL, NOW, &first_s), 0);
	assert_int_equal(first_s, NOW + 60);
	assert_int_equal(store_password_first_expiry(fixture->store, "ELSE", NOW, &first_s), 0);
	assert_int_equal(first_s, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_end_of_those_that_are_live, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_password_is_found_by_its_mac_alone, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_new_one_ends_the_one_before_for_the_same_subject,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(a_password_is_spent_once_and_only_while_it_lives,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(servers_have_their_own, fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(one_password_lets_exactly_one_through, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
