/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Places where files are kept or put, as Store= and Publish.TYPE= write them: an absolute path, or
 * a URL of a few schemes (RFC 3986, RFC 8089 for file:). Everything after the host stays as it was
 * written, a question mark too.
 */

#include "daemon/base/bytes.h"

enum conf_scheme {
	CONF_SCHEME_FILE,
	CONF_SCHEME_HTTP,
	CONF_SCHEME_HTTPS,
	CONF_SCHEME_FTP,
	CONF_SCHEME_TFTP,
	CONF_SCHEME_SFTP,
};

struct conf_url {
	enum conf_scheme scheme;
	struct span authority; /* host, or host:port; empty for files */
	struct span path;      /* begins with '/', or is empty; for files the path itself */
};

/* Borrows from @text. The words of what is wrong are CONF_URL_…'s own. */
enum conf_url_outcome {
	CONF_URL_SCHEME = 1, /* no path, and no scheme of these */
	CONF_URL_SHAPE,	     /* no host, a host of a file, a blank or control character */
	CONF_URL_USER,	     /* user@ or user:password@ before the host */
};
_checked_ int conf_url_read(struct span text, struct conf_url *ret);

/* True where both texts, each right, name the same place; slashes at the end don't count. */
bool conf_url_same(const char *a, const char *b);
