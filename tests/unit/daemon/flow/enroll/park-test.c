/* SPDX-License-Identifier: Apache-2.0 */
/* What waits, recorded, for a token, and goes on when it is back. */
#include "daemon/base/socket.h"
#include "daemon/flow/enroll/park.h"
#include "daemon/flow/enroll/parked-round.h"
#include "daemon/flow/server/server.h"
#include "daemon/ipc/channel.h"
#include "daemon/store/parked.h"
#include "tests/unit/daemon/flow/world.h"
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* A token's process that tells that its token is ready, and then does nothing with it: each time
 * (@asked counts) the token is gone, or there as before. */
static struct {
	int listening;
	pthread_t thread;
	atomic_uint asked;
	atomic_bool goes, gone;
} teller;

static void *tell(void *context)
{
	(void)context;
	for (;;) {
		_cleanup_(closep) int fd = accept4(teller.listening, NULL, NULL, SOCK_CLOEXEC);
		int r = fd < 0 ? -errno : 0;

		if (r < 0)
			return NULL;
		while (!r) {
			_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
			struct ipc_token_state state = {.state = TOKEN_READY};

			r = ipc_receive(fd, &packet);
			if (!r && packet.header.number == IPC_TOKEN_STATUS) {
				state.state = teller.gone ? TOKEN_ABSENT : TOKEN_READY;
				r = ipc_send(fd, IPC_TOKEN_STATE, packet.header.tag, &state);
			} else if (!r) {
				teller.asked++;
				teller.gone = teller.goes;
				r = ipc_send_failed(fd, packet.header.tag, IPC_FAILURE_LATER,
						    "not now");
			}
		}
	}
}

static void teller_start(void)
{
	_cleanup_(freep) char *folder = NULL, *path = NULL;

	assert_true(text_format(&folder, "%s/token", world.directory) >= 0);
	assert_true(text_format(&path, "%s/soft.sock", folder) >= 0);
	assert_true(!mkdir(folder, 0700) || errno == EEXIST);
	assert_int_equal(socket_listen("none", path, SOCK_SEQPACKET, 0600, &teller.listening), 0);
	assert_int_equal(pthread_create(&teller.thread, NULL, tell, NULL), 0);
}

static void teller_stop(void)
{
	shutdown(teller.listening, SHUT_RDWR);
	flow_unref(world.flow);
	world.flow = NULL;
	pthread_join(teller.thread, NULL);
	close(teller.listening);
}

/* The key is that process's from here on. */
static void use_key_of_token(void)
{
	struct key *key;

	assert_int_equal(key_new_token(world.flow->tokens[0], key_spki(world.key), &key), 0);
	use_key(key);
	key_unref(key);
}

static struct scep_call call_of(struct span message, const char *peer)
{
	return (struct scep_call){.server = SPAN_LITERAL("CA"),
				  .peer = span_of_text(peer ? peer : "192.0.2.1"),
				  .message = message};
}

/* Said while the token is away; what it waits for, in @ret (32 bytes), "" where it does not. */
static void say_in_vain(struct span message, char *ret)
{
	const struct scep_call call = call_of(message, NULL);
	struct scep_result result = {};

	assert_int_equal(flow_scep(world.flow, &call, world.now_s, &result), FLOW_LATER);
	snprintf(ret, 32, "%s", result.awaits ? result.awaits : "");
	scep_result_done(&result);
}

static int park(struct span message, const char *peer)
{
	const struct scep_call call = call_of(message, peer);

	return flow_park(world.flow, &call, "soft", world.now_s);
}

static struct parked_count counted(void)
{
	struct parked_count count = {};

	assert_int_equal(flow_count_parked(world.flow, "CA", &count), 0);
	return count;
}

static int note_token(void *context, const char *token)
{
	unsigned *n = context;

	assert_string_equal(token, "soft");
	(*n)++;
	return 0;
}

static unsigned tokens_waited_for(void)
{
	unsigned n = 0;

	assert_int_equal(flow_parked_look(world.flow, world.now_s, note_token, &n), 0);
	return n;
}

static struct parked_round go_on(void)
{
	struct parked_round round = {};

	flow_parked_round(world.flow, "soft", world.now_s, &round);
	return round;
}

/* Requests for certificates wait, whatever their signer; what asks for something that is there, or
 * can't be asked again, does not. */
