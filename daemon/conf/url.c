/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/url.h"
#include "daemon/base/text.h"
#include <string.h>

static const struct {
	const char *prefix;
	enum conf_scheme scheme;
} schemes[] = {
	{"file://", CONF_SCHEME_FILE},	 {"http://", CONF_SCHEME_HTTP},
	{"https://", CONF_SCHEME_HTTPS}, {"ftp://", CONF_SCHEME_FTP},
	{"tftp://", CONF_SCHEME_TFTP},	 {"sftp://", CONF_SCHEME_SFTP},
};

/* RFC 3986 §3.2: the authority ends at the first '/', '?' or '#'. */
static size_t authority_size(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (strchr("/?#", text.data[i]))
			return i;
	return text.size;
}

static int read_rest(enum conf_scheme scheme, struct span rest, struct conf_url *ret)
{
	size_t at = authority_size(rest);
	struct conf_url url = {scheme, span_slice(rest, 0, at), span_slice(rest, at, rest.size)};

	if (!text_is_graphic(rest))
		return CONF_URL_SHAPE;
	if (at && memchr(url.authority.data, '@', at))
		return CONF_URL_USER;
	if (!at != (scheme == CONF_SCHEME_FILE))
		return CONF_URL_SHAPE;
	if (scheme == CONF_SCHEME_FILE && (!url.path.size || url.path.data[0] != '/'))
		return CONF_URL_SHAPE;
	*ret = url;
	return 0;
}

int conf_url_read(struct span text, struct conf_url *ret)
{
	if (text.size && text.data[0] == '/') {
		*ret = (struct conf_url){.scheme = CONF_SCHEME_FILE, .path = text};
		return 0;
	}
	for (size_t i = 0; i < ELEMENTS(schemes); i++) {
		struct span prefix = span_of_text(schemes[i].prefix);
		if (span_equal(span_slice(text, 0, prefix.size), prefix))
			return read_rest(schemes[i].scheme,
					 span_slice(text, prefix.size, text.size), ret);
	}
	return CONF_URL_SCHEME;
}

static struct span without_end(struct span path)
{
	while (path.size && path.data[path.size - 1] == '/')
		path.size--;
	return path;
}

bool conf_url_same(const char *a, const char *b)
{
	struct conf_url one, other;

	return conf_url_read(span_of_text(a), &one) == 0 &&
	       conf_url_read(span_of_text(b), &other) == 0 && one.scheme == other.scheme &&
	       span_equal(one.authority, other.authority) &&
	       span_equal(without_end(one.path), without_end(other.path));
}
