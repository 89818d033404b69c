/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The relay against the other end of its socket, which the test itself is; time is an argument. */
#include "daemon/http/relay.h"

#include "daemon/ipc/channel.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 25000
#define AWAY_MS	    15000

struct scene {
	char path[64];
	int listener;
	struct relay *relay;
};

static unsigned finished;

static void finish(struct exchange *exchange)
{
	(void)exchange;
	finished++;
}

static struct exchange exchange_of(const char *message)
{
	return (struct exchange){.server = "ROOTCA",
				 .peer = "192.0.2.1",
				 .message = span_of_text(message),
				 .finish = finish};
}

static void listen_at(struct scene *scene)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	unlink(scene->path);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", scene->path);
	scene->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(scene->listener >= 0);
	assert_int_equal(bind(scene->listener, (const struct sockaddr *)&address, sizeof(address)),
			 0);
	assert_int_equal(listen(scene->listener, 8), 0);
}

static void leave(struct scene *scene)
{
	close(scene->listener);
	unlink(scene->path);
}

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	char folder[] = "/tmp/relay-test-XXXXXX";

	assert_non_null(mkdtemp(folder));
	snprintf(scene->path, sizeof(scene->path), "%s/scep.sock", folder);
	listen_at(scene);
	const struct relay_patience patience = {.most_ms = PATIENCE_MS, .away_ms = AWAY_MS};
	assert_int_equal(relay_new(scene->path, &patience, &scene->relay), 0);
	finished = 0;
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	relay_give_up(scene->relay);
	relay_free(scene->relay);
	close(scene->listener);
	unlink(scene->path);
	*strrchr(scene->path, '/') = '\0';
	rmdir(scene->path);
	free(scene);
	return 0;
}

