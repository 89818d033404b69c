/* SPDX-License-Identifier: Apache-2.0 */
/* Packets over a socketpair: what we send, and what a hostile peer may send. */
#include "daemon/ipc/channel.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct pair {
	int ours, theirs;
};

static struct pair new_pair(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	return (struct pair){fds[0], fds[1]};
}

static void pair_done(struct pair *pair)
{
	closep(&pair->ours);
	closep(&pair->theirs);
}

static size_t count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(folder);
	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

/* What a peer of another mind sends: @size bytes and @n_fds descriptors. */
static void send_raw(int fd, const void *data, size_t size, const int *fds, size_t n_fds)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(16 * sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)data, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (n_fds) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds, n_fds * sizeof(int));
	}
	assert_int_equal(sendmsg(fd, &message, 0), size);
}

static struct bytes reply_of(size_t body_size, char letter)
{
	struct ipc_scep_reply reply = {.status = 200};
	_cleanup_(bytes_done) struct bytes body = {0};
	struct bytes packet = {0};

	assert_int_equal(bytes_new(body_size, &body), 0);
	memset(body.data, letter, body_size);
	reply.body = span_of(body);
	assert_int_equal(ipc_encode(IPC_SCEP_REPLY, 7, &reply, &packet), 0);
	return packet;
}

/* A memfd as a peer makes it, with these seals and this size; the rest beyond @content is a hole.
 */
static int memfd_with(struct span content, size_t size, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content.data, content.size), content.size);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void a_message_goes_through(void **state)
{
	_cleanup_(pair_done) struct pair pair = new_pair();
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_scep_request request = {SPAN_LITERAL("ROOTCA"), SPAN_LITERAL("192.0.2.1"),
					   SPAN_LITERAL("\x30\x00")};
	struct ipc_scep_request back;

	(void)state;
	assert_int_equal(ipc_send(pair.ours, IPC_SCEP_REQUEST, 99, &request), 0);
	assert_int_equal(ipc_receive(pair.theirs, &packet), 0);
	assert_int_equal(packet.header.number, IPC_SCEP_REQUEST);
	assert_int_equal(packet.header.tag, 99);
	assert_int_equal(ipc_decode(packet.content, IPC_SCEP_REQUEST, &back), 0);
	assert_true(span_equal(back.server, request.server));
	assert_true(span_equal(back.peer, request.peer));
	assert_true(span_equal(back.message, request.message));
}

static void send_body(int fd, size_t packet_size)
{
	size_t size = packet_size - (IPC_HEADER_SIZE + 8);
	_cleanup_(bytes_done) struct bytes body = {0};
	struct ipc_scep_reply reply = {.status = 200};

	assert_int_equal(bytes_new(size, &body), 0);
	memset(body.data, 'b', size);
	body.data[size - 1] = 'e';
	reply.body = span_of(body);
	assert_int_equal(ipc_send(fd, IPC_SCEP_REPLY, 1, &reply), 0);
}

/* 64 KiB are the last that travel as a packet; a byte more is a memfd beside an empty one. */
static void the_border_between_packet_and_memfd(void **state)
{
	static uint8_t room[70000];
	_cleanup_(pair_done) struct pair pair = new_pair();
	char control[CMSG_SPACE(4 * sizeof(int))];
	struct iovec part = {room, sizeof(room)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	int fd;

	(void)state;
	for (size_t size = 65536; size <= 65537; size++) {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		send_body(pair.ours, size);
		ssize_t n = recvmsg(pair.theirs, &message, 0);
		if (size == 65536) {
			assert_int_equal(n, 65536);
			assert_int_equal(message.msg_controllen, 0);
			continue;
		}
		assert_int_equal(n, 0);
		struct cmsghdr *c = CMSG_FIRSTHDR(&message);
		assert_non_null(c);
		assert_int_equal(c->cmsg_len, CMSG_LEN(sizeof(int)));
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		assert_int_equal(fcntl(fd, F_GET_SEALS), ALL_SEALS);
		close(fd);
	}
}

static void large_messages_go_through(void **state)
{
	static const size_t sizes[] = {65535, 65536, 65537, 300000, 20 + 524288};
	_cleanup_(pair_done) struct pair pair = new_pair();
	size_t before = count_descriptors();
	struct ipc_scep_reply reply;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};

		send_body(pair.ours, sizes[i]);
		assert_int_equal(ipc_receive(pair.theirs, &packet), 0);
		assert_int_equal(packet.content.size, sizes[i]);
		assert_int_equal(ipc_decode(packet.content, IPC_SCEP_REPLY, &reply), 0);
		assert_int_equal(reply.body.data[0], 'b');
		assert_int_equal(reply.body.data[reply.body.size - 1], 'e');
	}
	assert_int_equal(count_descriptors(), before);
}

