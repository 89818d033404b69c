/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What became of a transfer, in words that say what to do, and whether it may be tried again. Pure.
 */

#include "daemon/fetch/url.h"
#include "daemon/ipc/message.h"

/* What was not libcurl's but our own reason to end it. */
enum breach {
	BREACH_NONE,
	BREACH_SIZE,   /* more than was asked for */
	BREACH_HEADER, /* headers without end */
	BREACH_EMPTY,  /* an entry without what was asked for */
	BREACH_FORM,   /* no entry at all */
};

struct transfer_end {
	CURLcode code;
	enum breach breach;
	long status; /* of HTTP, FTP; 0 without */
	bool is_put;
	bool is_scep;	/* HTTP's status is for the asker: each is an answer */
	bool is_absent; /* a directory has no such entry */
	bool is_post;	/* SCEP's with a message */
};

struct explanation {
	enum ipc_failure failure;
	const char *advice; /* constant */
};

/* True where the transfer was done. Else why not. */
bool explain_is_done(const struct url_scheme *scheme, const struct transfer_end *end);
struct explanation explain(const struct url_scheme *scheme, const struct transfer_end *end);
