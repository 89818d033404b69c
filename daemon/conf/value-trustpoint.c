/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the client's side: places to enrol at, names and addresses, sinks of notices. */
#include "daemon/base/text.h"
#include "daemon/conf/host.h"
#include "daemon/conf/value-internal.h"
#include <ctype.h>
#include <string.h>

static bool is_none(struct span text)
{
	return span_equal(text, SPAN_LITERAL("none"));
}

static bool take_prefix(struct span *text, const char *prefix)
{
	struct span begin = span_of_text(prefix);

	if (!span_equal(span_slice(*text, 0, begin.size), begin))
		return false;
	*text = span_slice(*text, begin.size, SIZE_MAX);
	return true;
}

/* A URL of one of @schemes (ended by NULL), and what is wrong with it in words. */
struct url_kind {
	const char *const *schemes;
	const char *wanted; /* the whole shape, with an example */
	const char *user;   /* why no user may stand in it */
};

static const char *const host_faults[] = {
	[CONF_HOST_BARE_SIX] = "an IPv6 address stands in brackets, as http://[2001:db8::1]:80",
	[CONF_HOST_PORT] = "a port is 1…65535",
};

static int check_url(const struct reading *r, const struct url_kind *kind)
{
	const struct reading quiet = {r->option, SPAN_LITERAL(""), r->why};
	struct span rest = r->text;
	struct conf_host host;
	size_t size = 0;
	bool known = false;

	for (size_t i = 0; kind->schemes[i] && !known; i++)
		known = take_prefix(&rest, kind->schemes[i]);
	if (!known || !text_is_graphic(rest) || memchr(rest.data, '#', rest.size))
		return conf_wrong(r, kind->wanted);
	while (size < rest.size && !strchr("/?", rest.data[size]))
		size++;
	if (size && memchr(rest.data, '@', size))
		return conf_wrong(&quiet, kind->user);
	int fault = conf_host_read(span_slice(rest, 0, size), &host);
	if (!fault)
		return 0;
	return conf_wrong(r, fault == CONF_HOST_WRONG ? kind->wanted : host_faults[fault]);
}

int conf_read_enroll_url(const struct reading *r, void *member)
{
	static const char *const schemes[] = {"http://", "https://", NULL};
	static const struct url_kind kind = {
		schemes,
		"must be an http: or https: URL, as http://ca.example.org:80/scep/ROOTCA, or "
		"terminal",
		"may not hold a user or password: SCEP has a challenge, which Password= names",
	};
	int error = 0;

	if (!span_equal(r->text, SPAN_LITERAL("terminal")))
		error = check_url(r, &kind);
	if (!error && r->text.size && memchr(r->text.data, '?', r->text.size))
		error = conf_wrong(r, "may have no query: the operation is put there");
	return error ? error : conf_read_text(r, member);
}

int conf_read_ldap_url(const struct reading *r, void *member)
{
	static const char *const schemes[] = {"ldap://", "ldaps://", NULL};
	static const struct url_kind kind = {
		schemes,
		"must be an ldap: or ldaps: URL, as ldap://directory.example.org:389",
		"may not hold a user or password: the directory is asked as nobody",
	};
	int error = check_url(r, &kind);

	return error ? error : conf_read_text(r, member);
}

/* MD5, SHA-1 or SHA-256, by its digits; kept without what stands between them, in capitals. */
int conf_read_fingerprint(const struct reading *r, void *member)
{
	char digits[64 + 1];
	size_t n = 0;

	for (size_t i = 0; i < r->text.size; i++) {
		if (strchr(" :\t", r->text.data[i]) && r->text.data[i])
			continue;
		if (!isxdigit(r->text.data[i]) || n + 1 == sizeof(digits))
			return conf_wrong(r, "must be 32, 40 or 64 hex digits (MD5, SHA-1 or "
					     "SHA-256), blanks and colons between them or not");
		digits[n++] = (char)toupper(r->text.data[i]);
	}
	digits[n] = '\0';
	if (n != 32 && n != 40 && n != 64) {
		conf_why_begin(r);
		buffer_printf(r->why, "has %zu hex digits: an MD5 has 32, a SHA-1 40, a SHA-256 64",
			      n);
		return CONF_VALUE_WRONG;
	}
	const struct reading plain = {r->option, span_of_text(digits), r->why};
	return conf_read_text(&plain, member);
}

int conf_read_device_address(const struct reading *r, void *member)
{
	if (!is_none(r->text) && !conf_is_address(r->text))
		return conf_wrong(r, "must be an address, as 192.0.2.1 or 2001:db8::1, or none");
	return conf_read_text(r, member);
}

int conf_read_dns_name(const struct reading *r, void *member)
{
	if (!conf_is_dns_name(r->text))
		return conf_wrong(r, "must be a DNS name, as router.example.org, or none");
	return conf_read_text(r, member);
}

/* A `#` at the end is that of the next key, which takes this one's place. */
int conf_read_key_label(const struct reading *r, void *member)
{
	if (!text_is_graphic(r->text) || memchr(r->text.data, '#', r->text.size))
		return conf_wrong(r, "must be a label without blanks and without '#', which marks "
				     "the next key");
	return conf_read_text(r, member);
}

/* Printable ASCII: it goes into a PrintableString or IA5String. */
int conf_read_words(const struct reading *r, void *member)
{
	for (size_t i = 0; i < r->text.size; i++)
		if (r->text.data[i] < 0x20 || r->text.data[i] >= 0x7f)
			return conf_wrong(r, "may have letters, digits and signs of ASCII alone");
	return conf_read_text(r, member);
}

/* v2c:HOST[:PORT] or v3:USER@HOST[:PORT]. */
static int check_sink(const struct reading *r)
{
	struct span rest = r->text;
	struct conf_host host;
	bool is_v3 = take_prefix(&rest, "v3:");

	if (!is_v3 && !take_prefix(&rest, "v2c:"))
		return CONF_HOST_WRONG;
	const uint8_t *at = rest.size ? memrchr(rest.data, '@', rest.size) : NULL;
	size_t user = at ? (size_t)(at - rest.data) : 0;
	if (!text_is_graphic(rest) || is_v3 != (user > 0) || (at && !user) || user > 32)
		return CONF_HOST_WRONG;
	return conf_host_read(span_slice(rest, at ? user + 1 : 0, SIZE_MAX), &host);
}

int conf_read_trap_sinks(const struct reading *r, void *member)
{
	int fault = check_sink(r);

	if (fault == CONF_HOST_WRONG)
		return conf_wrong(r, "must be v2c:HOST[:PORT] or v3:USER@HOST[:PORT], as "
				     "v2c:192.0.2.1:162 or v3:claviger@[2001:db8::1]");
	if (fault)
		return conf_wrong(r, fault == CONF_HOST_PORT
					     ? host_faults[fault]
					     : "an IPv6 address stands in brackets, as "
					       "v2c:[2001:db8::1]:162");
	return conf_read_texts(r, member);
}