static void the_largest_message_goes_through(void **state)
{
	_cleanup_(pair_done) struct pair pair = new_pair();
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	_cleanup_(bytes_done) struct bytes crl = {0};
	uint8_t id[32] = {1}, head[32] = {2};
	struct ipc_token_sign sign, back;

	(void)state;
	assert_int_equal(bytes_new(67108864, &crl), 0);
	crl.data[crl.size - 1] = 0x55;
	sign = (struct ipc_token_sign){SPAN_ARRAY(id), 3, SPAN_ARRAY(head), span_of(crl)};
	assert_int_equal(ipc_send(pair.ours, IPC_TOKEN_SIGN, 5, &sign), 0);
	assert_int_equal(ipc_receive(pair.theirs, &packet), 0);
	assert_int_equal(ipc_decode(packet.content, IPC_TOKEN_SIGN, &back), 0);
	assert_int_equal(back.to_be_signed.size, crl.size);
	assert_int_equal(back.to_be_signed.data[crl.size - 1], 0x55);
}

static void the_ends_of_a_connection(void **state)
{
	_cleanup_(pair_done) struct pair pair = new_pair();
	struct ipc_packet packet;
	struct ipc_done done = {};

	(void)state;
	assert_int_equal(ipc_receive_within(pair.ours, 1, &packet), -ETIMEDOUT);
	assert_int_equal(fcntl(pair.ours, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(ipc_receive(pair.ours, &packet), -EAGAIN);
	assert_int_equal(ipc_receive_within(pair.ours, 1, &packet), -ETIMEDOUT);
	/* What was sent before the end is still received. */
	assert_int_equal(ipc_send(pair.theirs, IPC_DONE, 3, &done), 0);
	closep(&pair.theirs);
	pair.theirs = -1;
	assert_int_equal(ipc_receive_within(pair.ours, 10000, &packet), 0);
	ipc_packet_done(&packet);
	assert_int_equal(ipc_receive(pair.ours, &packet), -ECONNRESET);
	assert_int_equal(ipc_receive_within(pair.ours, 10000, &packet), -ECONNRESET);
	assert_int_equal(ipc_send(pair.ours, IPC_DONE, 3, &done), -EPIPE);
}

static void a_full_socket_is_told(void **state)
{
	_cleanup_(pair_done) struct pair pair = new_pair();
	struct ipc_done done = {};
	int r = 0;

	(void)state;
	assert_int_equal(fcntl(pair.ours, F_SETFL, O_NONBLOCK), 0);
	for (unsigned i = 0; i < 100000 && r == 0; i++)
		r = ipc_send(pair.ours, IPC_DONE, i, &done);
	assert_int_equal(r, -EAGAIN);
}

static void assert_bad(struct pair *pair)
{
	struct ipc_packet packet, untouched;

	memset(&packet, 0xaa, sizeof(packet));
	memset(&untouched, 0xaa, sizeof(untouched));
	assert_int_equal(ipc_receive_within(pair->ours, 10000, &packet), -EBADMSG);
	assert_memory_equal(&packet, &untouched, sizeof(packet));
}

static void bad_packets_are_refused(void **state)
{
	static uint8_t large[65537] = {IPC_SCEP_REPLY};
	_cleanup_(pair_done) struct pair pair = new_pair();
	static const uint8_t unknown[12] = {3};
	static const uint8_t flagged[12] = {IPC_DONE, 0, 1};

	(void)state;
	send_raw(pair.theirs, "\1", 1, NULL, 0);
	assert_bad(&pair);
	send_raw(pair.theirs, flagged, 11, NULL, 0);
	assert_bad(&pair);
	send_raw(pair.theirs, unknown, 12, NULL, 0);
	assert_bad(&pair);
	send_raw(pair.theirs, flagged, 12, NULL, 0);
	assert_bad(&pair);
	send_raw(pair.theirs, large, sizeof(large), NULL, 0);
	assert_bad(&pair);
	/* An empty packet reads as the end. */
	struct ipc_packet packet;
	send_raw(pair.theirs, NULL, 0, NULL, 0);
	assert_int_equal(ipc_receive(pair.ours, &packet), -ECONNRESET);
}

static void a_memfd_without_a_seal_is_refused(void **state)
{
	static const int seals[] = {F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE};
	_cleanup_(bytes_done) struct bytes content = reply_of(100000, 'm');
	_cleanup_(pair_done) struct pair pair = new_pair();
	size_t before = count_descriptors();

	(void)state;
	for (size_t i = 0; i <= ELEMENTS(seals); i++) {
		int kept = i < ELEMENTS(seals) ? ALL_SEALS & ~seals[i] : 0;
		int fd = memfd_with(span_of(content), content.size, kept);

		send_raw(pair.theirs, NULL, 0, &fd, 1);
		close(fd);
		assert_bad(&pair);
	}
	assert_int_equal(count_descriptors(), before);
}

static void a_memfd_with_all_seals_is_taken(void **state)
{
	_cleanup_(bytes_done) struct bytes content = reply_of(100000, 'm');
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	_cleanup_(pair_done) struct pair pair = new_pair();
	int fd = memfd_with(span_of(content), content.size, ALL_SEALS);

	(void)state;
	send_raw(pair.theirs, NULL, 0, &fd, 1);
	close(fd);
	assert_int_equal(ipc_receive(pair.ours, &packet), 0);
	assert_true(span_equal(packet.content, span_of(content)));
}

static void a_memfd_of_a_wrong_size_is_refused(void **state)
{
	_cleanup_(bytes_done) struct bytes content = reply_of(1000, 'm');
	_cleanup_(pair_done) struct pair pair = new_pair();
	/* Nothing; what a packet can hold; a byte more than this message may have; far more. */
	static const size_t sizes[] = {0, 11, 65536, 20 + 524288 + 1, (size_t)1 << 40};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		int fd = memfd_with(span_of(content), sizes[i], ALL_SEALS);

		send_raw(pair.theirs, NULL, 0, &fd, 1);
		close(fd);
		assert_bad(&pair);
	}
	content.data[0] = 3;
	int fd = memfd_with(span_of(content), 100000, ALL_SEALS);
	send_raw(pair.theirs, NULL, 0, &fd, 1);
	close(fd);
	assert_bad(&pair);
}

static void descriptors_out_of_place_are_refused(void **state)
{
	_cleanup_(bytes_done) struct bytes content = reply_of(100000, 'm'),
					   small = reply_of(1, 's');
	_cleanup_(pair_done) struct pair pair = new_pair();
	int fds[16];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(fds); i++)
		fds[i] = memfd_with(span_of(content), content.size, ALL_SEALS);
	size_t before = count_descriptors();
	/* Beside a body: a whole message, or one byte. */
	send_raw(pair.theirs, small.data, small.size, fds, 1);
	assert_bad(&pair);
	send_raw(pair.theirs, "", 1, fds, 1);
	assert_bad(&pair);
	for (size_t n = 2; n <= ELEMENTS(fds); n++) {
		send_raw(pair.theirs, NULL, 0, fds, n);
		assert_bad(&pair);
		send_raw(pair.theirs, small.data, small.size, fds, n);
		assert_bad(&pair);
	}
	assert_int_equal(count_descriptors(), before);
	for (size_t i = 0; i < ELEMENTS(fds); i++)
		close(fds[i]);
}

