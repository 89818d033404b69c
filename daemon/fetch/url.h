/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which URLs are taken, and what goes for each scheme. No file: and nothing that libcurl may know
 * besides. Blanks in the name of a directory's entry are taken as they are found in certificates. A
 * user and password come beside the URL, never in it, so that it may be shown. Pure.
 *
 * Source: RFC 3986 §3 (parts), §3.2.2 (IPv6 addresses in brackets).
 */

#include "daemon/base/bytes.h"
#include <curl/curl.h>

struct url_scheme {
	const char *name;
	bool is_http;	       /* has statuses and redirects */
	bool is_ldap;	       /* an entry's value is read, in question and answer (directory.h) */
	bool is_ssh;	       /* the host is known by its key, and somebody must log in */
	bool takes_user;       /* TFTP has none */
	const char *redirects; /* to which schemes a GET may be sent on; NULL: to none */
};

struct url {
	CURLU *parts;
	const struct url_scheme *scheme;
	char *text; /* as it was given; holds no secret */
};

enum url_outcome {
	URL_REFUSED = 1,
};

/* 0; URL_REFUSED with a reason that tells no secret (@ret_reason is the caller's); -ENOMEM. */
_checked_ int url_read(struct span text, struct url *ret, char **ret_reason);
void url_done(struct url *url);
