/* SPDX-License-Identifier: Apache-2.0 */
/* The `buffer` of bytes.h: bytes that grow while they are written. */
#include "daemon/base/bytes.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_FIRST_BYTES 256

bool buffer_reserve(struct buffer *b, size_t more)
{
	size_t capacity = b->capacity ? b->capacity : BUFFER_FIRST_BYTES;
	uint8_t *data;

	if (b->error)
		return false;
	if (b->data && more <= b->capacity - b->size)
		return true;
	while (capacity - b->size < more && capacity <= SIZE_MAX / 4)
		capacity *= 2;
	data = capacity - b->size < more ? NULL : realloc(b->data, capacity);
	if (!data) {
		b->error = -ENOMEM;
		return false;
	}
	b->data = data;
	b->capacity = capacity;
	return true;
}

void buffer_append(struct buffer *b, struct span s)
{
	if (s.size == 0 || !buffer_reserve(b, s.size))
		return;
	memcpy(b->data + b->size, s.data, s.size);
	b->size += s.size;
}

void buffer_append_byte(struct buffer *b, uint8_t byte)
{
	buffer_append(b, SPAN(&byte, 1));
}

void buffer_append_text(struct buffer *b, const char *text)
{
	buffer_append(b, span_of_text(text));
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0) {
		b->error = b->error ? b->error : -EINVAL;
		return;
	}
	if (!buffer_reserve(b, (size_t)length + 1))
		return;
	va_start(arguments, format);
	vsnprintf((char *)b->data + b->size, (size_t)length + 1, format, arguments);
	va_end(arguments);
	b->size += (size_t)length;
}

int buffer_take(struct buffer *b, struct bytes *ret)
{
	int r = b->error;

	if (r == 0) {
		*ret = (struct bytes){b->data, b->size};
		b->data = NULL;
	}
	buffer_done(b);
	return r;
}

int buffer_take_text(struct buffer *b, char **ret)
{
	int r;

	if (b->error == 0 && b->size && memchr(b->data, 0, b->size))
		b->error = -EINVAL;
	buffer_append_byte(b, 0);
	r = b->error;
	if (r == 0)
		*ret = (char *)TAKE_PTR(b->data);
	buffer_done(b);
	return r;
}

void buffer_done(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){0};
}
