/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/url.h"
#include "daemon/base/files.h"
#include "daemon/fetch/directory.h"
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct url_scheme schemes[] = {
	{"http",  .is_http = true, .takes_user = true, .redirects = "http,https"},
	/* What was asked for under TLS does not go on without. */
	{"https", .is_http = true, .takes_user = true, .redirects = "https"},
	{"ftp",   .takes_user = true},
	{"tftp"},
	{"sftp",  .is_ssh = true, .takes_user = true},
	{"ldap",  .is_ldap = true},
	{"ldaps", .is_ldap = true},
};
/* clang-format on */

static const struct url_scheme *scheme_of(CURLU *parts)
{
	char *name = NULL;
	const struct url_scheme *found = NULL;

	if (curl_url_get(parts, CURLUPART_SCHEME, &name, 0))
		return NULL;
	for (size_t i = 0; i < ELEMENTS(schemes); i++)
		if (!strcmp(schemes[i].name, name))
			found = &schemes[i];
	curl_free(name);
	return found;
}

static bool has_part(CURLU *parts, CURLUPart part)
{
	char *text = NULL;
	bool has = curl_url_get(parts, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return has;
}

/* Without the URL where it may hold a password. */
static const char *find_fault(CURLU *parts, bool *ret_may_be_shown)
{
	*ret_may_be_shown = false;
	if (has_part(parts, CURLUPART_USER) || has_part(parts, CURLUPART_PASSWORD))
		return "a user or password in a URL would be seen by everybody: give them beside "
		       "it";
	*ret_may_be_shown = true;
	if (!scheme_of(parts))
		return "only http, https, ftp, tftp, sftp, ldap and ldaps are fetched from or "
		       "written to";
	if (has_part(parts, CURLUPART_FRAGMENT))
		return "a fragment (#) names no file on a server: write %23 where it belongs to a "
		       "name";
	return NULL;
}

static int refuse(const char *text, const char *fault, char **ret_reason)
{
	int r = text ? text_format(ret_reason, "%s: %s", text, fault)
		     : text_format(ret_reason, "the URL: %s", fault);

	return r < 0 ? r : URL_REFUSED;
}

int url_read(struct span text, struct url *ret, char **ret_reason)
{
	_cleanup_(url_done) struct url url = {.parts = curl_url()};
	const char *fault;
	bool may_be_shown, is_directory;
	CURLUcode code;
	int r;

	if (!url.parts)
		return -ENOMEM;
	r = span_to_text(text, &url.text);
	if (r < 0)
		return r == -EINVAL ? refuse(NULL, "it holds a NUL", ret_reason) : r;
	is_directory = !strncasecmp(url.text, "ldap", 4);
	/* Nearly without flags: a scheme must stand there, and a user is told apart from the host.
	 * A scheme that libcurl does not know is refused by the table, with the same words as the
	 * others. */
	code = curl_url_set(url.parts, CURLUPART_URL, url.text,
			    CURLU_NON_SUPPORT_SCHEME | (is_directory ? CURLU_ALLOW_SPACE : 0));
	if (code == CURLUE_OUT_OF_MEMORY)
		return -ENOMEM;
	if (code == CURLUE_BAD_PORT_NUMBER)
		return refuse(NULL,
			      "what follows its host is no port number (an IPv6 address stands in "
			      "brackets, as in "
			      "http://[2001:db8::1]:8080/)",
			      ret_reason);
	if (code)
		return refuse(NULL, curl_url_strerror(code), ret_reason);
	fault = find_fault(url.parts, &may_be_shown);
	if (fault)
		return refuse(may_be_shown ? url.text : NULL, fault, ret_reason);
	url.scheme = scheme_of(url.parts);
	if (url.scheme->is_ldap)
		fault = directory_complete_url(url.parts);
	if (fault)
		return refuse(url.text, fault, ret_reason);
	*ret = TAKE_STRUCT(url);
	return 0;
}

void url_done(struct url *url)
{
	curl_url_cleanup(url->parts);
	free(url->text);
	*url = (struct url){};
}
