/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include "daemon/conf/address.h"
#include "daemon/conf/value-internal.h"
#include <stdlib.h>
#include <string.h>

#define ITEM_MAX 2048 /* bytes of one item of a list */

static bool starts_with(struct span text, const char *prefix)
{
	struct span p = span_of_text(prefix);
	return text.size >= p.size && span_equal(span_slice(text, 0, p.size), p);
}

static bool has_byte(struct span text, char byte)
{
	return text.size && memchr(text.data, byte, text.size);
}

static bool is_numeric(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return true;
}

bool conf_is_label(struct span text)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	if (!text.size || text.size > CONF_LABEL_MAX || text.data[0] == '.')
		return false;
	for (size_t i = 0; i < text.size; i++)
		if (!text.data[i] || !strchr(allowed, text.data[i]))
			return false;
	return true;
}

int conf_read_text(const struct reading *r, void *member)
{
	char **text = member, *copy;

	if ((int64_t)r->text.size > conf_bound(r->option, r->option->most, INT64_MAX)) {
		conf_why_begin(r);
		buffer_printf(r->why, "may have at most %s bytes", r->option->most);
		return CONF_VALUE_WRONG;
	}
	int error = span_to_text(r->text, &copy);
	if (error < 0)
		return error == -EINVAL ? conf_wrong(r, "holds a NUL") : error;
	free(*text);
	*text = copy;
	return 0;
}

int conf_read_path(const struct reading *r, void *member)
{
	if (r->text.data[0] != '/')
		return conf_wrong(r, "must be an absolute path, beginning with a slash");
	return conf_read_text(r, member);
}

int conf_read_label(const struct reading *r, void *member)
{
	if (!conf_is_label(r->text))
		return conf_wrong(r, "must be a name of 1…64 letters, digits, '.', '_', '-', not "
				     "beginning with '.'");
	return conf_read_text(r, member);
}

/* Says nothing of the value: it may well be the PIN itself. */
int conf_read_pin(const struct reading *r, void *member)
{
	struct reading quiet = {r->option, SPAN_LITERAL(""), r->why};

	if (is_numeric(r->text))
		return conf_wrong(&quiet,
				  "names where the PIN is, never the PIN itself: a file's path, "
				  "a credential's name, ask or pinpad");
	if (has_byte(r->text, '/') && r->text.data[0] != '/')
		return conf_wrong(&quiet,
				  "must be an absolute path, a credential's name, ask or pinpad");
	if (!has_byte(r->text, '/') && !conf_is_label(r->text))
		return conf_wrong(&quiet,
				  "must be a file's path, a credential's name, ask or pinpad");
	return conf_read_text(r, member);
}

/* Says nothing of the value either. */
int conf_read_secret(const struct reading *r, void *member)
{
	if (r->text.data[0] != '/' && !conf_is_label(r->text))
		return conf_wrong(&(struct reading){r->option, SPAN_LITERAL(""), r->why},
				  "names where the password is, never the password itself: a "
				  "file's path or a credential's name");
	return conf_read_text(r, member);
}

int conf_read_pkcs11_uri(const struct reading *r, void *member)
{
	static const char scheme[] = "pkcs11:";

	if (!starts_with(r->text, scheme) || !text_is_graphic(r->text) ||
	    r->text.size == strlen(scheme))
		return conf_wrong(
			r, "must be a PKCS#11 URI (RFC 7512), as pkcs11:token=ca;serial=0123");
	/* RFC 7512 §7 leaves a PIN in a URI to us: it has no place in a configuration. */
	if (memmem(r->text.data, r->text.size, "pin-value", 9))
		return conf_wrong(&(struct reading){r->option, SPAN_LITERAL(""), r->why},
				  "may not hold a pin-value; PIN= says where the PIN is");
	return conf_read_text(r, member);
}

static int append(const struct reading *r, char ***list, size_t *n)
{
	char **longer = reallocarray(*list, *n + 1, sizeof(*longer)), *copy;
	if (!longer)
		return -ENOMEM;
	*list = longer;
	int error = span_to_text(r->text, &copy);
	if (error < 0)
		return error;
	longer[(*n)++] = copy;
	return 0;
}

int conf_read_texts(const struct reading *r, void *member)
{
	char ***list = member;
	size_t *n = (size_t *)(list + 1);

	if (r->text.size > ITEM_MAX)
		return conf_wrong(r, "may have at most 2048 bytes");
	if ((int64_t)*n >= conf_bound(r->option, r->option->most, INT64_MAX)) {
		conf_why_begin(r);
		buffer_printf(r->why, "is one more than the %s that may be", r->option->most);
		return CONF_VALUE_WRONG;
	}
	return append(r, list, n);
}

int conf_read_listeners(const struct reading *r, void *member)
{
	struct sockaddr_storage address;
	socklen_t size;

	if (conf_read_address(r->text, &address, &size) < 0)
		return conf_wrong(r, "must be address:port, as 127.0.0.1:8080 or [::]:80; the port "
				     "80 or 1024…65535");
	return conf_read_texts(r, member);
}
