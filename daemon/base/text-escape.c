/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign text made safe, of text.h. */
#include "daemon/base/text.h"
#include "daemon/base/utf8.h"
#include <string.h>

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

size_t text_plain_size(struct span text)
{
	size_t n = 0;

	while (n < text.size && text.data[n] < 0x7f && is_printable(text.data[n]))
		n++;
	return n;
}

void text_escape_next(struct span *text, char ret[static 5])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t first = text->data[0];
	uint32_t c;
	size_t size = utf8_decode(*text, &c);

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

	for (;;) {
		size_t plain = text_plain_size(text);

		buffer_append(out, span_slice(text, 0, plain));
		text = span_slice(text, plain, SIZE_MAX);
		if (text.size == 0)
			return;
		text_escape_next(&text, piece);
		buffer_append_text(out, piece);
	}
}
