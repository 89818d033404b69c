/* SPDX-License-Identifier: Apache-2.0 */
/* The pool and its patience, against a token's process that behaves in every bad way. */
#include "hsm/key/token-link.h"

#include "fake-token.h"

static int answer(int fd, const struct ipc_packet *question)
{
	static const uint8_t id[] = {1, 2, 3};
	struct ipc_token_key_info key = {.role = 1};
	struct ipc_token_state token = {.state = TOKEN_READY};
	struct ipc_token_made made = {SPAN_ARRAY(id), SPAN_ARRAY(id), SPAN_LITERAL("4711")};
	uint64_t tag = question->header.tag;

	if (question->header.number == IPC_TOKEN_MAKE)
		return ipc_send(fd, IPC_TOKEN_MADE, tag, &made);
	if (question->header.number == IPC_TOKEN_STATUS)
		return ipc_send(fd, IPC_TOKEN_STATE, tag, &token);
	return ipc_send(fd, IPC_TOKEN_KEY_INFO, tag, &key);
}

/* KEY: of what is asked patiently, it has the shortest time limit. */
static int ask_key(struct token_link *link)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_key key = {};
	int r = token_link_ask(link, IPC_TOKEN_KEY, &key, &packet, NULL);

	assert_int_equal(packet.header.number, r == 0 ? IPC_TOKEN_KEY_INFO : IPC_NONE);
	return r;
}

/* How a token stands is told at once: nobody waits for its process to come back. */
static void status_does_not_wait(void **state)
{
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_status status = {};

	(void)state;
	assert_int_equal(token_link_new("t", "/nonexistent/t.sock", INT64_MAX / 2, &link), 0);
	assert_int_equal(token_link_ask(link, IPC_TOKEN_STATUS, &status, &packet, NULL),
			 TOKEN_LINK_ASK_LATER);
}

static int ask_make(struct token_link *link, char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_make make = {.role = 1, .bits = 2048};
	int r = token_link_ask(link, IPC_TOKEN_MAKE, &make, &packet, ret_reason);

	assert_int_equal(packet.header.number, r == 0 ? IPC_TOKEN_MADE : IPC_NONE);
	return r;
}

/* One row: the acts, how patient we are, what a KEY gives, and how often it was asked. */
static const struct {
	enum act acts[4];
	size_t n_acts;
	int64_t patience_ms;
	int r;
	unsigned n_questions;
} rows[] = {
	{{ACT_ANSWER}, 1, 0, 0, 1},
	{{ACT_ANSWER}, 1, 60000, 0, 1},
	/* One retry for a connection that broke, even without patience. */
	{{ACT_CLOSE, ACT_ANSWER}, 2, 0, 0, 2},
	{{ACT_CLOSE, ACT_CLOSE, ACT_ANSWER}, 3, 0, TOKEN_LINK_ASK_LATER, 2},
	{{ACT_CLOSE, ACT_CLOSE, ACT_CLOSE, ACT_ANSWER}, 4, 60000, 0, 4},
	/* Away for a while. */
	{{ACT_DIE, ACT_ANSWER}, 2, 60000, 0, 2},
	{{ACT_DIE, ACT_DIE, ACT_ANSWER}, 3, 60000, 0, 3},
	/* An answer is an answer, and not asked for again. */
	{{ACT_LATER, ACT_ANSWER}, 2, 60000, TOKEN_LINK_ASK_LATER, 1},
	{{ACT_REFUSED, ACT_ANSWER}, 2, 60000, TOKEN_LINK_ASK_REFUSED, 1},
	{{ACT_NOT_FOUND, ACT_ANSWER}, 2, 60000, TOKEN_LINK_ASK_NOT_FOUND, 1},
	{{ACT_INVALID, ACT_ANSWER}, 2, 60000, -EINVAL, 1},
	{{ACT_FAULT, ACT_ANSWER}, 2, 60000, -EIO, 1},
	{{ACT_STRANGE_FAILURE, ACT_ANSWER}, 2, 60000, -EBADMSG, 1},
	{{ACT_WRONG_TAG, ACT_ANSWER}, 2, 60000, -EBADMSG, 1},
};

static void outcomes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(token_link_unrefp) struct token_link *link = NULL;
		struct fake_token fake = {
			.acts = rows[i].acts, .n_acts = rows[i].n_acts, .answer = answer};

		fake_start(&fake);
		assert_int_equal(token_link_new("t", fake.path, rows[i].patience_ms, &link), 0);
		int r = ask_key(link);
		if (r != rows[i].r)
			fail_msg("row %zu gave %d", i, r);
		assert_int_equal(fake.n_questions, rows[i].n_questions);
		fake_stop(&fake);
	}
}

