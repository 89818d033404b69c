/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/utf8.h"

/* Bytes of a character by its first one; 0 where none begins so. */
static size_t length_of(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

size_t utf8_decode(struct span text, uint32_t *ret)
{
	/* The first character that needs so many bytes. */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t size = text.size ? length_of(text.data[0]) : 0;
	uint32_t c;

	if (!size || size > text.size)
		return 0;
	c = size > 1 ? text.data[0] & (0x7fu >> size) : text.data[0];
	for (size_t i = 1; i < size; i++) {
		if ((text.data[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (text.data[i] & 0x3f);
	}
	if (c < least[size] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*ret = c;
	return size;
}

/* Of a character that is no NUL. */
static size_t decode_some(struct span text)
{
	uint32_t c = 0;
	size_t size = utf8_decode(text, &c);

	return c ? size : 0;
}

bool utf8_is_text(struct span text)
{
	while (text.size) {
		size_t size = decode_some(text);

		if (!size)
			return false;
		text = span_slice(text, size, SIZE_MAX);
	}
	return true;
}

size_t utf8_fit(struct span text, size_t most)
{
	if (text.size <= most)
		return text.size;
	while (most > 0 && (text.data[most] & 0xc0) == 0x80)
		most--;
	return most;
}

void utf8_mend(char *data, size_t size)
{
	for (size_t at = 0; at < size;) {
		size_t step = decode_some(SPAN(data + at, size - at));

		if (!step)
			data[at] = '?';
		at += step ? step : 1;
	}
}
