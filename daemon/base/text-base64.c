/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 and PEM of text.h. */
#include "daemon/base/text.h"
#include <string.h>

#define PEM_LINE 64

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void group_append(struct buffer *out, struct span three)
{
	uint8_t padded[3] = {0};
	uint32_t bits;

	memcpy(padded, three.data, three.size);
	bits = (uint32_t)padded[0] << 16 | (uint32_t)padded[1] << 8 | padded[2];
	for (size_t i = 0; i < 4; i++) {
		char c = i <= three.size ? alphabet[bits >> (18 - 6 * i) & 63] : '=';

		buffer_append_byte(out, (uint8_t)c);
	}
}

void text_append_base64(struct buffer *out, struct span data)
{
	for (size_t i = 0; i < data.size; i += 3)
		group_append(out, span_slice(data, i, 3));
}

enum {
	SYMBOL_BAD = -1,
	SYMBOL_NOTHING = -2,
	SYMBOL_PADDING = -3,
};

/* The value of a symbol, 0 to 63, or one of the above. */
static int symbol_value(uint8_t c, bool blank_is_plus)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-' || (c == ' ' && blank_is_plus))
		return 62;
	if (c == '/' || c == '_')
		return 63;
	if (c == '\r' || c == '\n' || c == '\t' || c == ' ')
		return SYMBOL_NOTHING;
	return c == '=' ? SYMBOL_PADDING : SYMBOL_BAD;
}

struct decoder {
	struct bytes out;
	size_t written;
	uint32_t bits;
	unsigned n_symbols; /* of the group that is not full yet */
	unsigned n_padding;
};

static int symbol_take(struct decoder *d, uint8_t c, bool blank_is_plus)
{
	int value = symbol_value(c, blank_is_plus);

	/* after the padding a blank is a blank again */
	if (value == SYMBOL_NOTHING || (c == ' ' && d->n_padding))
		return 0;
	if (value == SYMBOL_PADDING) {
		d->n_padding++;
		return 0;
	}
	if (value == SYMBOL_BAD || d->n_padding)
		return -EINVAL;
	d->bits = d->bits << 6 | (uint32_t)value;
	if (++d->n_symbols == 4) {
		for (int shift = 16; shift >= 0; shift -= 8)
			d->out.data[d->written++] = (uint8_t)(d->bits >> shift);
		d->n_symbols = 0;
		d->bits = 0;
	}
	return 0;
}

/* The group that was left: two symbols hold one byte, three two; what they hold beyond is zero. */
static int decoder_finish(struct decoder *d)
{
	unsigned spare = d->n_symbols == 2 ? 4 : 2;

	if (d->n_padding > (4 - d->n_symbols) % 4 || d->n_symbols == 1)
		return -EINVAL;
	if (d->n_symbols == 0)
		return 0;
	if (d->bits & ((1u << spare) - 1))
		return -EINVAL;
	d->bits >>= spare;
	if (d->n_symbols == 3)
		d->out.data[d->written++] = (uint8_t)(d->bits >> 8);
	d->out.data[d->written++] = (uint8_t)d->bits;
	return 0;
}

int text_read_base64(struct span text, bool blank_is_plus, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes out = {0};
	struct decoder d = {0};
	int r = bytes_new(text.size / 4 * 3 + 3, &out);

	if (r < 0)
		return r;
	d.out = out;
	for (size_t i = 0; i < text.size; i++) {
		r = symbol_take(&d, text.data[i], blank_is_plus);
		if (r < 0)
			return r;
	}
	r = decoder_finish(&d);
	if (r < 0)
		return r;
	out.size = d.written;
	*ret = TAKE_STRUCT(out);
	return 0;
}

void text_append_pem(struct buffer *out, const char *label, struct span der)
{
	/* 48 bytes fill a line of 64 */
	const size_t step = PEM_LINE / 4 * 3;

	buffer_printf(out, "-----BEGIN %s-----\n", label);
	for (size_t i = 0; i < der.size; i += step) {
		text_append_base64(out, span_slice(der, i, step));
		buffer_append_byte(out, '\n');
	}
	buffer_printf(out, "-----END %s-----\n", label);
}

/* Where @line begins in @text at the beginning of a line; NULL. */
static const uint8_t *line_find(struct span text, struct span line)
{
	for (size_t from = 0; from < text.size;) {
		struct span rest = span_slice(text, from, SIZE_MAX);
		const uint8_t *at = memmem(rest.data, rest.size, line.data, line.size);

		if (!at || at == text.data || at[-1] == '\n')
			return at;
		from = (size_t)(at - text.data) + line.size;
	}
	return NULL;
}

int text_read_pem(struct span text, const char *label, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer begin = {0};
	_cleanup_(buffer_done) struct buffer end = {0};
	const uint8_t *first;
	const uint8_t *last;
	struct span rest;

	buffer_printf(&begin, "-----BEGIN %s-----", label);
	buffer_printf(&end, "-----END %s-----", label);
	if (begin.error || end.error)
		return -ENOMEM;
	first = line_find(text, span_of_buffer(&begin));
	if (!first)
		return -ENOENT;
	rest = span_slice(text, (size_t)(first - text.data) + begin.size, SIZE_MAX);
	last = line_find(rest, span_of_buffer(&end));
	if (!last || last == rest.data)
		return -EINVAL;
	return text_read_base64(span_slice(rest, 0, (size_t)(last - rest.data)), false, ret);
}
