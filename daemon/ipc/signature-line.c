/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/signature-line.h"
#include "daemon/base/text.h"
#include <string.h>

#define FIELDS 8

enum { NUMBER, TIME, KEY, KIND, SERIAL, SUBJECT, SIGNED, HEAD };

static int split(struct span line, struct span fields[static FIELDS])
{
	size_t n = 0, begin = 0;

	for (size_t i = 0; i <= line.size; i++) {
		if (i < line.size && line.data[i] != '\t')
			continue;
		if (n == FIELDS)
			return -EBADMSG;
		fields[n++] = span_slice(line, begin, i - begin);
		begin = i + 1;
	}
	return n == FIELDS ? 0 : -EBADMSG;
}

/* Hexadecimal of at most @room bytes; "-" is none. */
static int read_hex(struct span field, uint8_t *ret, size_t room, size_t *ret_size)
{
	_cleanup_(bytes_done) struct bytes value = {0};
	int r;

	*ret_size = 0;
	if (span_equal(field, SPAN_LITERAL("-")))
		return 0;
	r = text_read_hex(field, &value);
	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	if (value.size > room)
		return -EBADMSG;
	if (value.size)
		memcpy(ret, value.data, value.size);
	*ret_size = value.size;
	return 0;
}

/* A SHA-256, or none. */
static int read_digest(struct span field, uint8_t ret[static SHA256_SIZE])
{
	size_t size;
	int r = read_hex(field, ret, SHA256_SIZE, &size);

	return r < 0 ? r : size == SHA256_SIZE || size == 0 ? 0 : -EBADMSG;
}

static int read_fields(const struct span fields[static FIELDS], struct signature_line *ret)
{
	int r = text_read_number(fields[NUMBER], 1, INT64_MAX, &ret->number);

	if (r < 0 || fields[KIND].size == 0)
		return -EBADMSG;
	ret->time = fields[TIME];
	ret->kind = fields[KIND];
	ret->subject = fields[SUBJECT];
	r = read_digest(fields[KEY], ret->key);
	if (r == 0)
		r = read_hex(fields[SERIAL], ret->serial, sizeof(ret->serial), &ret->serial_size);
	if (r == 0)
		r = read_digest(fields[SIGNED], ret->signed_);
	return r < 0 ? r : read_digest(fields[HEAD], ret->head);
}

int signature_line_next(struct span *page, struct signature_line *ret)
{
	const uint8_t *end = page->size ? memchr(page->data, '\n', page->size) : NULL;
	struct span fields[FIELDS], line;
	int r;

	if (!page->size)
		return -ENODATA;
	if (!end) {
		*page = (struct span){0};
		return -EBADMSG;
	}
	line = SPAN(page->data, (size_t)(end - page->data));
	*page = span_slice(*page, line.size + 1, page->size);
	*ret = (struct signature_line){0};
	r = split(line, fields);
	return r < 0 ? r : read_fields(fields, ret);
}
