/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign text made safe, of text.h. */
#include "daemon/base/text.h"
#include <string.h>

/* How many bytes the character at the front of @text takes by its first byte; 0 where no UTF-8
 * character begins so. */
static size_t utf8_length(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* The character at the front of @text, and how many bytes it takes; 0 of them where it is no
 * UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF). */
static uint32_t utf8_decode(struct span text, size_t *ret_size)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t size = utf8_length(text.data[0]);
	uint32_t c = size > 1 ? text.data[0] & (0x7fu >> size) : text.data[0];

	*ret_size = 0;
	if (size == 0 || size > text.size)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((text.data[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (text.data[i] & 0x3f);
	}
	if (c < least[size] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*ret_size = size;
	return c;
}

/* Control characters, and those that turn or break the line for whoever reads it. */
static bool is_printable(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	if (c == '"' || c == '\'' || c == '\\')
		return false;
	if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e))
		return false;
	return !(c >= 0x2066 && c <= 0x2069) && c != 0xfeff;
}

void text_escape_next(struct span *text, char ret[static 5])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t first = text->data[0];
	size_t size;
	uint32_t c = utf8_decode(*text, &size);

	if (size && is_printable(c)) {
		memcpy(ret, text->data, size);
		ret[size] = 0;
		*text = span_slice(*text, size, SIZE_MAX);
		return;
	}
	memcpy(ret, (char[]){'\\', 'x', digits[first >> 4], digits[first & 15], 0}, 5);
	*text = span_slice(*text, 1, SIZE_MAX);
}

void text_append_escaped(struct buffer *out, struct span text)
{
	char piece[5];

	while (text.size) {
		text_escape_next(&text, piece);
		buffer_append_text(out, piece);
	}
}
