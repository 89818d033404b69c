/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of der.h. */
#include "daemon/base/der.h"
#include <stdlib.h>
#include <string.h>

static void fail(struct der_writer *w, int error)
{
	if (w->out.error == 0)
		w->out.error = error;
}

/* The octets of a length, most significant last in time: returns how many of @ret count. */
static size_t length_encode(size_t length, uint8_t ret[static 1 + sizeof(size_t)])
{
	size_t n = 0;

	if (length < 0x80) {
		ret[0] = (uint8_t)length;
		return 1;
	}
	for (size_t rest = length; rest; rest >>= 8)
		n++;
	ret[0] = (uint8_t)(0x80 | n);
	for (size_t i = 0; i < n; i++)
		ret[1 + i] = (uint8_t)(length >> (8 * (n - 1 - i)));
	return 1 + n;
}

void der_begin(struct der_writer *w, uint8_t tag)
{
	if (w->depth >= DER_DEPTH_MAX) {
		fail(w, -EOVERFLOW);
		return;
	}
	buffer_append_byte(&w->out, tag);
	w->open[w->depth++] = w->out.size;
}

/* The length goes in when it is known, and what was written moves up: at most DER_DEPTH_MAX times
 * for each byte, and no size has to be told beforehand. */
void der_end(struct der_writer *w)
{
	uint8_t length[1 + sizeof(size_t)];
	size_t start;
	size_t size;
	size_t n;

	if (w->depth == 0) {
		fail(w, -EOVERFLOW);
		return;
	}
	start = w->open[--w->depth];
	if (w->out.error)
		return;
	size = w->out.size - start;
	n = length_encode(size, length);
	buffer_append(&w->out, SPAN(length, n)); /* makes the room */
	if (w->out.error)
		return;
	memmove(w->out.data + start + n, w->out.data + start, size);
	memcpy(w->out.data + start, length, n);
}

void der_begin_bits(struct der_writer *w)
{
	der_begin(w, DER_BIT_STRING);
	buffer_append_byte(&w->out, 0);
}

void der_put(struct der_writer *w, uint8_t tag, struct span content)
{
	uint8_t length[1 + sizeof(size_t)];
	size_t n = length_encode(content.size, length);

	buffer_append_byte(&w->out, tag);
	buffer_append(&w->out, SPAN(length, n));
	buffer_append(&w->out, content);
}

void der_put_raw(struct der_writer *w, struct span encoded)
{
	buffer_append(&w->out, encoded);
}

void der_put_unsigned(struct der_writer *w, uint64_t value)
{
	uint8_t octets[8];

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(value >> (56 - 8 * i));
	der_put_magnitude(w, SPAN_ARRAY(octets));
}

void der_put_magnitude(struct der_writer *w, struct span magnitude)
{
	while (magnitude.size && magnitude.data[0] == 0)
		magnitude = span_slice(magnitude, 1, SIZE_MAX);
	der_begin(w, DER_INTEGER);
	if (magnitude.size == 0 || magnitude.data[0] >= 0x80)
		buffer_append_byte(&w->out, 0);
	buffer_append(&w->out, magnitude);
	der_end(w);
}

void der_put_boolean(struct der_writer *w, bool value)
{
	der_put(w, DER_BOOLEAN, value ? SPAN_LITERAL("\xff") : SPAN_LITERAL("\x00"));
}

void der_put_null(struct der_writer *w)
{
	der_put(w, DER_NULL, (struct span){0});
}

void der_put_bits(struct der_writer *w, struct span content)
{
	der_begin_bits(w);
	buffer_append(&w->out, content);
	der_end(w);
}

/* X.690 §11.2.2: trailing zero bits are no part of a named-bit list. */
void der_put_named_bits(struct der_writer *w, uint16_t bits)
{
	uint8_t octets[3] = {0, (uint8_t)(bits >> 8), (uint8_t)bits};
	size_t size = octets[2] ? 3 : octets[1] ? 2 : 1;

	if (size > 1)
		octets[0] = (uint8_t)__builtin_ctz(octets[size - 1]);
	der_put(w, DER_BIT_STRING, SPAN(octets, size));
}

static int element_compare(const void *a, const void *b)
{
	return span_compare(*(const struct span *)a, *(const struct span *)b);
}

void der_put_set_of(struct der_writer *w, const struct span *elements, size_t n)
{
	struct span *sorted = calloc(n ? n : 1, sizeof(*sorted));

	if (!sorted) {
		fail(w, -ENOMEM);
		return;
	}
	if (n) {
		memcpy(sorted, elements, n * sizeof(*sorted));
		qsort(sorted, n, sizeof(*sorted), element_compare);
	}
	der_begin(w, DER_SET);
	for (size_t i = 0; i < n; i++)
		der_put_raw(w, sorted[i]);
	der_end(w);
	free(sorted);
}

int der_finish(struct der_writer *w, struct bytes *ret)
{
	int r;

	if (w->depth)
		fail(w, -EOVERFLOW);
	r = buffer_take(&w->out, ret);
	der_writer_done(w);
	return r;
}

void der_writer_done(struct der_writer *w)
{
	buffer_done(&w->out);
	*w = (struct der_writer){0};
}
