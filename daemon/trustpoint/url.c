/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/url.h"
#include "daemon/base/text.h"
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_PATH "/cgi-bin/pkiclient.exe"

struct parts {
	struct span origin; /* scheme, host and port, as typed */
	struct span path;   /* with its slash; empty without one */
};

static bool is_name_character(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

static const char *check_port(struct span rest)
{
	int64_t port;

	if (!rest.size)
		return NULL;
	if (rest.data[0] != ':' ||
	    text_read_number(span_slice(rest, 1, rest.size), 1, 65535, &port) < 0)
		return "has a port that is none; it stands behind the host as a number of 1 to "
		       "65535";
	return NULL;
}

static const char *check_ipv6(struct span authority)
{
	const uint8_t *end = memchr(authority.data, ']', authority.size);
	size_t size = end ? (size_t)(end - authority.data) - 1 : 0;
	char text[INET6_ADDRSTRLEN] = "";
	uint8_t address[16];

	if (!end || size >= sizeof(text))
		return "has a bracket without an IPv6 address in it";
	memcpy(text, authority.data + 1, size);
	if (inet_pton(AF_INET6, text, address) != 1)
		return "has something in brackets that is no IPv6 address";
	return check_port(span_slice(authority, size + 2, authority.size));
}

static const char *check_authority(struct span authority)
{
	size_t n = 0;

	if (authority.size && memchr(authority.data, '@', authority.size))
		return "names a user; a CA is asked without one, so leave that out";
	if (authority.size && authority.data[0] == '[')
		return check_ipv6(authority);
	while (n < authority.size && is_name_character(authority.data[n]))
		n++;
	if (!n)
		return "names no host";
	if (n < authority.size && authority.data[n] == ':' &&
	    memchr(authority.data + n + 1, ':', authority.size - n - 1))
		return "has an IPv6 address without brackets; write http://[2001:db8::1]:80";
	if (n < authority.size && authority.data[n] != ':')
		return "has a host with a character that no name has";
	return check_port(span_slice(authority, n, authority.size));
}

static const char *check_path(struct span path)
{
	for (size_t i = 0; i < path.size; i++) {
		uint8_t c = path.data[i];

		if (c == '?' || c == '#')
			return "has a query; the operation is added here, so leave out what "
			       "follows "
			       "the path";
		if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c))
			return "has a path with a character that must be percent-escaped";
	}
	return NULL;
}

/* NULL, or what is wrong. */
static const char *read_parts(const char *url, struct parts *ret)
{
	size_t scheme = 0, authority;
	const char *wrong;

	if (!strncasecmp(url, "http://", 7))
		scheme = 7;
	else if (!strncasecmp(url, "https://", 8))
		scheme = 8;
	if (!scheme)
		return strchr(url, ':') && strstr(url, "://")
			       ? "has a scheme that no SCEP server is asked by; it is http or https"
			       : "begins with neither http:// nor https://, and is not terminal";
	authority = strcspn(url + scheme, "/?#");
	wrong = check_authority(SPAN(url + scheme, authority));
	if (wrong)
		return wrong;
	ret->origin = SPAN(url, scheme + authority);
	ret->path = span_of_text(url + scheme + authority);
	return check_path(ret->path);
}

int trustpoint_url_check(const char *url, char **ret_reason)
{
	_cleanup_(buffer_done) struct buffer reason = {};
	struct parts parts;
	const char *wrong = read_parts(url, &parts);
	int r;

	if (!wrong)
		return 0;
	buffer_append_text(&reason, "EnrollmentURL=");
	text_append_escaped(&reason, span_of_text(url));
	buffer_printf(&reason, " %s", wrong);
	r = buffer_take_text(&reason, ret_reason);
	return r < 0 ? r : TRUSTPOINT_URL_REFUSED;
}

bool trustpoint_url_is_terminal(const char *url)
{
	return !strcasecmp(url, "terminal");
}

static void append_percent(struct buffer *out, struct span text)
{
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];

		if (is_name_character(c) || c == '~')
			buffer_append_byte(out, c);
		else
			buffer_printf(out, "%%%02X", c);
	}
}

int trustpoint_url_make(const char *url, const char *operation, struct span message, char **ret)
{
	_cleanup_(buffer_done) struct buffer out = {};
	struct parts parts;

	if (read_parts(url, &parts))
		return -EINVAL;
	buffer_append(&out, parts.origin);
	if (parts.path.size > 1)
		buffer_append(&out, parts.path);
	else
		buffer_append_text(&out, DEFAULT_PATH);
	buffer_printf(&out, "?operation=%s", operation);
	if (message.size) {
		buffer_append_text(&out, "&message=");
		append_percent(&out, message);
	}
	return buffer_take_text(&out, ret);
}

int trustpoint_url_make_get(const char *url, struct span message, char **ret)
{
	_cleanup_(buffer_done) struct buffer base64 = {};

	text_append_base64(&base64, message);
	if (base64.error)
		return base64.error;
	return trustpoint_url_make(url, "PKIOperation", span_of_buffer(&base64), ret);
}
