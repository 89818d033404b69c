/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/url.h"
#include "daemon/conf/value-internal.h"
#include <ctype.h>

/* RFC 3986 §2.1: '%' begins two hex digits; beside them there is %g, which no escape begins with.
 */
static bool escapes_are_known(struct span text)
{
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] != '%')
			continue;
		if (i + 1 < text.size && text.data[i + 1] == 'g')
			continue;
		if (i + 2 >= text.size || !isxdigit(text.data[i + 1]) ||
		    !isxdigit(text.data[i + 2]))
			return false;
	}
	return true;
}

/* The value stays unsaid: it holds a password, or might. */
static int has_user(const struct reading *r)
{
	return conf_wrong(
		&(struct reading){r->option, SPAN_LITERAL(""), r->why},
		"may not hold a user or password; StoreUser= and StorePassword= say those");
}

int conf_read_cdp_url(const struct reading *r, void *member)
{
	struct conf_url url;
	int read = conf_url_read(r->text, &url);

	if (read == CONF_URL_USER)
		return conf_wrong(
			&(struct reading){r->option, SPAN_LITERAL(""), r->why},
			"may not hold a user or password: every certificate would show it");
	if (read != 0 || url.scheme != CONF_SCHEME_HTTP)
		return conf_wrong(r,
				  "must be an http: URL, as http://ca.example.org/crl/ROOTCA.crl");
	if (!escapes_are_known(r->text))
		return conf_wrong(r, "'%' begins two hex digits, or %g, the generation's number");
	return conf_read_text(r, member);
}

static int check_store_url(const struct reading *r)
{
	struct conf_url url;

	switch (conf_url_read(r->text, &url)) {
	case 0:
		return 0;
	case CONF_URL_USER:
		return has_user(r);
	case CONF_URL_SCHEME:
		return conf_wrong(r, "must be an absolute path, or a URL that begins with file:, "
				     "http:, https:, ftp:, tftp: or sftp:, as "
				     "ftp://store.example.org/ca");
	default:
		return conf_wrong(r, "must be a scheme, two slashes, a host (none for file:), and "
				     "a path without blanks");
	}
}

int conf_read_store_url(const struct reading *r, void *member)
{
	int error = check_store_url(r);

	return error ? error : conf_read_text(r, member);
}

int conf_read_store_urls(const struct reading *r, void *member)
{
	int error = check_store_url(r);

	return error ? error : conf_read_texts(r, member);
}