static void which_messages_wait(void **state)
{
	static const struct {
		const char *type, *awaits;
	} types[] = {{"19", "soft"}, {"17", "soft"}, {"20", ""}, {"21", ""}, {"22", ""}};
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[0], "r1", NULL);
	char awaits[32];

	(void)state;
	world_open("", "Grant=auto");
	teller_start();
	use_key_of_token();
	for (size_t i = 0; i < ELEMENTS(types); i++) {
		_cleanup_(bytes_done) struct bytes message =
			message_of(&router, &router.self, types[i].type, span_of(csr));

		say_in_vain(span_of(message), awaits);
		assert_string_equal(awaits, types[i].awaits);
	}
	teller_stop();
	router_done(&router);
	world_close();
}

/* Nobody gets a place in the database for what is not signed as it says. */
static void only_what_verifies_is_recorded(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[0], "r1", NULL), message = {};
	struct scep_call call;

	(void)state;
	world_open("", "Grant=auto");
	message = message_of(&router, &router.self, "19", span_of(csr));
	message.data[message.size - 1] ^= 1;
	assert_int_equal(park(span_of(message), NULL), FLOW_REFUSED);
	assert_int_equal(park(SPAN_LITERAL("hello"), NULL), FLOW_REFUSED);
	message.data[message.size - 1] ^= 1;
	call = call_of(span_of(message), NULL);
	call.server = SPAN_LITERAL("OTHER");
	assert_int_equal(flow_park(world.flow, &call, "soft", world.now_s), FLOW_REFUSED);
	assert_int_equal(counted().messages, 0);
	assert_int_equal(tokens_waited_for(), 0);
	assert_int_equal(park(span_of(message), NULL), 0);
	assert_int_equal(counted().messages, 1);
	assert_int_equal(tokens_waited_for(), 1);
	router_done(&router);
	world_close();
}

/* Once the token is back it is issued, and the client's own repetition gets that certificate. */
static void it_goes_on_by_itself(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[0], "r1", NULL), message = {},
					   first = {}, again = {};
	struct parked_round round;

	(void)state;
	world_open("", "Grant=auto");
	message = message_of(&router, &router.self, "19", span_of(csr));
	assert_int_equal(park(span_of(message), NULL), 0);
	round = go_on();
	assert_false(round.ready);
	assert_int_equal(counted().messages, 1);
	teller_start();
	round = go_on();
	assert_true(round.ready);
	assert_int_equal(round.n_done, 1);
	assert_false(round.more);
	assert_int_equal(counted().messages, 0);
	assert_int_equal(audited("certificate.issue"), 1);
	first = expect_certificate(hear(&router, span_of(message), &router.self));
	again = expect_certificate(say(&router, &router.self, "19", span_of(csr)));
	assert_same(span_of(first), span_of(again));
	assert_int_equal(audited("certificate.issue"), 1);
	round = go_on();
	assert_true(round.ready && !round.n_done);
	teller_stop();
	router_done(&router);
	world_close();
}

/* It was answered, and the daemon died before it was taken out: nothing is issued twice. */
static void it_goes_on_twice(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[0], "r1", NULL), message = {},
					   leaf = {};

	(void)state;
	world_open("", "Grant=auto");
	teller_start();
	message = message_of(&router, &router.self, "19", span_of(csr));
	leaf = expect_certificate(hear(&router, span_of(message), &router.self));
	assert_int_equal(park(span_of(message), NULL), 0);
	assert_int_equal(go_on().n_done, 1);
	assert_int_equal(audited("certificate.issue"), 1);
	teller_stop();
	router_done(&router);
	world_close();
}

static void count_call(void *context)
{
	(*(unsigned *)context)++;
}

/* A token that is away again keeps them all; a server that is stopped its own, and whoever pauses
 * between the rounds is told when it is started. */
