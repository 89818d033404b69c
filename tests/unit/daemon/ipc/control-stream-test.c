/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/control-stream.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_next(struct control_reader *reader, const char *expected)
{
	_cleanup_(control_jsonp) json_t *message = NULL, *wanted = json_loads(expected, 0, NULL);

	assert_int_equal(control_reader_next(reader, &message), 0);
	assert_true(json_equal(message, wanted));
}

static void assert_none(struct control_reader *reader)
{
	json_t *message = NULL;

	assert_int_equal(control_reader_next(reader, &message), CONTROL_READER_MORE);
	assert_null(message);
}

/* However the bytes are cut, the same messages come out. */
static void any_cut_of_the_stream(void **state)
{
	static const char stream[] = "{\"a\":1}\0{}\0 { \"b\" : [\"\\u00e4\"] } \0{\"c\":";
	const size_t size = sizeof(stream) - 1;

	(void)state;
	for (size_t step = 1; step <= size; step++) {
		_cleanup_(control_reader_done) struct control_reader reader;
		unsigned n = 0;

		control_reader_init(&reader, 1000);
		for (size_t at = 0; at < size; at += step) {
			_cleanup_(control_jsonp) json_t *message = NULL;
			size_t part = size - at < step ? size - at : step;

			assert_int_equal(control_reader_feed(&reader, SPAN(stream + at, part)), 0);
			while (control_reader_next(&reader, &message) == 0) {
				json_decref(TAKE_PTR(message));
				n++;
			}
		}
		assert_int_equal(n, 3);
		assert_none(&reader);
		assert_int_equal(control_reader_feed(&reader, SPAN("2}", 3)), 0);
		assert_next(&reader, "{\"c\":2}");
	}
}

static void what_is_no_object_is_bad(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"1",
		"[]",
		"null",
		"\"a\"",
		"{",
		"{}}",
		"{} {}",
		"{\"a\":}",
		"{'a':1}",
		"{\"a\":1,}",
		"{a:1}",
		"\xff{}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\\u0000\"}",
		"{\"a\":1e999}",
		"{\"a\":1,\"a\":2}",
		"{\"x\":{\"a\":1,\"a\":1}}",
		"{\"a\":99999999999999999999}",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		_cleanup_(control_reader_done) struct control_reader reader;
		json_t *message = NULL;

		control_reader_init(&reader, 1000);
		assert_int_equal(control_reader_feed(&reader, SPAN(bad[i], strlen(bad[i]) + 1)), 0);
		if (control_reader_next(&reader, &message) != -EBADMSG)
			fail_msg("%s", bad[i]);
		assert_null(message);
	}
}

static void a_flood_of_brackets_is_bad(void **state)
{
	_cleanup_(control_reader_done) struct control_reader reader;
	_cleanup_(bytes_done) struct bytes flood = {0};
	json_t *message = NULL;

	(void)state;
	control_reader_init(&reader, CONTROL_REQUEST_MOST);
	assert_int_equal(bytes_new(CONTROL_REQUEST_MOST, &flood), 0);
	memset(flood.data, '[', flood.size - 1);
	memcpy(flood.data, "{\"a\":", 5);
	assert_int_equal(control_reader_feed(&reader, span_of(flood)), 0);
	assert_int_equal(control_reader_next(&reader, &message), -EBADMSG);
}

static void the_limit_counts_per_message(void **state)
{
	_cleanup_(control_reader_done) struct control_reader reader;

	(void)state;
	control_reader_init(&reader, 8);
	/* Exactly the limit, NUL included; many of them; and one byte more. */
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(control_reader_feed(&reader, SPAN("{\"a\":1}", 8)), 0);
		assert_next(&reader, "{\"a\":1}");
	}
	assert_int_equal(control_reader_feed(&reader, SPAN("{}\0{\"a\":", 8)), 0);
	assert_next(&reader, "{}");
	assert_none(&reader);
	assert_int_equal(control_reader_feed(&reader, SPAN("123", 3)), 0);
	assert_int_equal(control_reader_feed(&reader, SPAN("}", 1)), -EMSGSIZE);
}

static void filling_from_a_socket(void **state)
{
	_cleanup_(control_reader_done) struct control_reader reader;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	control_reader_init(&reader, 10);
	assert_int_equal(control_reader_fill(&reader, fds[0]), -EAGAIN);
	assert_int_equal(send(fds[1], "{}\0{\"a\":22}\0{\"long\":333333}", 27, 0), 27);
	assert_int_equal(control_reader_fill(&reader, fds[0]), 0);
	assert_next(&reader, "{}");
	assert_none(&reader);
	assert_int_equal(control_reader_fill(&reader, fds[0]), 0);
	assert_next(&reader, "{\"a\":22}");
	while (control_reader_fill(&reader, fds[0]) == 0)
		assert_none(&reader);
	assert_int_equal(control_reader_fill(&reader, fds[0]), -EMSGSIZE);
	control_reader_done(&reader);
	control_reader_init(&reader, 10);
	close(fds[1]);
	while (control_reader_fill(&reader, fds[0]) == 0)
		;
	assert_int_equal(control_reader_fill(&reader, fds[0]), -ECONNRESET);
	close(fds[0]);
}

static void sending_ends_in_time(void **state)
{
	_cleanup_(control_jsonp) json_t *message = json_object();
	_cleanup_(freep) char *text = calloc(1, CONTROL_REPLY_MOST);
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	memset(text, 'x', CONTROL_REPLY_MOST - 1);
	json_object_set_new(message, "t", json_string(text));
	assert_int_equal(control_send(fds[0], message, 1), -EMSGSIZE);
	text[1 << 20] = '\0';
	json_object_set_new(message, "t", json_string(text));
	assert_int_equal(control_send(fds[0], message, 1), -ETIMEDOUT);
	close(fds[1]);
	assert_int_equal(control_send(fds[0], message, 10000), -EPIPE);
	close(fds[0]);
}

