/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Packets over a SOCK_SEQPACKET socket. What is larger than 64 KiB travels as a sealed memfd beside
 * an empty packet (a packet ends at 212,960 bytes): the receiver checks the seals and derives the
 * size itself. Buffers are wiped when they are let go of. A peer that breaks the rules is the
 * caller's to close.
 */

#include "daemon/ipc/message.h"

/* The largest message that travels as the packet itself. */
#define IPC_PACKET_MOST ((size_t)65536)

struct ipc_packet {
	struct ipc_header header;
	struct span content; /* the whole packet */
	void *storage_;
};

/* Sends one message. Blocks while the peer's buffer is full unless @fd is non-blocking (-EAGAIN).
 * -EPIPE where the peer is gone (no SIGPIPE), -EINVAL where a text is no UTF-8. */
_checked_ int ipc_send(int fd, enum ipc_number number, uint64_t tag, const void *message);
/* FAILED with a reason, which is cut to its limit and made UTF-8 where it is none. Else as
 * ipc_send(). */
_checked_ _printf_(4, 5) int ipc_send_failed(int fd, uint64_t tag, enum ipc_failure code,
					     const char *format, ...);
/*
 * Receives one packet. -EAGAIN where @fd is non-blocking and nothing is there; -ECONNRESET at the
 * end of the connection; -EBADMSG where it is no packet of ours (@fd must then be closed). Headers
 * are decoded.
 */
_checked_ int ipc_receive(int fd, struct ipc_packet *ret);
/* The same of a stranger, whose messages are packets alone: a descriptor that comes along never
 * gets into this process, which would have to close it, and so wait for whoever serves the file
 * that it is of, by FUSE for as long as he likes. -EBADMSG then. */
_checked_ int ipc_receive_plain(int fd, struct ipc_packet *ret);
/* As ipc_receive(), waiting for at most @timeout_ms whether @fd blocks or not; -ETIMEDOUT. */
_checked_ int ipc_receive_within(int fd, int64_t timeout_ms, struct ipc_packet *ret);
/* Wipes and frees; accepts the zeroed packet. What was decoded from it is gone, too. */
void ipc_packet_done(struct ipc_packet *packet);

/*
 * Asks and waits for the answer, on a blocking socket with no other question under way.
 *
 * Returns 0 where the packet is the reply that belongs to @number (decode it with ipc_decode());
 * IPC_CALL_FAILED where it is FAILED; -ETIMEDOUT, -EPIPE, -ECONNRESET, -EBADMSG otherwise, and then
 * the socket must be closed, since a late answer must not meet another question.
 *
 * A FAILED of tag 0 answers whatever is asked, also where the connection has ended by then: so a
 * peer turns away a connection before it has read anything.
 */
enum ipc_call_outcome { IPC_CALL_FAILED = 1 };
_checked_ int ipc_call(int fd, enum ipc_number number, const void *message, int64_t timeout_ms,
		       struct ipc_packet *ret);
