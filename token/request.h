/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One message of a peer on its way to an answer. What may be asked on which socket is a table per
 * socket; a message that isn't in it costs the peer its connection.
 */

#include "token/connection.h"
#include "token/pool.h"
#include "token/service.h"

enum request_door {
	REQUEST_DAEMON = 1, /* NAME.sock */
	REQUEST_OPERATOR,   /* NAME.admin */
};

struct request {
	struct pool_job job; /* first */
	struct service *service;
	struct connection *connection;
	struct ipc_packet packet;
	const struct request_kind *kind;
	union {
		struct ipc_token_status status;
		struct ipc_token_key key;
		struct ipc_token_make make;
		struct ipc_token_sign sign;
		struct ipc_token_unwrap unwrap;
		struct ipc_token_relabel relabel;
		struct ipc_token_destroy destroy;
		struct ipc_token_log log;
		struct ipc_token_note note;
		struct ipc_token_archive archive;
		struct ipc_token_use use;
		struct ipc_token_open open;
		struct ipc_token_login login;
		struct ipc_token_survey survey;
		struct ipc_token_init init;
		struct ipc_token_zeroize zeroize;
		struct ipc_token_generate generate;
		struct ipc_token_import import;
		struct ipc_token_export export;
		struct ipc_token_seal seal;
		struct ipc_token_backup backup;
		struct ipc_token_restore restore;
		struct ipc_token_offer offer;
		struct ipc_token_give give;
		struct ipc_token_take take;
		struct ipc_token_adopt adopt;
	} message; /* borrows from @packet */
};

struct request_kind {
	enum ipc_number number;
	bool at_once; /* answered by the event loop: touches no token */
	/* Answers it. @seat: of the thread. */
	void (*handle)(struct request *request, unsigned seat);
};

/* The row of this message at this door; NULL: it may not be asked there. */
const struct request_kind *request_find_kind(enum request_door door, enum ipc_number number);

/*
 * Takes a packet over, decodes it, and answers it or queues it in @pool.
 * -EBADMSG where the peer broke the rules and must be cut off; -ENOMEM.
 */
_checked_ int request_take(struct service *service, struct pool *pool, enum request_door door,
			   struct connection *connection, struct ipc_packet *packet);

/* Exactly one of these, once, in a handler. */
void request_answer(struct request *request, enum ipc_number number, const void *message);
_printf_(3, 4) void request_fail(struct request *request, enum ipc_failure code, const char *format,
				 ...);
/* The key that a message names; NULL, and answered, where there is none. */
struct held_charter *request_find_key(struct request *request, struct span key_sha256);
/* FAILED for an outcome of keeper_do() and its like, or a -errno; @reason may be NULL. */
void request_fail_keeper(struct request *request, int result, const char *reason);

/* What a token says of itself may be in any encoding, and a message's text may not: borrows from
 * @foreign, which is mended, at most @most bytes. */
struct span request_clean(char *foreign, size_t most);

/* The handlers, by the file that they are in. */
void request_status(struct request *request, unsigned seat); /* request-status.c */
void request_key(struct request *request, unsigned seat);
void request_sign(struct request *request, unsigned seat);    /* request-sign.c */
void request_unwrap(struct request *request, unsigned seat);  /* request-unwrap.c */
void request_use(struct request *request, unsigned seat);     /* request-use.c */
void request_open(struct request *request, unsigned seat);    /* request-open.c */
void request_make(struct request *request, unsigned seat);    /* request-make.c */
void request_relabel(struct request *request, unsigned seat); /* request-change.c */
void request_destroy(struct request *request, unsigned seat);
void request_log(struct request *request, unsigned seat); /* request-log.c */
void request_note(struct request *request, unsigned seat);
void request_login(struct request *request, unsigned seat); /* request-operator.c */
void request_survey(struct request *request, unsigned seat);
void request_init(struct request *request, unsigned seat);
void request_adopt(struct request *request, unsigned seat);
void request_zeroize(struct request *request, unsigned seat);  /* request-change.c */
void request_generate(struct request *request, unsigned seat); /* request-generate.c */
void request_import(struct request *request, unsigned seat);   /* request-import.c */
void request_export(struct request *request, unsigned seat);   /* request-export.c */
void request_archive(struct request *request, unsigned seat);
void request_seal(struct request *request, unsigned seat);
void request_backup(struct request *request, unsigned seat);  /* request-backup.c */
void request_restore(struct request *request, unsigned seat); /* request-restore.c */
void request_offer(struct request *request, unsigned seat);   /* request-share.c */
void request_give(struct request *request, unsigned seat);
void request_take_wrapping(struct request *request, unsigned seat);
