/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/object-file.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/ipc/control.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As much as fits into a bulk parameter, and more for PEM. */
#define OBJECT_MOST (CONTROL_BULK_MOST / 4 * 3)
#define FILE_MOST   (CONTROL_BULK_MOST * 2)

static int read_standard_input(struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer all = {};
	uint8_t piece[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, piece, sizeof(piece)))) {
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			buffer_append(&all, SPAN(piece, (size_t)n));
		if (all.size > FILE_MOST)
			return -EFBIG;
	}
	return all.error ? all.error : bytes_copy(span_of_buffer(&all), ret);
}

static json_t *base64_of(struct span der)
{
	_cleanup_(buffer_done) struct buffer text = {};

	text_append_base64(&text, der);
	return text.error ? NULL : json_stringn((const char *)text.data, text.size);
}

static json_t *fail(const char *path, const char *why)
{
	fprintf(stderr, "claviger: %s: %s\n", path, why);
	return NULL;
}

static int read_content(const char *path, struct bytes *ret)
{
	return strcmp(path, "-") != 0 ? file_read(path, FILE_MOST, ret) : read_standard_input(ret);
}

static json_t *give(const char *path, struct span der)
{
	if (der.size == 0 || der.size > OBJECT_MOST)
		return fail(path, der.size ? "larger than 9 MiB" : "empty");
	return base64_of(der);
}

json_t *object_file_read(const char *path, const char *label)
{
	_cleanup_(bytes_done) struct bytes content = {}, der = {};
	int r;

	r = read_content(path, &content);
	if (r < 0)
		return fail(path, file_error_text(r));
	r = text_read_pem(span_of(content), label, &der);
	if (r == -EINVAL)
		return fail(path, "its PEM is damaged");
	if (r < 0)
		der = TAKE_STRUCT(content);
	return give(path, span_of(der));
}

/* What follows the first block of this label; PEM has the word END at no other place. */
static struct span after_block(struct span text, const char *label)
{
	char end[64];
	int n = snprintf(end, sizeof(end), "-----END %s", label);
	const uint8_t *found = memmem(text.data, text.size, end, (size_t)n);

	return found ? span_slice(text, (size_t)(found - text.data) + (size_t)n, text.size)
		     : (struct span){};
}

json_t *object_file_read_all(const char *path, const char *label)
{
	_cleanup_(bytes_done) struct bytes content = {};
	_cleanup_(buffer_done) struct buffer all = {};
	struct span rest;
	int r;

	r = read_content(path, &content);
	if (r < 0)
		return fail(path, file_error_text(r));
	for (rest = span_of(content); rest.size; rest = after_block(rest, label)) {
		_cleanup_(bytes_done) struct bytes der = {};

		r = text_read_pem(rest, label, &der);
		if (r == -EINVAL)
			return fail(path, "its PEM is damaged");
		if (r < 0)
			break;
		buffer_append(&all, span_of(der));
	}
	return all.error ? fail(path, strerror(-all.error))
			 : give(path, all.size ? span_of_buffer(&all) : span_of(content));
}