static void reasons_come_with_outcomes(void **state)
{
	static const enum act acts[] = {ACT_LATER, ACT_REFUSED, ACT_NOT_FOUND, ACT_FAULT,
					ACT_ANSWER};
	static const char *const expected[] = {"because of 1", "because of 2", "because of 3",
					       "because of 5", NULL};
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	struct fake_token fake = {.acts = acts, .n_acts = ELEMENTS(acts), .answer = answer};

	(void)state;
	fake_start(&fake);
	assert_int_equal(token_link_new("t", fake.path, 60000, &link), 0);
	for (size_t i = 0; i < ELEMENTS(acts); i++) {
		_cleanup_(freep) char *reason = NULL;

		(void)!ask_make(link, &reason);
		if (expected[i])
			assert_string_equal(reason, expected[i]);
		else
			assert_null(reason);
	}
	fake_stop(&fake);
}

static void nobody_listens(void **state)
{
	static const enum act acts[] = {ACT_ANSWER};
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	struct fake_token fake = {.acts = acts, .n_acts = 1, .answer = answer};
	_cleanup_(freep) char *reason = NULL;

	(void)state;
	fake_prepare(&fake);
	assert_int_equal(token_link_new("usbtoken0", fake.path, 30, &link), 0);
	assert_string_equal(token_link_name(link), "usbtoken0");
	int64_t before_ms = clock_monotonic_ms();
	assert_int_equal(ask_key(link), TOKEN_LINK_ASK_LATER);
	assert_true(clock_monotonic_ms() - before_ms >= 30);
	assert_int_equal(ask_make(link, &reason), TOKEN_LINK_ASK_LATER);
	assert_non_null(strstr(reason, "does not answer"));
	/* Later it comes. */
	assert_int_equal(fake_listen(&fake), 0);
	assert_int_equal(pthread_create(&fake.thread, NULL, fake_run, &fake), 0);
	assert_int_equal(ask_key(link), 0);
	fake_stop(&fake);
}

static void a_path_that_can_be_no_socket(void **state)
{
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	char path[300];

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(token_link_new("t", path, 60000, &link), 0);
	assert_true(ask_key(link) < 0);
}

static void connections_are_used_again(void **state)
{
	static const enum act acts[] = {ACT_ANSWER, ACT_LATER, ACT_ANSWER};
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	struct fake_token fake = {.acts = acts, .n_acts = ELEMENTS(acts), .answer = answer};

	(void)state;
	fake_start(&fake);
	assert_int_equal(token_link_new("t", fake.path, 0, &link), 0);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(ask_key(link), i == 1 ? TOKEN_LINK_ASK_LATER : 0);
	assert_int_equal(fake.n_connections, 1);
	fake_stop(&fake);
}