static void other_descriptors_are_refused(void **state)
{
	_cleanup_(pair_done) struct pair pair = new_pair();
	size_t before = count_descriptors();
	int pipes[2], fd;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	send_raw(pair.theirs, NULL, 0, pipes, 1);
	assert_bad(&pair);
	send_raw(pair.theirs, NULL, 0, &pair.theirs, 1);
	assert_bad(&pair);
	static const char *const paths[] = {"/dev/zero", "/proc/self/exe", "/"};
	for (size_t i = 0; i < ELEMENTS(paths); i++) {
		fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		send_raw(pair.theirs, NULL, 0, &fd, 1);
		assert_bad(&pair);
		close(fd);
	}
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(count_descriptors(), before);
}

static void failed_has_a_clean_reason(void **state)
{
	_cleanup_(pair_done) struct pair pair = new_pair();
	char long_text[3000];
	struct ipc_failed failed;

	(void)state;
	/* 1023 bytes and then characters of two: the one across the limit goes whole. */
	memset(long_text, 'x', 1023);
	for (size_t i = 1023; i < sizeof(long_text) - 1; i += 2)
		memcpy(long_text + i, "\xc3\xa4", 2);
	long_text[sizeof(long_text) - 2] = '\0';
	for (unsigned i = 0; i < 2; i++) {
		_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};

		assert_int_equal(ipc_send_failed(pair.theirs, 4, IPC_FAILURE_REFUSED, "%s",
						 i ? "no \xff key" : long_text),
				 0);
		assert_int_equal(ipc_receive(pair.ours, &packet), 0);
		assert_int_equal(ipc_decode(packet.content, IPC_FAILED, &failed), 0);
		assert_int_equal(failed.code, IPC_FAILURE_REFUSED);
		assert_int_equal(packet.header.tag, 4);
		if (i)
			assert_true(span_equal(failed.reason, SPAN_LITERAL("no ? key")));
		else
			assert_int_equal(failed.reason.size, 1023);
	}
}

