/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The binary messages between our processes: structs, encoder and decoder, all made from
 * messages.def.
 *
 * A packet is: number u16, flags u16 (zero), tag u64, fields in order; integers little-endian,
 * texts and blobs as length u32 and bytes; nothing after the last field. The tag is chosen by the
 * asker and comes back with the answer. No native struct crosses a socket. A decoded message
 * borrows from its packet.
 */

#include "daemon/base/bytes.h"

/* Number, flags and tag: the bytes before the first field. */
#define IPC_HEADER_SIZE 12

enum ipc_role {
	IPC_ROLE_NONE,
	IPC_ROLE_ANY,
	IPC_ROLE_FRONT_END,
	IPC_ROLE_DAEMON,
	IPC_ROLE_TOKEN,
	IPC_ROLE_OPERATOR,
	IPC_ROLE_FETCHER
};

enum ipc_number {
	IPC_NONE = 0,
#define IPC_MESSAGE(NAME, name, number, sender, reply) IPC_##NAME = (number),
#include "daemon/ipc/messages.def"
};

#define IPC_MESSAGE(NAME, name, number, sender, reply) struct ipc_##name {
#define IPC_U8(name, field)			       uint8_t field;
#define IPC_U16(name, field)			       uint16_t field;
#define IPC_U32(name, field)			       uint32_t field;
#define IPC_U64(name, field)			       uint64_t field;
#define IPC_I64(name, field)			       int64_t field;
#define IPC_TEXT(name, field, most)		       struct span field;
#define IPC_BLOB(name, field, most)		       struct span field;
#define IPC_SECRET(name, field, most)		       struct span field;
#define IPC_END(name)                                                                              \
	}                                                                                          \
	;
#include "daemon/ipc/messages.def"

/* Why a request came back as FAILED. */
enum ipc_failure {
	IPC_FAILURE_LATER = 1,	   /* not now: no token, no PIN, no clock; ask again */
	IPC_FAILURE_REFUSED = 2,   /* a rule (charter, role) forbids it; asking again is no use */
	IPC_FAILURE_NOT_FOUND = 3, /* no such key, position, server */
	IPC_FAILURE_INVALID = 4,   /* a bad value or a bad message */
	IPC_FAILURE_FAULT = 5,	   /* an error of ours or of the token */
};

/* States of a token, as TOKEN_STATE tells them. */
enum token_state {
	TOKEN_ABSENT = 1, /* no such token in any slot */
	TOKEN_LOCKED = 2, /* there, and waits for a PIN */
	TOKEN_READY = 3,
	TOKEN_DEGRADED = 4, /* there, and its sessions fail: being recovered */
	TOKEN_FAILED = 5,   /* the module is missing, the URI ambiguous, the PIN wrong: an operator
			       must act */
	TOKEN_SEEN = 6,	  /* a card is in its reader, and the module does not show the token yet */
	TOKEN_MAPPED = 7, /* its slot is found, and the user not logged in yet */
};
#define TOKEN_STATE_LAST TOKEN_MAPPED
/* "ready"; "unknown" for a number outside the list. */
const char *token_state_name(enum token_state state);

struct ipc_header {
	enum ipc_number number;
	uint64_t tag;
};

/* The name for logs ("SCEP_REQUEST"); "unknown" for a number outside the table. */
const char *ipc_name(enum ipc_number number);
enum ipc_role ipc_sender(enum ipc_number number);
/* The number of the reply that belongs to a request; IPC_NONE where it has none. */
enum ipc_number ipc_reply(enum ipc_number number);

/* The largest packet that a message of this number can be, in bytes; 0 for a number outside the
 * table. A receiver knows from it how much to take in before it has seen more than the header. */
size_t ipc_size_most(enum ipc_number number);

/* Encodes the struct that belongs to @number. Asserts that every field keeps its limit. -EINVAL
 * where a text holds a NUL or is no UTF-8, which may come from anywhere; -ENOMEM. The caller wipes
 * what held secrets (ipc_send() does). */
_checked_ int ipc_encode(enum ipc_number number, uint64_t tag, const void *message,
			 struct bytes *ret);
/* Reads number and tag. -EBADMSG where the packet is too short, the number is unknown or a flag is
 * set. */
_checked_ int ipc_decode_header(struct span packet, struct ipc_header *ret);
/* Decodes into the struct that belongs to @number; -EBADMSG where the packet is another message, a
 * field exceeds its limit, a text holds a NUL or no UTF-8, or anything is left over. @ret borrows.
 */
_checked_ int ipc_decode(struct span packet, enum ipc_number number, void *ret);