/* A token's process that was restarted between two questions: every idle connection has ended. */
static void idle_connections_can_be_stale(void **state)
{
	static const enum act acts[] = {ACT_ANSWER, ACT_ANSWER_AND_CLOSE, ACT_ANSWER};
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	struct fake_token fake = {.acts = acts, .n_acts = ELEMENTS(acts), .answer = answer};

	(void)state;
	fake_start(&fake);
	assert_int_equal(token_link_new("t", fake.path, 0, &link), 0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(ask_key(link), 0);
	assert_int_equal(fake.n_questions, 3);
	assert_int_equal(fake.n_connections, 2);
	fake_stop(&fake);
}

/* A daemon that ends asks over what is open, and connects to nobody. */
static void at_the_end_nobody_is_connected_to(void **state)
{
	static const enum act acts[] = {ACT_ANSWER, ACT_ANSWER_AND_CLOSE, ACT_ANSWER};
	_cleanup_(token_link_unrefp) struct token_link *link = NULL, *fresh = NULL;
	struct fake_token fake = {.acts = acts, .n_acts = ELEMENTS(acts), .answer = answer};

	(void)state;
	fake_start(&fake);
	assert_int_equal(token_link_new("t", fake.path, INT64_MAX / 2, &link), 0);
	assert_int_equal(token_link_new("t", fake.path, INT64_MAX / 2, &fresh), 0);
	assert_int_equal(ask_key(link), 0);
	token_link_end(link);
	token_link_end(fresh);
	assert_int_equal(ask_key(link), 0);
	assert_int_equal(ask_key(link), TOKEN_LINK_ASK_LATER);
	assert_int_equal(ask_key(fresh), TOKEN_LINK_ASK_LATER);
	assert_int_equal(fake.n_questions, 2);
	assert_int_equal(fake.n_connections, 1);
	fake_stop(&fake);
}

static void making_is_asked_once(void **state)
{
	static const enum act acts[] = {ACT_CLOSE, ACT_DIE, ACT_ANSWER_AND_CLOSE, ACT_ANSWER};
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	struct fake_token fake = {.acts = acts, .n_acts = ELEMENTS(acts), .answer = answer};

	(void)state;
	fake_start(&fake);
	assert_int_equal(token_link_new("t", fake.path, 60000, &link), 0);
	for (unsigned i = 0; i < 2; i++) {
		_cleanup_(freep) char *reason = NULL;

		assert_int_equal(ask_make(link, &reason), TOKEN_LINK_ASK_LATER);
		assert_non_null(strstr(reason, "before it answered"));
		assert_int_equal(fake.n_questions, i + 1);
	}
	/* After the restart it is waited for, and a stale connection is no reason not to make it.
	 */
	assert_int_equal(ask_key(link), 0);
	assert_int_equal(ask_make(link, NULL), 0);
	assert_int_equal(fake.n_questions, 4);
	fake_stop(&fake);
}

static void *ask_often(void *data)
{
	struct token_link *link = data;

	for (unsigned i = 0; i < 200; i++)
		if (ask_key(link) != 0)
			return NULL;
	return data;
}

static void eight_threads_share_the_pool(void **state)
{
	static const enum act acts[] = {ACT_ANSWER};
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	struct fake_token fake = {.acts = acts, .n_acts = ELEMENTS(acts), .answer = answer};
	pthread_t threads[8];
	void *fine;

	(void)state;
	fake_start(&fake);
	assert_int_equal(token_link_new("t", fake.path, 60000, &link), 0);
	for (size_t i = 0; i < ELEMENTS(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often, link), 0);
	for (size_t i = 0; i < ELEMENTS(threads); i++) {
		pthread_join(threads[i], &fine);
		assert_non_null(fine);
	}
	assert_int_equal(fake.n_questions, 8 * 200);
	assert_true(fake.n_connections >= 1 && fake.n_connections <= 8);
	fake_stop(&fake);
}

/* A token that hangs. The time limit of KEY is five seconds: both rows wait for it at once. */
struct hanging {
	enum act acts[3];
	int64_t patience_ms;
	int r;
	unsigned n_questions;
};

static void *hang(void *data)
{
	const struct hanging *row = data;
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	struct fake_token fake = {
		.acts = row->acts, .n_acts = ELEMENTS(row->acts), .answer = answer};

	fake_start(&fake);
	assert_int_equal(token_link_new("t", fake.path, row->patience_ms, &link), 0);
	int64_t before_ms = clock_monotonic_ms();
	int r = ask_key(link);
	int64_t took_ms = clock_monotonic_ms() - before_ms;
	unsigned n_connections = fake.n_connections, n_questions = fake.n_questions;
	fake_stop(&fake);
	/* The late answer of the first connection can't reach the second question. */
	bool fine = r == row->r && n_questions == row->n_questions && took_ms >= 4990 &&
		    n_connections == n_questions;
	return fine ? data : NULL;
}

static void a_hanging_token_costs_its_limit(void **state)
{
	static struct hanging hangings[] = {
		{{ACT_SILENCE, ACT_ANSWER}, 60000, 0, 2},
		{{ACT_SILENCE, ACT_ANSWER}, 1000, TOKEN_LINK_ASK_LATER, 1},
		{{ACT_SILENCE, ACT_CLOSE, ACT_ANSWER}, 60000, 0, 3},
		{{ACT_SILENCE, ACT_SILENCE, ACT_ANSWER}, 60000, TOKEN_LINK_ASK_LATER, 2},
	};
	pthread_t threads[ELEMENTS(hangings)];
	void *fine;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(hangings); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hang, &hangings[i]), 0);
	for (size_t i = 0; i < ELEMENTS(hangings); i++) {
		pthread_join(threads[i], &fine);
		if (!fine)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes),
		cmocka_unit_test(status_does_not_wait),
		cmocka_unit_test(reasons_come_with_outcomes),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(a_path_that_can_be_no_socket),
		cmocka_unit_test(connections_are_used_again),
		cmocka_unit_test(idle_connections_can_be_stale),
		cmocka_unit_test(at_the_end_nobody_is_connected_to),
		cmocka_unit_test(making_is_asked_once),
		cmocka_unit_test(eight_threads_share_the_pool),
		cmocka_unit_test(a_hanging_token_costs_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