/* A peer that answers one question in its own way. */
struct answerer {
	int fd;
	enum { RIGHT, FAILED, WRONG_TAG, WRONG_NUMBER, SILENT_END } how;
};

static void *answer(void *data)
{
	const struct answerer *answerer = data;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_state token = {.state = TOKEN_READY};
	struct ipc_done done = {};
	int r = ipc_receive(answerer->fd, &packet);
	uint64_t tag = packet.header.tag;

	if (r == 0 && answerer->how == RIGHT)
		r = ipc_send(answerer->fd, IPC_TOKEN_STATE, tag, &token);
	else if (r == 0 && answerer->how == FAILED)
		r = ipc_send_failed(answerer->fd, tag, IPC_FAILURE_LATER, "%s", "away");
	else if (r == 0 && answerer->how == WRONG_TAG)
		r = ipc_send(answerer->fd, IPC_TOKEN_STATE, tag + 1, &token);
	else if (r == 0 && answerer->how == WRONG_NUMBER)
		r = ipc_send(answerer->fd, IPC_DONE, tag, &done);
	else if (r == 0)
		shutdown(answerer->fd, SHUT_RDWR);
	return r == 0 ? data : NULL;
}

static void calls_end_in_every_way(void **state)
{
	static const int expected[] = {0, IPC_CALL_FAILED, -EBADMSG, -EBADMSG, -ECONNRESET};
	struct ipc_token_status status = {};

	(void)state;
	for (unsigned how = RIGHT; how <= SILENT_END; how++) {
		_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
		_cleanup_(pair_done) struct pair pair = new_pair();
		struct answerer answerer = {pair.theirs, how};
		pthread_t thread;
		void *fine;

		assert_int_equal(pthread_create(&thread, NULL, answer, &answerer), 0);
		int r = ipc_call(pair.ours, IPC_TOKEN_STATUS, &status, 60000, &packet);
		assert_int_equal(pthread_join(thread, &fine), 0);
		assert_non_null(fine);
		assert_int_equal(r, expected[how]);
		assert_int_equal(packet.header.number, how == RIGHT    ? IPC_TOKEN_STATE
						       : how == FAILED ? IPC_FAILED
								       : IPC_NONE);
	}
}

/* Turned away before and after the question came, with the connection ended and not. */
static void who_is_turned_away_hears_why(void **state)
{
	struct ipc_token_status status = {};

	(void)state;
	for (unsigned way = 0; way < 4; way++) {
		bool ends = way & 1, is_asked = way & 2;
		_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
		_cleanup_(pair_done) struct pair pair = new_pair();

		/* What nobody reads is what makes the end of a connection an error. */
		if (is_asked)
			send_raw(pair.ours, "asked", 5, NULL, 0);
		assert_int_equal(
			ipc_send_failed(pair.theirs, 0, IPC_FAILURE_LATER, "%s", "too many"), 0);
		if (ends) {
			closep(&pair.theirs);
			pair.theirs = -1;
		}
		assert_int_equal(ipc_call(pair.ours, IPC_TOKEN_STATUS, &status, 60000, &packet),
				 IPC_CALL_FAILED);
		assert_int_equal(packet.header.tag, 0);
	}
}

