/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Asks claviger-fetch for one transfer and waits for its end, on a connection of its own: closing
 * it cancels. Which URLs it takes, and what it makes of them, is claviger-fetch's.
 */

#include "daemon/base/bytes.h"

/* The most that a transfer may bring or take, in bytes. */
#define FETCH_CONTENT_MOST ((size_t)64 * 1024 * 1024)
#define FETCH_TIMEOUT_MOST 3600

/* Ends what is under way from another thread, for all orders that name it. */
struct fetch_canceller;
_checked_ int fetch_canceller_new(struct fetch_canceller **ret);
/* No order may be under way. */
struct fetch_canceller *fetch_canceller_free(struct fetch_canceller *canceller);
/* From here on every order fails at once. */
void fetch_cancel(struct fetch_canceller *canceller);
bool fetch_is_cancelled(struct fetch_canceller *canceller);

struct fetch_order {
	const char *runtime_directory; /* fetch.sock lies there */
	const char *url;      /* http, https, ftp, tftp or sftp; no user or password in it */
	const char *user;     /* NULL: none */
	struct span password; /* empty: none */
	unsigned timeout_s;   /* of the whole transfer, 1…FETCH_TIMEOUT_MOST */
	struct fetch_canceller *canceller; /* NULL: it goes on to its end */
};

/* The protocols of a v3 sink; the numbers are FETCH_TRAP's. */
enum fetch_trap_auth { FETCH_TRAP_SHA = 1, FETCH_TRAP_SHA256, FETCH_TRAP_SHA512 };
enum fetch_trap_privacy { FETCH_TRAP_CLEAR = 1, FETCH_TRAP_AES };

enum fetch_outcome {
	FETCH_FAILED = 1,    /* not now, or not so: the reason says which and what to do */
	FETCH_NOT_FOUND = 2, /* the server says that there is no such file */
	FETCH_REFUSED = 3,   /* the URL, or what it answers, is against a rule: no use to repeat */
};

/*
 * Each blocks for the transfer and a little more. 0, an enum fetch_outcome with a reason for people
 * that names the URL without its query (@ret_reason is the caller's to free, untouched otherwise),
 * or -ENOMEM.
 * @limit_bytes is 1…FETCH_CONTENT_MOST; what is larger is refused.
 */
_checked_ int fetch_get(const struct fetch_order *order, size_t limit_bytes, struct bytes *ret,
			char **ret_reason);
/* Replaces what is at the URL; what a broken transfer leaves there is the server's affair. */
_checked_ int fetch_put(const struct fetch_order *order, struct span content, char **ret_reason);

/* What a SCEP server said. */
struct fetch_answer {
	unsigned status;	/* HTTP's, of the last answer where a GET was redirected */
	unsigned retry_after_s; /* 0: the server said nothing of it */
	char *content_type;	/* with its parameters, as it came; "" without */
	struct bytes content;
};
void fetch_answer_done(struct fetch_answer *answer);
/*
 * An exchange with a SCEP server in the shape of a router's (HTTP/1.0): a GET of the order's URL,
 * or, where @message has bytes, those posted there. URLs of http and https alone; no user. Any
 * status is an answer, with its body, except a redirect of a POST, which is FETCH_FAILED with a
 * reason that names where it leads. A GET is redirected three times at most, and not away from
 * https. @limit_bytes as above; the message has at most FETCH_MESSAGE_MOST bytes.
 */
#define FETCH_MESSAGE_MOST ((size_t)1024 * 1024)
_checked_ int fetch_scep(const struct fetch_order *order, struct span message, size_t limit_bytes,
			 struct fetch_answer *ret, char **ret_reason);

/*
 * Sends one trap; of @order the runtime directory, the canceller and the time limit count, which is
 * how long a name may be looked up. @trap keeps the limits of messages.def. 0 where it was sent,
 * which is not whether it arrived.
 */
struct ipc_fetch_trap;
_checked_ int fetch_trap(const struct fetch_order *order, const struct ipc_fetch_trap *trap,
			 char **ret_reason);
