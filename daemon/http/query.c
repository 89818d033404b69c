/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/query.h"

#include <string.h>

/* Cuts @text at the first @separator; what follows it goes to @ret_rest. */
static struct span cut(struct span text, char separator, struct span *ret_rest)
{
	const uint8_t *at = text.size ? memchr(text.data, separator, text.size) : NULL;
	size_t size = at ? (size_t)(at - text.data) : text.size;

	*ret_rest = span_slice(text, size + 1, text.size);
	return span_slice(text, 0, size);
}

/* A proxy's form of the target names scheme and host first. */
static struct span skip_authority(struct span text)
{
	static const char scheme[] = "http://";
	size_t size = strlen(scheme);

	if (text.size < size || strncasecmp((const char *)text.data, scheme, size) != 0)
		return text;
	while (size < text.size && text.data[size] != '/' && text.data[size] != '?')
		size++;
	return span_slice(text, size, text.size);
}

struct target target_split(struct span text)
{
	struct target target;

	target.path = cut(skip_authority(text), '?', &target.query);
	return target;
}

struct span target_next_segment(struct span *path)
{
	while (path->size && path->data[0] == '/')
		*path = span_slice(*path, 1, path->size);
	return cut(*path, '/', path);
}

bool query_find(struct span query, const char *name, struct span *ret)
{
	while (query.size) {
		struct span value, parameter = cut(query, '&', &query);
		struct span key = cut(parameter, '=', &value);
		if (span_equal(key, span_of_text(name))) {
			*ret = value;
			return true;
		}
	}
	return false;
}

static int hex_digit(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

bool query_unescape(struct span text, uint8_t *out, size_t room, size_t *ret_size)
{
	size_t n = 0;

	for (size_t i = 0; i < text.size; i++) {
		uint8_t byte = text.data[i];
		if (byte == '%') {
			if (text.size - i < 3)
				return false;
			int high = hex_digit(text.data[i + 1]), low = hex_digit(text.data[i + 2]);
			if (high < 0 || low < 0)
				return false;
			byte = (uint8_t)(high << 4 | low);
			i += 2;
		}
		if (n == room)
			return false;
		out[n++] = byte;
	}
	*ret_size = n;
	return true;
}
