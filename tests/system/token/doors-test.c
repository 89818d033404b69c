/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "daemon/base/socket.h"
#include "tests/system/token/requests.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int knock(const char *door)
{
	int fd;

	assert_int_equal(socket_connect(door, SOCK_SEQPACKET, &fd), 0);
	return fd;
}

/* The peer has closed this end. */
static void assert_cut_off(int fd)
{
	struct pollfd readable = {fd, POLLIN, 0};
	char byte;

	assert_int_equal(poll(&readable, 1, HARNESS_PATIENCE_MS), 1);
	assert_true(recv(fd, &byte, 1, 0) <= 0);
	(void)close(fd);
}

/* Every number there is, and some there are not, as packets of their own. */
static void send_number(int fd, unsigned number)
{
	uint8_t packet[12] = {(uint8_t)number, (uint8_t)(number >> 8)};

	assert_int_equal(send(fd, packet, sizeof(packet), MSG_NOSIGNAL), sizeof(packet));
}

static bool is_served(const char *door, unsigned number)
{
	static const unsigned at_daemon[] = {32, 34, 36, 38, 40, 42, 43};
	static const unsigned at_operator[] = {32, 34, 64, 65, 66, 67, 68, 70, 72};
	bool admin = strstr(door, ".admin");
	const unsigned *served = admin ? at_operator : at_daemon;
	size_t n = admin ? ELEMENTS(at_operator) : ELEMENTS(at_daemon);

	for (size_t i = 0; i < n; i++) {
		if (served[i] == number)
			return true;
	}
	return false;
}

static void each_door_serves_its_own_messages_alone(void **state)
{
	struct harness *h = *state;
	const char *doors[] = {h->door, h->admin};

	harness_start_ready(h);
	for (size_t i = 0; i < ELEMENTS(doors); i++) {
		for (unsigned number = 0; number < 80; number++) {
			int fd;

			if (is_served(doors[i], number))
				continue;
			fd = knock(doors[i]);
			send_number(fd, number);
			assert_cut_off(fd);
		}
	}
	assert_int_equal(harness_state(h), TOKEN_READY);
	harness_stop(h);
}

static void the_operators_messages_are_not_the_daemons(void **state)
{
	struct harness *h = *state;
	struct ipc_token_login login = {SPAN_LITERAL("1234")};
	struct ipc_token_make make = {.role = ROLE_CA, .bits = 2048, .label = SPAN_LITERAL("x")};
	_cleanup_(answer_done) struct answer one = {0}, two = {0};

	harness_start_ready(h);
	one = harness_ask(h->door, IPC_TOKEN_LOGIN, &login, NULL);
	assert_true(one.failure < 0);
	harness_expect(h, "a message that this socket doesn't serve");
	harness_expect(h, "TOKEN_LOGIN");
	two = harness_ask(h->admin, IPC_TOKEN_MAKE, &make, NULL);
	assert_true(two.failure < 0);
	harness_expect(h, "TOKEN_MAKE");
	/* The PIN is in no log. */
	assert_false(harness_logged(h, "1234\""));
	harness_stop(h);
}

/* Truncated, longer, random, empty: the sender is cut off, and nobody else notices. */
static void damaged_packets_cost_the_sender_its_connection(void **state)
{
	struct harness *h = *state;
	struct ipc_token_sign sign = {
		.key = SPAN_LITERAL("0123456789abcdef0123456789abcdef"),
		.digest = DIGEST_SHA256,
		.to_be_signed = SPAN_LITERAL("0123456789"),
	};
	_cleanup_(bytes_done) struct bytes packet = {0};
	int other, fd;

	harness_start_ready(h);
	other = knock(h->door);
	assert_int_equal(ipc_encode(IPC_TOKEN_SIGN, 1, &sign, &packet), 0);
	for (size_t size = 1; size < packet.size; size++) {
		fd = knock(h->door);
		assert_int_equal(send(fd, packet.data, size, MSG_NOSIGNAL), size);
		assert_cut_off(fd);
	}
	for (unsigned i = 0; i < 64; i++) {
		uint8_t noise[200];

		random_fill(noise, sizeof(noise));
		/* Numbers that are served, so that their fields are looked at. */
		noise[0] = (uint8_t)(36 + i % 8);
		noise[1] = 0;
		fd = knock(h->door);
		assert_int_equal(send(fd, noise, sizeof(noise), MSG_NOSIGNAL), sizeof(noise));
		assert_cut_off(fd);
	}
	{
		_cleanup_(ipc_packet_done) struct ipc_packet answer = {0};

		assert_int_equal(ipc_call(other, IPC_TOKEN_STATUS, &(struct ipc_token_status){},
					  HARNESS_PATIENCE_MS, &answer),
				 0);
	}
	(void)close(other);
	harness_stop(h);
}

static void a_peer_with_too_much_under_way_is_told_to_wait(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes cms = request_cms();
	struct ipc_token_sign sign = {.digest = DIGEST_SHA256, .to_be_signed = span_of(cms)};
	unsigned later = 0, signatures = 0;
	int fd;

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	sign.key = SPAN_ARRAY(key.sha256);
	softhsm_spoil(&h->softhsm, "C_Sign delay=100\n");
	fd = knock(h->door);
	for (uint64_t tag = 1; tag <= 40; tag++)
		assert_int_equal(ipc_send(fd, IPC_TOKEN_SIGN, tag, &sign), 0);
	for (unsigned i = 0; i < 40; i++) {
		_cleanup_(ipc_packet_done) struct ipc_packet answer = {0};

		assert_int_equal(ipc_receive_within(fd, HARNESS_PATIENCE_MS, &answer), 0);
		later += answer.header.number == IPC_FAILED;
		signatures += answer.header.number == IPC_TOKEN_SIGNATURE;
	}
	assert_int_equal(later + signatures, 40);
	assert_true(later > 0 && signatures >= 16);
	(void)close(fd);
	softhsm_spoil(&h->softhsm, "");
	harness_stop(h);
}

/* It asks and never listens: its answers are dropped with it, and others are served. */
static void a_peer_that_does_not_listen_blocks_nobody(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes cms = request_cms();
	struct pollfd writable;
	int fd;

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	fd = knock(h->door);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	for (unsigned i = 0; i < 20000; i++) {
		int r = ipc_send(fd, IPC_TOKEN_STATUS, i, &(struct ipc_token_status){});
		if (r == -EPIPE || r == -ECONNRESET)
			break;
		writable = (struct pollfd){fd, POLLOUT, 0};
		if (r == -EAGAIN)
			assert_int_equal(poll(&writable, 1, HARNESS_PATIENCE_MS), 1);
	}
	request_signature(h, &key, span_of(cms));
	(void)close(fd);
	harness_stop(h);
}

static void the_sockets_are_for_whom_they_are_meant(void **state)
{
	struct harness *h = *state;
	struct stat st;

	harness_start_ready(h);
	assert_int_equal(stat(h->door, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(stat(h->admin, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(h->state, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	harness_stop(h);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_door_serves_its_own_messages_alone),
		TEST(the_operators_messages_are_not_the_daemons),
		TEST(damaged_packets_cost_the_sender_its_connection),
		TEST(a_peer_with_too_much_under_way_is_told_to_wait),
		TEST(a_peer_that_does_not_listen_blocks_nobody),
		TEST(the_sockets_are_for_whom_they_are_meant),
	};

	crypto_init();
	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