static void calls_keep_their_time(void **state)
{
	_cleanup_(pair_done) struct pair pair = new_pair();
	struct ipc_token_status status = {};
	struct ipc_packet packet;
	unsigned n = 0;

	(void)state;
	/* Nobody reads: first there is no answer, in the end there is no room to ask either. */
	for (; n < 2000; n++)
		assert_int_equal(ipc_call(pair.ours, IPC_TOKEN_STATUS, &status, 0, &packet),
				 -ETIMEDOUT);
	closep(&pair.theirs);
	pair.theirs = -1;
	int r = ipc_call(pair.ours, IPC_TOKEN_STATUS, &status, 1000, &packet);
	assert_true(r == -EPIPE || r == -ECONNRESET);
}

/*
 * Searches all writable memory of this process for bytes that are only known masked, so that the
 * search does not find itself.
 */
#define SECRET_SIZE 48
#define MASK	    0x5a

static size_t count_in(int mem, uint64_t from, uint64_t to, const uint8_t masked[SECRET_SIZE])
{
	static uint8_t room[1 << 16];
	size_t n_found = 0;

	for (uint64_t at = from; at < to; at += sizeof(room) - SECRET_SIZE) {
		size_t wanted = to - at < sizeof(room) ? (size_t)(to - at) : sizeof(room);
		ssize_t n = pread(mem, room, wanted, (off_t)at);

		for (ssize_t i = 0; i + SECRET_SIZE <= n; i++) {
			size_t k = 0;

			while (k < SECRET_SIZE && (room[i + (ssize_t)k] ^ MASK) == masked[k])
				k++;
			n_found += k == SECRET_SIZE;
		}
		memset(room, 0, sizeof(room));
	}
	return n_found;
}

static size_t count_in_memory(const uint8_t masked[SECRET_SIZE])
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	uint64_t from, to;
	size_t n_found = 0;
	char mode[5], line[512];

	assert_non_null(maps);
	assert_true(mem >= 0);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || mode[1] != 'w')
			continue;
		/* A sanitizer's own notes are terabytes of nothing. */
		if (to - from <= (uint64_t)1 << 28)
			n_found += count_in(mem, from, to, masked);
	}
	fclose(maps);
	close(mem);
	return n_found;
}

static void no_copy_of_a_secret_stays(void **state)
{
	_cleanup_(pair_done) struct pair pair = new_pair();
	uint8_t masked[SECRET_SIZE], pin[SECRET_SIZE];
	struct ipc_token_login login = {SPAN_ARRAY(pin)}, back;
	struct ipc_packet packet;

	(void)state;
	for (size_t i = 0; i < SECRET_SIZE; i++) {
		pin[i] = (uint8_t)('A' + (i * 7) % 23);
		masked[i] = pin[i] ^ MASK;
	}
	assert_int_equal(ipc_send(pair.ours, IPC_TOKEN_LOGIN, 1, &login), 0);
	assert_int_equal(count_in_memory(masked), 1);
	wipe(pin, sizeof(pin));
	assert_int_equal(count_in_memory(masked), 0);
	assert_int_equal(ipc_receive(pair.theirs, &packet), 0);
	assert_int_equal(ipc_decode(packet.content, IPC_TOKEN_LOGIN, &back), 0);
	assert_int_equal(back.pin.size, SECRET_SIZE);
	assert_int_equal(count_in_memory(masked), 1);
	ipc_packet_done(&packet);
	assert_int_equal(count_in_memory(masked), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_goes_through),
		cmocka_unit_test(the_border_between_packet_and_memfd),
		cmocka_unit_test(large_messages_go_through),
		cmocka_unit_test(the_largest_message_goes_through),
		cmocka_unit_test(the_ends_of_a_connection),
		cmocka_unit_test(a_full_socket_is_told),
		cmocka_unit_test(bad_packets_are_refused),
		cmocka_unit_test(a_memfd_without_a_seal_is_refused),
		cmocka_unit_test(a_memfd_with_all_seals_is_taken),
		cmocka_unit_test(a_memfd_of_a_wrong_size_is_refused),
		cmocka_unit_test(descriptors_out_of_place_are_refused),
		cmocka_unit_test(other_descriptors_are_refused),
		cmocka_unit_test(failed_has_a_clean_reason),
		cmocka_unit_test(calls_end_in_every_way),
		cmocka_unit_test(who_is_turned_away_hears_why),
		cmocka_unit_test(calls_keep_their_time),
		cmocka_unit_test(no_copy_of_a_secret_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
