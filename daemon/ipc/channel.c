/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/channel.h"

#include "daemon/base/clock.h"
#include "daemon/base/utf8.h"
#include "daemon/ipc/memfd.h"
#include "daemon/ipc/wait.h"
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REASON_LIMIT 1024

static void wipe_and_free(struct bytes *bytes)
{
	if (bytes->data)
		wipe(bytes->data, bytes->size);
	bytes_done(bytes);
}

/* Sending. */

static int send_bytes(int fd, struct span packet, int memfd, int flags)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)packet.data, packet.size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (memfd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.room);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &memfd, sizeof(memfd));
	}
	for (;;) {
		if (sendmsg(fd, &message, MSG_NOSIGNAL | flags) >= 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

static int send_packet(int fd, struct span packet, int flags)
{
	_cleanup_(closep) int memfd = -1;
	int r;

	if (packet.size <= IPC_PACKET_MOST)
		return send_bytes(fd, packet, -1, flags);
	r = memfd_seal(packet, &memfd);
	if (r < 0)
		return r;
	return send_bytes(fd, (struct span){0}, memfd, flags);
}

int ipc_send(int fd, enum ipc_number number, uint64_t tag, const void *message)
{
	_cleanup_(wipe_and_free) struct bytes packet = {0};
	int r;

	r = ipc_encode(number, tag, message, &packet);
	if (r < 0)
		return r;
	return send_packet(fd, span_of(packet), 0);
}

int ipc_send_failed(int fd, uint64_t tag, enum ipc_failure code, const char *format, ...)
{
	/* Longer than the limit, so that utf8_fit() sees whether a character would be cut. */
	char reason[REASON_LIMIT + 8];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	/* It often quotes what a module or a file said, in whatever encoding. */
	utf8_mend(reason, strlen(reason));
	struct span text = span_of_text(reason);
	struct ipc_failed failed = {(uint8_t)code, {text.data, utf8_fit(text, REASON_LIMIT)}};
	return ipc_send(fd, IPC_FAILED, tag, &failed);
}

/* Receiving. */

struct arrival {
	size_t size;
	bool cut; /* the packet or its descriptors were more than we have room for */
	size_t n_fds;
	int fd; /* the first of them, ours to close; -1 */
};

static void arrival_done(struct arrival *arrival)
{
	closep(&arrival->fd);
}

/* Keeps the first descriptor and closes all others: whatever was sent is installed in this process
 * and stays there for ever if nobody looks at it. */
static void take_descriptors(struct msghdr *message, struct arrival *arrival)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (arrival->n_fds++ == 0)
				arrival->fd = fd;
			else
				close(fd);
		}
	}
}

/* @plain: there is no room for descriptors, and the kernel drops them. */
static int receive_bytes(int fd, int flags, bool plain, uint8_t room[static IPC_PACKET_MOST],
			 struct arrival *ret)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec part = {room, IPC_PACKET_MOST};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = plain ? NULL : &control,
				 .msg_controllen = plain ? 0 : sizeof(control)};
	ssize_t n;

	do
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | flags);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	*ret = (struct arrival){.size = (size_t)n, .fd = -1};
	take_descriptors(&message, ret);
	ret->cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
	return 0;
}

/* A packet is bytes, or exactly one descriptor; nothing at all is the end of the connection. */
static int read_arrival(const struct arrival *arrival, const uint8_t *room, struct bytes *ret)
{
	if (arrival->cut || arrival->n_fds > 1 || (arrival->n_fds == 1 && arrival->size > 0))
		return -EBADMSG;
	if (arrival->n_fds == 1)
		return memfd_read(arrival->fd, ret);
	if (arrival->size == 0)
		return -ECONNRESET;
	return bytes_copy(SPAN(room, arrival->size), ret);
}