static void what_can_not_go_on_waits_on(void **state)
{
	struct router routers[] = {router_of(0, "r1", "t1"), router_of(1, "r2", "t2")};
	_cleanup_(freep) char *reason = NULL;
	struct parked_round round;
	unsigned told = 0;

	(void)state;
	world_open("", "Grant=auto");
	teller_start();
	teller.asked = 0;
	for (size_t i = 0; i < ELEMENTS(routers); i++) {
		_cleanup_(bytes_done) struct bytes csr = csr_new(keys[i], routers[i].name, NULL);
		_cleanup_(bytes_done) struct bytes message =
			message_of(&routers[i], &routers[i].self, "19", span_of(csr));

		assert_int_equal(park(span_of(message), NULL), 0);
	}
	use_key_of_token();
	teller.goes = true;
	round = go_on();
	assert_false(round.ready);
	assert_int_equal(teller.asked, 1);
	/* It is there, and this key can't be used: another message's perhaps can. */
	teller.goes = teller.gone = false;
	round = go_on();
	assert_true(round.ready && !round.n_done && !round.more);
	assert_int_equal(teller.asked, 3);
	assert_int_equal(counted().messages, 2);
	assert_int_equal(
		flow_server_stop(world.flow, world.authority, "uid 0", world.now_s, &reason), 0);
	use_key(world.key);
	round = go_on();
	assert_true(round.ready && !round.n_done && !round.more);
	assert_int_equal(counted().messages, 2);
	world.flow->on_wait = count_call;
	world.flow->on_wait_context = &told;
	assert_int_equal(
		flow_server_start(world.flow, world.authority, "uid 0", world.now_s, &reason), 0);
	assert_int_equal(told, 1);
	use_key(world.key);
	assert_int_equal(go_on().n_done, 2);
	assert_int_equal(counted().messages, 0);
	teller_stop();
	for (size_t i = 0; i < ELEMENTS(routers); i++)
		router_done(&routers[i]);
	world_close();
}

static void it_ends_with_the_life_of_a_request(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[0], "r1", NULL), message = {};

	(void)state;
	world_open("", "RequestLifetime=2h");
	message = message_of(&router, &router.self, "19", span_of(csr));
	assert_int_equal(park(span_of(message), NULL), 0);
	world.now_s += 2 * HOUR - 1;
	assert_int_equal(tokens_waited_for(), 1);
	assert_int_equal(counted().messages, 1);
	world.now_s++;
	assert_int_equal(tokens_waited_for(), 0);
	assert_int_equal(counted().messages, 0);
	router_done(&router);
	world_close();
}

/* A password is spent once, by the message that waited; who brings it later is another. */
static void a_password_is_spent_once(void **state)
{
	struct router router = router_of(0, "r1", "t1"), thief = router_of(1, "r2", "t2");
	char password[PASSWORD_TEXT_SIZE];
	struct bytes csr, message;

	(void)state;
	world_open("", "Grant=manual");
	teller_start();
	password_new(NULL, password);
	csr = csr_new(keys[0], "r1", password);
	message = message_of(&router, &router.self, "19", span_of(csr));
	assert_int_equal(park(span_of(message), NULL), 0);
	assert_int_equal(go_on().n_done, 1);
	assert_int_equal(audited("certificate.issue"), 1);
	expect(hear(&router, span_of(message), &router.self), SUCCESS, -1);
	expect(enroll(&thief, password), PENDING, -1);
	teller_stop();
	bytes_done(&message);
	bytes_done(&csr);
	router_done(&thief);
	router_done(&router);
	world_close();
}

/* The third of a peer whose share is two finds no place; another peer's takes one of a greater
 * one's. */
static void a_peer_has_its_share(void **state)
{
	static const struct {
		const char *transaction, *peer;
		int outcome;
	} messages[] = {
		{"a", "192.0.2.1", 0},
		{"b", "192.0.2.1", 0},
		{"c", "192.0.2.1", FLOW_REFUSED},
		{"b", "192.0.2.1", 0},
		{"d", "2001:db8::1", 0},
		{"e", "2001:db8::2", 0},
		{"f", "2001:db8::3", FLOW_REFUSED},
	};
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[0], "r1", NULL);

	(void)state;
	world_open("MaxPendingRequests=16", "");
	for (size_t i = 0; i < ELEMENTS(messages); i++) {
		struct bytes message;

		router.transaction = messages[i].transaction;
		message = message_of(&router, &router.self, "19", span_of(csr));
		assert_int_equal(park(span_of(message), messages[i].peer), messages[i].outcome);
		bytes_done(&message);
	}
	assert_int_equal(counted().messages, 4);
	router_done(&router);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_messages_wait),
		cmocka_unit_test(only_what_verifies_is_recorded),
		cmocka_unit_test(it_goes_on_by_itself),
		cmocka_unit_test(it_goes_on_twice),
		cmocka_unit_test(what_can_not_go_on_waits_on),
		cmocka_unit_test(it_ends_with_the_life_of_a_request),
		cmocka_unit_test(a_password_is_spent_once),
		cmocka_unit_test(a_peer_has_its_share),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