static int accept_relay(struct scene *scene)
{
	int fd = accept4(scene->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

/* The next request as clavigerd sees it; its tag. */
static uint64_t expect_request(int fd, const char *message)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_scep_request request;

	assert_int_equal(ipc_receive(fd, &packet), 0);
	assert_int_equal(packet.header.number, IPC_SCEP_REQUEST);
	assert_int_equal(ipc_decode(packet.content, IPC_SCEP_REQUEST, &request), 0);
	assert_true(span_equal(request.server, SPAN_LITERAL("ROOTCA")));
	assert_true(span_equal(request.peer, SPAN_LITERAL("192.0.2.1")));
	assert_true(span_equal(request.message, span_of_text(message)));
	return packet.header.tag;
}

static void expect_nothing(int fd)
{
	struct ipc_packet packet;

	assert_int_equal(ipc_receive(fd, &packet), -EAGAIN);
}

static void reply(int fd, uint64_t tag, const char *body)
{
	const struct ipc_scep_reply message = {.status = 200, .body = span_of_text(body)};

	assert_int_equal(ipc_send(fd, IPC_SCEP_REPLY, tag, &message), 0);
}

static void expect_answer(struct exchange *exchange, unsigned status, const char *body)
{
	assert_int_equal(exchange->status, status);
	if (body)
		assert_true(span_equal(span_of(exchange->body), span_of_text(body)));
	bytes_done(&exchange->body);
}

static void many_under_way(void **state)
{
	struct scene *scene = *state;
	struct exchange a = exchange_of("a"), b = exchange_of("b");

	relay_submit(scene->relay, &a);
	relay_submit(scene->relay, &b);
	relay_step(scene->relay, 0);
	_cleanup_(closep) int fd = accept_relay(scene);
	uint64_t tag_a = expect_request(fd, "a"), tag_b = expect_request(fd, "b");
	reply(fd, tag_b, "B");
	relay_step(scene->relay, 1);
	assert_int_equal(finished, 1);
	expect_answer(&b, 200, "B");
	/* An answer to nobody is passed over. */
	reply(fd, 77, "?");
	reply(fd, tag_b, "again");
	reply(fd, tag_a, "A");
	relay_step(scene->relay, 2);
	assert_int_equal(finished, 2);
	expect_answer(&a, 200, "A");
}

static void large_messages(void **state)
{
	struct scene *scene = *state;
	_cleanup_(freep) char *text = malloc(262145);
	struct exchange a;

	memset(text, 'x', 262144);
	text[262144] = '\0';
	a = exchange_of(text);
	relay_submit(scene->relay, &a);
	relay_step(scene->relay, 0);
	_cleanup_(closep) int fd = accept_relay(scene);
	reply(fd, expect_request(fd, text), text);
	relay_step(scene->relay, 0);
	expect_answer(&a, 200, text);
}

static void repeated_on_a_new_connection(void **state)
{
	struct scene *scene = *state;
	struct exchange a = exchange_of("a");

	relay_submit(scene->relay, &a);
	relay_step(scene->relay, 0);
	int first = accept_relay(scene);
	expect_request(first, "a");
	close(first);
	relay_step(scene->relay, 1);
	relay_step(scene->relay, 100);
	_cleanup_(closep) int second = accept_relay(scene);
	reply(second, expect_request(second, "a"), "A");
	relay_step(scene->relay, 101);
	expect_answer(&a, 200, "A");
}

static void repeated_no_more_than_once(void **state)
{
	struct scene *scene = *state;
	struct exchange a = exchange_of("a"), b = exchange_of("b");
	int64_t now_ms = 0;

	relay_submit(scene->relay, &a);
	for (unsigned i = 0; i < BOOK_SENDS_MAX; i++) {
		assert_int_equal(finished, 0);
		relay_step(scene->relay, now_ms += 100);
		int fd = accept_relay(scene);
		expect_request(fd, "a");
		close(fd);
		relay_step(scene->relay, now_ms);
	}
	assert_int_equal(finished, 1);
	assert_int_equal(a.retry_after_s, 10);
	expect_answer(&a, 503, NULL);
	/* That doesn't stand in the way of others. */
	relay_submit(scene->relay, &b);
	relay_step(scene->relay, now_ms += 100);
	_cleanup_(closep) int fd = accept_relay(scene);
	reply(fd, expect_request(fd, "b"), "B");
	expect_nothing(fd);
	relay_step(scene->relay, now_ms);
	expect_answer(&b, 200, "B");
}

static void waits_for_clavigerd(void **state)
{
	struct scene *scene = *state;
	struct exchange a = exchange_of("a");
	struct pollfd fds[RELAY_FDS];
	int64_t now_ms = 0, timeout_ms;

	leave(scene);
	relay_submit(scene->relay, &a);
	/* Attempts go on, ever less often, at least each second. */
	for (unsigned i = 0; i < 16; i++) {
		relay_step(scene->relay, now_ms);
		relay_prepare(scene->relay, now_ms, fds, &timeout_ms);
		assert_true(timeout_ms > 0 && timeout_ms <= 1000);
		now_ms += timeout_ms;
	}
	assert_true(now_ms > 10000 && now_ms < AWAY_MS);
	assert_int_equal(finished, 0);
	listen_at(scene);
	relay_step(scene->relay, now_ms);
	_cleanup_(closep) int fd = accept_relay(scene);
	reply(fd, expect_request(fd, "a"), "A");
	relay_step(scene->relay, now_ms);
	expect_answer(&a, 200, "A");
}

/* Steps whenever the relay wants to, until it has ended @n; when that was. */
static int64_t step_until(struct scene *scene, int64_t now_ms, unsigned n)
{
	struct pollfd fds[RELAY_FDS];
	int64_t timeout_ms;

	for (;;) {
		relay_step(scene->relay, now_ms);
		if (finished == n)
			return now_ms;
		relay_prepare(scene->relay, now_ms, fds, &timeout_ms);
		assert_true(timeout_ms > 0 && timeout_ms <= PATIENCE_MS);
		now_ms += timeout_ms;
	}
}

static void nobody_listens(void **state)
{
	struct scene *scene = *state;
	struct exchange a = exchange_of("a"), b = exchange_of("b");

	leave(scene);
	relay_step(scene->relay, 0);
	relay_submit(scene->relay, &a);
	relay_step(scene->relay, 5000);
	relay_submit(scene->relay, &b);
	relay_step(scene->relay, 6000);
	assert_int_equal(step_until(scene, 6000, 1), 5000 + AWAY_MS);
	assert_int_equal(a.retry_after_s, 10);
	expect_answer(&a, 503, NULL);
	assert_int_equal(step_until(scene, 5000 + AWAY_MS, 2), 6000 + AWAY_MS);
	expect_answer(&b, 503, NULL);
	listen_at(scene);
}

/* What was sent before waits from the end of the listener: a short restart costs nobody an answer.
 */
static void nobody_listens_any_more(void **state)
{
	struct scene *scene = *state;
	struct exchange a = exchange_of("a");

	relay_submit(scene->relay, &a);
	relay_step(scene->relay, 0);
	int fd = accept_relay(scene);
	expect_request(fd, "a");
	leave(scene);
	close(fd);
	relay_step(scene->relay, 2000);
	assert_int_equal(step_until(scene, 2050, 1), 2050 + AWAY_MS);
	expect_answer(&a, 503, NULL);
	listen_at(scene);
}

/* However long before its whole patience that would be. */
static void nobody_listens_at_the_end(void **state)
{
	struct scene *scene = *state;
	struct exchange a = exchange_of("a");

	relay_submit(scene->relay, &a);
	relay_step(scene->relay, 0);
	int fd = accept_relay(scene);
	expect_request(fd, "a");
	leave(scene);
	close(fd);
	relay_step(scene->relay, 20000);
	assert_int_equal(step_until(scene, 20050, 1), PATIENCE_MS);
	expect_answer(&a, 503, NULL);
	listen_at(scene);
}

/* Who comes is not told of a clavigerd that was away a moment ago. */
static void somebody_listens_again(void **state)
{
	struct scene *scene = *state;
	struct exchange a = exchange_of("a");
	int64_t now_ms = 0;

	leave(scene);
	for (unsigned i = 0; i < 100; i++)
		relay_step(scene->relay, now_ms += 1000);
	listen_at(scene);
	relay_submit(scene->relay, &a);
	relay_step(scene->relay, now_ms + 1);
	_cleanup_(closep) int fd = accept_relay(scene);
	reply(fd, expect_request(fd, "a"), "A");
	relay_step(scene->relay, now_ms + 2);
	expect_answer(&a, 200, "A");
}

static void patience_ends(void **state)
{
	struct scene *scene = *state;
	struct exchange a = exchange_of("a"), b = exchange_of("b");
	struct pollfd fds[RELAY_FDS];
	int64_t timeout_ms;

	relay_submit(scene->relay, &a);
	relay_step(scene->relay, 1000);
	_cleanup_(closep) int fd = accept_relay(scene);
	uint64_t tag = expect_request(fd, "a");
	relay_prepare(scene->relay, 1000, fds, &timeout_ms);
	assert_int_equal(timeout_ms, PATIENCE_MS);
	relay_step(scene->relay, 1000 + PATIENCE_MS - 1);
	assert_int_equal(finished, 0);
	relay_step(scene->relay, 1000 + PATIENCE_MS);
	assert_int_equal(finished, 1);
	assert_int_equal(a.retry_after_s, 10);
	expect_answer(&a, 503, NULL);
	/* The late answer meets nobody, and the connection lives on. */
	reply(fd, tag, "late");
	relay_submit(scene->relay, &b);
	relay_step(scene->relay, 40000);
	reply(fd, expect_request(fd, "b"), "B");
	relay_step(scene->relay, 40000);
	expect_answer(&b, 200, "B");
}

static void failures_become_statuses(void **state)
{
	struct scene *scene = *state;
	struct exchange a = exchange_of("a"), b = exchange_of("b");

	relay_submit(scene->relay, &a);
	relay_submit(scene->relay, &b);
	relay_step(scene->relay, 0);
	_cleanup_(closep) int fd = accept_relay(scene);
	assert_int_equal(
		ipc_send_failed(fd, expect_request(fd, "a"), IPC_FAILURE_LATER, "no token"), 0);
	assert_int_equal(ipc_send_failed(fd, expect_request(fd, "b"), IPC_FAILURE_FAULT, "broken"),
			 0);
	relay_step(scene->relay, 0);
	assert_int_equal(a.retry_after_s, 10);
	expect_answer(&a, 503, "no token");
	assert_int_equal(b.retry_after_s, 0);
	expect_answer(&b, 500, "broken");
}

static void rubbish_ends_the_connection(void **state)
{
	struct scene *scene = *state;
	struct exchange a = exchange_of("a");

	relay_submit(scene->relay, &a);
	relay_step(scene->relay, 0);
	int fd = accept_relay(scene);
	expect_request(fd, "a");
	assert_int_equal(send(fd, "rubbish", 7, 0), 7);
	relay_step(scene->relay, 1);
	assert_int_equal(recv(fd, (char[8]){0}, 8, 0), 0);
	close(fd);
	relay_step(scene->relay, 100);
	_cleanup_(closep) int next = accept_relay(scene);
	reply(next, expect_request(next, "a"), "A");
	relay_step(scene->relay, 100);
	expect_answer(&a, 200, "A");
}

static void too_many(void **state)
{
	struct scene *scene = *state;
	enum { N = 520 };
	struct exchange *all = calloc(N, sizeof(*all));
	unsigned refused = 0;

	for (size_t i = 0; i < N; i++) {
		all[i] = exchange_of("a");
		relay_submit(scene->relay, &all[i]);
	}
	relay_step(scene->relay, 0);
	assert_int_equal(finished, N - 512);
	relay_give_up(scene->relay);
	assert_int_equal(finished, N);
	for (size_t i = 0; i < N; i++) {
		refused += all[i].status == 503 && all[i].retry_after_s == 10;
		bytes_done(&all[i].body);
	}
	assert_int_equal(refused, N);
	/* Whoever comes later is told at once. */
	relay_submit(scene->relay, &all[0]);
	assert_int_equal(finished, N + 1);
	bytes_done(&all[0].body);
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_under_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(large_messages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(repeated_on_a_new_connection, set_up, tear_down),
		cmocka_unit_test_setup_teardown(repeated_no_more_than_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(waits_for_clavigerd, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_listens, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_listens_any_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_listens_at_the_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(somebody_listens_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(patience_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failures_become_statuses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rubbish_ends_the_connection, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
