/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/bytes.h"
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

struct span span_of_text(const char *text)
{
	return text ? SPAN((const uint8_t *)text, strlen(text)) : (struct span){0};
}

bool span_equal(struct span a, struct span b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool span_equal_secretly(struct span a, struct span b)
{
	return a.size == b.size && (a.size == 0 || CRYPTO_memcmp(a.data, b.data, a.size) == 0);
}

int span_compare(struct span a, struct span b)
{
	size_t common = a.size < b.size ? a.size : b.size;
	int order = common ? memcmp(a.data, b.data, common) : 0;

	if (order)
		return order;
	return (a.size > b.size) - (a.size < b.size);
}

struct span span_slice(struct span s, size_t offset, size_t size)
{
	if (offset > s.size)
		return (struct span){0};
	if (size > s.size - offset)
		size = s.size - offset;
	return SPAN(s.data ? s.data + offset : NULL, size);
}

int bytes_new(size_t size, struct bytes *ret)
{
	/* At least one byte, so that "empty" and "absent" differ where a pointer tells them apart
	 * (SQLite's blobs). */
	uint8_t *data = calloc(1, size ? size : 1);

	if (!data)
		return -ENOMEM;
	*ret = (struct bytes){data, size};
	return 0;
}

int bytes_copy(struct span from, struct bytes *ret)
{
	int r = bytes_new(from.size, ret);

	if (r == 0 && from.size)
		memcpy(ret->data, from.data, from.size);
	return r;
}

int span_to_text(struct span from, char **ret)
{
	char *text;

	if (from.size && memchr(from.data, 0, from.size))
		return -EINVAL;
	text = malloc(from.size + 1);
	if (!text)
		return -ENOMEM;
	if (from.size)
		memcpy(text, from.data, from.size);
	text[from.size] = 0;
	*ret = text;
	return 0;
}

void bytes_done(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){0};
}

void wipe(void *data, size_t size)
{
	if (size)
		explicit_bzero(data, size);
}