/* A daemon of one answer: what it writes for the first message it gets. */
struct daemon {
	int fd;
	const char *answer;
	size_t size;
	json_t *seen;
};

static void *serve(void *data)
{
	struct daemon *daemon = data;
	_cleanup_(control_reader_done) struct control_reader reader;

	control_reader_init(&reader, CONTROL_REQUEST_MOST);
	while (control_reader_next(&reader, &daemon->seen) == CONTROL_READER_MORE)
		if (control_reader_fill(&reader, daemon->fd) < 0)
			return NULL;
	/* A byte at a time, so that the command must put it together. */
	for (size_t i = 0; i < daemon->size; i++)
		if (send(daemon->fd, daemon->answer + i, 1, MSG_NOSIGNAL) != 1)
			return NULL;
	shutdown(daemon->fd, SHUT_WR);
	return NULL;
}

static void count(void *userdata, const json_t *parameters)
{
	*(json_int_t *)userdata += json_integer_value(json_object_get(parameters, "n"));
}

struct conversation {
	const char *answer;
	size_t size;
	bool more;
	int r;
	const char *result;
	int told;
};

#define ANSWER(text) text, sizeof(text)

static const struct conversation conversations[] = {
	{ANSWER("{\"parameters\":{\"id\":7}}"), false, 0, "{\"id\":7}", 0},
	{ANSWER("{}"), false, 0, "{}", 0},
	{ANSWER("{\"parameters\":{\"n\":1},\"continues\":true}\0"
		"{\"parameters\":{\"n\":10},\"continues\":true}\0"
		"{\"parameters\":{\"n\":100},\"continues\":false}"),
	 true, 0, "{\"n\":100}", 11},
	{ANSWER("{\"parameters\":{\"n\":1},\"continues\":true}\0{}"), false, -EBADMSG, NULL, 0},
	{ANSWER("{\"error\":\"io.claviger.Later\",\"parameters\":{\"reason\":\"x\"}}"), false,
	 CONTROL_CALL_ERROR, "{\"error\":\"io.claviger.Later\",\"parameters\":{\"reason\":\"x\"}}",
	 0},
	{ANSWER("{\"error\":\"e\"}"), false, CONTROL_CALL_ERROR,
	 "{\"error\":\"e\",\"parameters\":{}}", 0},
	{ANSWER("{\"parameters\":{\"n\":1},\"continues\":true}\0{\"error\":\"e\"}"), true,
	 CONTROL_CALL_ERROR, "{\"error\":\"e\",\"parameters\":{}}", 1},
	{ANSWER("{\"error\":7}"), false, -EBADMSG, NULL, 0},
	{ANSWER("{\"parameters\":[]}"), false, -EBADMSG, NULL, 0},
	{ANSWER("{\"parameters\":{},\"continues\":1}"), true, -EBADMSG, NULL, 0},
	{ANSWER("[]"), false, -EBADMSG, NULL, 0},
	{"", 0, false, -ECONNRESET, NULL, 0},
	{"{\"parameters\":{}}", 17, false, -ECONNRESET, NULL, 0},
	{ANSWER("{\"parameters\":{\"n\":1},\"continues\":true}"), true, -ECONNRESET, NULL, 1},
};

static void converse(const struct conversation *c)
{
	_cleanup_(control_jsonp) json_t *answer = NULL,
					*parameters = json_pack("{s:s}", "label", "R");
	json_int_t told = 0;
	struct control_progress progress = {count, &told};
	int fds[2];
	pthread_t thread;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	struct daemon daemon = {fds[1], c->answer, c->size, NULL};
	assert_int_equal(pthread_create(&thread, NULL, serve, &daemon), 0);
	int r = control_call(fds[0], CONTROL_SERVER_SHOW, parameters, c->more ? &progress : NULL,
			     &answer);
	pthread_join(thread, NULL);
	_cleanup_(control_jsonp) json_t *seen = daemon.seen;
	_cleanup_(control_jsonp) json_t *asked =
		json_loads(c->more ? "{\"method\":\"io.claviger.server.show\",\"parameters\":{"
				     "\"label\":\"R\"},"
				     "\"more\":true}"
				   : "{\"method\":\"io.claviger.server.show\",\"parameters\":{"
				     "\"label\":\"R\"}}",
			   0, NULL);
	assert_true(json_equal(seen, asked));
	if (r != c->r)
		fail_msg("%s gave %d", c->answer, r);
	assert_int_equal(told, c->told);
	_cleanup_(control_jsonp) json_t *wanted = c->result ? json_loads(c->result, 0, NULL) : NULL;
	assert_true(json_equal(answer, wanted) || (!answer && !wanted));
	close(fds[0]);
	close(fds[1]);
}

static void calls(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(conversations); i++)
		converse(&conversations[i]);
}

/* Nobody asked for a second answer; where it comes in the same piece it is seen at once. */
static void a_second_answer_is_bad(void **state)
{
	json_t *answer = NULL;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(send(fds[1], "{}\0{}", 6, 0), 6);
	assert_int_equal(control_call(fds[0], CONTROL_STATUS, NULL, NULL, &answer), -EBADMSG);
	assert_null(answer);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_cut_of_the_stream),
		cmocka_unit_test(what_is_no_object_is_bad),
		cmocka_unit_test(a_flood_of_brackets_is_bad),
		cmocka_unit_test(the_limit_counts_per_message),
		cmocka_unit_test(filling_from_a_socket),
		cmocka_unit_test(sending_ends_in_time),
		cmocka_unit_test(calls),
		cmocka_unit_test(a_second_answer_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
