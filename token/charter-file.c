/* SPDX-License-Identifier: Apache-2.0 */
#include "token/charter-file.h"
#include "daemon/base/text.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 2

void charter_file_done(struct charter_file *file)
{
	bytes_done(&file->issuer);
	bytes_done(&file->id);
	bytes_done(&file->spki);
	free(file->label);
	free(file->token);
	*file = (struct charter_file){0};
}

bool charter_label_is_valid(struct span label)
{
	_cleanup_(buffer_done) struct buffer escaped = {0};

	/* What needs no escapes is printable UTF-8 without quotes and backslashes. */
	text_append_escaped(&escaped, label);
	return label.size > 0 && label.size <= 128 && !escaped.error &&
	       span_equal(span_of_buffer(&escaped), label);
}

int charter_file_copy(const struct charter_file *from, struct charter_file *ret)
{
	_cleanup_(charter_file_done) struct charter_file copy = {
		.made = from->made,
		.role = from->role,
		.decrypts = from->decrypts,
		.not_after_s = from->not_after_s,
		.usage = from->usage,
		.exportable = from->exportable,
		.made_s = from->made_s,
	};
	int r;

	r = bytes_copy(span_of(from->issuer), &copy.issuer);
	if (r == 0)
		r = bytes_copy(span_of(from->id), &copy.id);
	if (r == 0)
		r = bytes_copy(span_of(from->spki), &copy.spki);
	if (r == 0)
		r = span_to_text(span_of_text(from->label), &copy.label);
	if (r == 0)
		r = span_to_text(span_of_text(from->token), &copy.token);
	if (r == 0)
		*ret = TAKE_STRUCT(copy);
	return r;
}

/* How each kind of value is written and read. */

static void write_hex(struct buffer *out, const void *member)
{
	const struct bytes *value = member;

	text_append_hex(out, span_of(*value), false);
}

static int read_hex(struct span text, void *member)
{
	return text_read_hex(text, member);
}

static void write_text(struct buffer *out, const void *member)
{
	buffer_append_text(out, *(char *const *)member);
}

static int read_text(struct span text, void *member)
{
	return span_to_text(text, member);
}

static void write_flag(struct buffer *out, const void *member)
{
	buffer_append_text(out, *(const bool *)member ? "yes" : "no");
}

static int read_flag(struct span text, void *member)
{
	bool yes = span_equal(text, SPAN_LITERAL("yes"));

	*(bool *)member = yes;
	return yes || span_equal(text, SPAN_LITERAL("no")) ? 0 : -EINVAL;
}

static void write_role(struct buffer *out, const void *member)
{
	buffer_append_text(out, charter_role_name(*(const enum charter_role *)member));
}

static int read_role(struct span text, void *member)
{
	enum charter_role role = charter_role_find(text);

	*(enum charter_role *)member = role;
	return role ? 0 : -EINVAL;
}

static void write_time(struct buffer *out, const void *member)
{
	buffer_printf(out, "%" PRId64, *(const int64_t *)member);
}

static int read_time(struct span text, void *member)
{
	return text_read_number(text, 0, INT64_MAX, member);
}

static void write_usage(struct buffer *out, const void *member)
{
	buffer_append_text(out, key_usage_name(*(const int *)member));
}

static int read_usage(struct span text, void *member)
{
	int usage = key_usage_find(text);

	*(int *)member = usage;
	return usage ? 0 : -EINVAL;
}

static void write_exportable(struct buffer *out, const void *member)
{
	buffer_append_text(out, key_exportable_name(*(const int *)member));
}

static int read_exportable(struct span text, void *member)
{
	int exportable = key_exportable_find(text);

	*(int *)member = exportable;
	return exportable ? 0 : -EINVAL;
}

static const struct row {
	int since; /* the version that brought it */
	const char *name;
	size_t offset;
	void (*write)(struct buffer *out, const void *member);
	int (*read)(struct span text, void *member);
} rows[] = {
	/* clang-format off */
	{1, "Made", offsetof(struct charter_file, made), write_flag, read_flag},
	{1, "Role", offsetof(struct charter_file, role), write_role, read_role},
	{1, "Decrypts", offsetof(struct charter_file, decrypts), write_flag, read_flag},
	{1, "Issuer", offsetof(struct charter_file, issuer), write_hex, read_hex},
	{1, "ID", offsetof(struct charter_file, id), write_hex, read_hex},
	{1, "PublicKey", offsetof(struct charter_file, spki), write_hex, read_hex},
	{1, "Label", offsetof(struct charter_file, label), write_text, read_text},
	{1, "Token", offsetof(struct charter_file, token), write_text, read_text},
	{1, "NotAfter", offsetof(struct charter_file, not_after_s), write_time, read_time},
	{2, "Usage", offsetof(struct charter_file, usage), write_usage, read_usage},
	{2, "Exportable", offsetof(struct charter_file, exportable), write_exportable, read_exportable},
	{2, "MadeAt", offsetof(struct charter_file, made_s), write_time, read_time},
	/* clang-format on */
};

int charter_file_write(const struct charter_file *file, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer out = {0};

	buffer_printf(&out, "Charter=%d\n", VERSION);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		buffer_printf(&out, "%s=", rows[i].name);
		rows[i].write(&out, (const char *)file + rows[i].offset);
		buffer_append_byte(&out, '\n');
	}
	return buffer_take(&out, ret);
}

int charter_file_take_line(struct span *text, const char *name, struct span *ret_value)
{
	size_t skip = strlen(name) + 1;
	const uint8_t *end = text->size ? memchr(text->data, '\n', text->size) : NULL;
	size_t size = end ? (size_t)(end - text->data) : 0;

	if (size < skip || memcmp(text->data, name, skip - 1) != 0 || text->data[skip - 1] != '=')
		return -EBADMSG;
	*ret_value = span_slice(*text, skip, size - skip);
	*text = span_slice(*text, size + 1, text->size);
	return 0;
}

/* What no single value shows. */
static int check_whole(const struct charter_file *file)
{
	if (file->id.size == 0 || file->id.size > 64)
		return -EBADMSG;
	if (file->made != (file->spki.size > 0))
		return -EBADMSG;
	return charter_label_is_valid(span_of_text(file->label)) ? 0 : -EBADMSG;
}

int charter_file_read(struct span text, struct charter_file *ret)
{
	_cleanup_(charter_file_done) struct charter_file file = {
		.usage = KEY_USAGE_GENERAL, .exportable = KEY_EXPORTABLE_NEVER};
	struct span value;
	int64_t version = 0;
	int r;

	r = charter_file_take_line(&text, "Charter", &value);
	if (r == 0)
		r = text_read_number(value, 1, VERSION, &version);
	for (size_t i = 0; i < ELEMENTS(rows) && r == 0; i++) {
		if (rows[i].since > version)
			continue;
		r = charter_file_take_line(&text, rows[i].name, &value);
		if (r == 0)
			r = rows[i].read(value, (char *)&file + rows[i].offset);
	}
	if (r == 0)
		r = text.size ? -EBADMSG : check_whole(&file);
	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	*ret = TAKE_STRUCT(file);
	return 0;
}
