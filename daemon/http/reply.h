/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The headers of a reply, beside those that HTTP itself brings (Content-Length, Connection). What
 * SCEP says now is never to be kept: Date, Expires and Last-Modified are the same moment, as IOS
 * sends them. A CRL or certificate served as a file may be kept until it expires. Pure.
 */

#include "daemon/base/bytes.h"

#define REPLY_HEADERS_MAX   12
#define REPLY_HEADER_SIZE   64
#define REPLY_UNKNOWN_AGE_S 300 /* how long a file may be kept whose end nobody told */

struct reply {
	unsigned status;
	const char *content_type;
	unsigned retry_after_s; /* 0: none */
	bool cached;		/* the rest counts only then */
	const char *etag;	/* with its quotes */
	int64_t modified_s;
	int64_t expires_s; /* 0: unknown */
};

struct reply_header {
	const char *name;
	char value[REPLY_HEADER_SIZE];
};

/* Fills @ret in the order in which they are sent; how many there are. */
size_t reply_headers(const struct reply *reply, int64_t now_s,
		     struct reply_header ret[static REPLY_HEADERS_MAX]);

/* Whether an If-None-Match header names @etag (RFC 9110 §13.1.2). */
bool reply_matches(const char *if_none_match, const char *etag);