/* In other programs the stack may be a fibre's, as of OpenSSL's ASYNC jobs: 32 KiB in all. */
static int receive(int fd, int flags, bool plain, struct ipc_packet *ret)
{
	_cleanup_(arrival_done) struct arrival arrival = {.fd = -1};
	_cleanup_(wipe_and_free) struct bytes content = {0};
	_cleanup_(freep) uint8_t *room = malloc(IPC_PACKET_MOST);
	struct ipc_header header;
	int r;

	if (!room)
		return -ENOMEM;
	r = receive_bytes(fd, flags, plain, room, &arrival);
	if (r < 0)
		return r;
	r = read_arrival(&arrival, room, &content);
	wipe(room, arrival.size);
	if (r < 0)
		return r;
	r = ipc_decode_header(span_of(content), &header);
	if (r < 0)
		return r;
	*ret = (struct ipc_packet){header, span_of(content), content.data};
	content = (struct bytes){0};
	return 0;
}

int ipc_receive(int fd, struct ipc_packet *ret)
{
	return receive(fd, 0, false, ret);
}

int ipc_receive_plain(int fd, struct ipc_packet *ret)
{
	return receive(fd, 0, true, ret);
}

static int receive_until(int fd, int64_t deadline_ms, struct ipc_packet *ret)
{
	int r;

	do {
		r = wait_until_ready(fd, POLLIN, deadline_ms);
		if (r == 0)
			r = receive(fd, MSG_DONTWAIT, false, ret);
	} while (r == -EAGAIN);
	return r;
}

int ipc_receive_within(int fd, int64_t timeout_ms, struct ipc_packet *ret)
{
	return receive_until(fd, clock_monotonic_ms() + timeout_ms, ret);
}

void ipc_packet_done(struct ipc_packet *packet)
{
	if (packet->storage_)
		wipe(packet->storage_, packet->content.size);
	free(packet->storage_);
	*packet = (struct ipc_packet){0};
}

/* Asking. */

static int send_until(int fd, struct span packet, int64_t deadline_ms)
{
	int r;

	while ((r = send_packet(fd, packet, MSG_DONTWAIT)) == -EAGAIN) {
		r = wait_until_ready(fd, POLLOUT, deadline_ms);
		if (r < 0)
			break;
	}
	return r;
}

/* Sends, and receives what comes back. */
static int exchange(int fd, struct span question, int64_t deadline_ms, struct ipc_packet *ret)
{
	int r = send_until(fd, question, deadline_ms);

	return r < 0 ? r : receive_until(fd, deadline_ms, ret);
}

static bool is_turned_away(const struct ipc_packet *answer)
{
	return answer->header.number == IPC_FAILED && answer->header.tag == 0;
}

/* Whoever turns a connection away ends it as well, perhaps before the question was sent. What he
 * said waits behind the error, which is told once. */
static int find_last_word(int fd, int r, struct ipc_packet *ret)
{
	_cleanup_(ipc_packet_done) struct ipc_packet word = {0};

	if (r != -EPIPE && r != -ECONNRESET)
		return r;
	if (receive(fd, MSG_DONTWAIT, false, &word) < 0 || !is_turned_away(&word))
		return r;
	*ret = TAKE_STRUCT(word);
	return 0;
}

int ipc_call(int fd, enum ipc_number number, const void *message, int64_t timeout_ms,
	     struct ipc_packet *ret)
{
	static _Atomic uint64_t last_tag;
	int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
	_cleanup_(ipc_packet_done) struct ipc_packet answer = {0};
	_cleanup_(wipe_and_free) struct bytes question = {0};
	uint64_t tag = atomic_fetch_add(&last_tag, 1) + 1;
	int r;

	assert(ipc_reply(number) != IPC_NONE);
	r = ipc_encode(number, tag, message, &question);
	if (r < 0)
		return r;
	r = exchange(fd, span_of(question), deadline_ms, &answer);
	if (r < 0)
		r = find_last_word(fd, r, &answer);
	if (r < 0)
		return r;
	bool failed = answer.header.number == IPC_FAILED;
	if (!is_turned_away(&answer) &&
	    (answer.header.tag != tag || (!failed && answer.header.number != ipc_reply(number))))
		return -EBADMSG;
	*ret = TAKE_STRUCT(answer);
	return failed ? IPC_CALL_FAILED : 0;
}
