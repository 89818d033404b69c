/* SPDX-License-Identifier: Apache-2.0 */
#define SD_JOURNAL_SUPPRESS_LOCATION /* it would always name this file */

#include "daemon/base/log-internal.h"
#include "daemon/base/text.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

/* One line goes out in one write, whole up to PIPE_BUF, and takes nothing from the heap. */
#define LINE_SIZE    4096
#define MESSAGE_SIZE 2048
#define RECORD_SIZE  8192
#define FIELDS_MAX   32

struct line {
	char *data;
	size_t size;
	size_t capacity;
};

static char program[64] = "claviger";
static atomic_bool stderr_is_journal;

struct log_field log_hex(const char *name, struct span value, char storage[static 129])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = value.size < 64 ? value.size : 64;

	for (size_t i = 0; i < n; i++) {
		storage[2 * i] = digits[value.data[i] >> 4];
		storage[2 * i + 1] = digits[value.data[i] & 15];
	}
	storage[2 * n] = 0;
	return log_text(name, storage);
}

/* systemd.exec(5): JOURNAL_STREAM holds device and inode of the stream that it connected; a stderr
 * that was redirected since is another one. */
static bool journal_is_connected(void)
{
	const char *text = getenv("JOURNAL_STREAM");
	uintmax_t device;
	uintmax_t inode;
	struct stat st;
	char *end;

	if (!text || fstat(STDERR_FILENO, &st) < 0)
		return false;
	device = strtoumax(text, &end, 10);
	if (*end != ':')
		return false;
	inode = strtoumax(end + 1, &end, 10);
	return *end == 0 && device == st.st_dev && inode == st.st_ino;
}

void log_init(const char *identifier, enum log_level level)
{
	snprintf(program, sizeof(program), "%s", identifier);
	atomic_store(&stderr_is_journal, journal_is_connected());
	log_set_level(level);
}

/* Appends what fits. */
static void line_append(struct line *l, const char *data, size_t size)
{
	if (size > l->capacity - l->size)
		size = l->capacity - l->size;
	memcpy(l->data + l->size, data, size);
	l->size += size;
}

static void line_append_text(struct line *l, const char *text)
{
	line_append(l, text, strlen(text));
}

/* @keep holds the printable characters that stay, although they would be escaped in a value. */
static void line_append_escaped(struct line *l, struct span text, const char *keep)
{
	char piece[5];

	for (;;) {
		size_t plain = text_plain_size(text);
		uint8_t first;

		line_append(l, (const char *)text.data, plain);
		text = span_slice(text, plain, SIZE_MAX);
		if (text.size == 0)
			return;
		first = text.data[0];
		text_escape_next(&text, piece);
		if (first && strchr(keep, first))
			line_append(l, (const char *)&first, 1);
		else
			line_append_text(l, piece);
	}
}

/* The field's value; a number is written into @number. */
static struct span field_value(const struct log_field *field, char number[static 32])
{
	if (field->value.data)
		return field->value;
	snprintf(number, 32, "%" PRId64, field->number);
	return span_of_text(number);
}

static void line_append_field(struct line *l, const struct log_field *field)
{
	char number[32];
	struct span value = field_value(field, number);
	/* quoted where the end would be unclear */
	bool quoted = value.size == 0 || memchr(value.data, ' ', value.size);

	line_append_text(l, " ");
	line_append_text(l, field->name);
	line_append_text(l, quoted ? "=\"" : "=");
	line_append_escaped(l, value, "");
	line_append_text(l, quoted ? "\"" : "");
}

static void write_text(enum log_level level, const struct log_field *fields, const char *message)
{
	char data[LINE_SIZE];
	struct line l = {.data = data, .capacity = sizeof(data) - 1};
	ssize_t n;

	line_append_text(&l, log_level_name(level));
	line_append_text(&l, " ");
	line_append_text(&l, program);
	line_append_text(&l, ": ");
	line_append_escaped(&l, span_of_text(message), "\"'\\");
	for (; fields && fields->name; fields++)
		if (strcmp(fields->name, LOG_MESSAGE_ID) != 0)
			line_append_field(&l, fields);
	data[l.size++] = '\n';
	do
		n = write(STDERR_FILENO, data, l.size);
	while (n < 0 && errno == EINTR);
}

/* A journal record: "NAME=value" parts, all in one piece of memory. */
struct record {
	struct line line;
	struct iovec parts[FIELDS_MAX];
	int n_parts;
};

static void record_add(struct record *r, const char *name, struct span value)
{
	size_t start = r->line.size;

	if (r->n_parts == FIELDS_MAX || strlen(name) + 1 > r->line.capacity - start)
		return; /* a field without its '=' would spoil the whole record */
	line_append_text(&r->line, name);
	line_append_text(&r->line, "=");
	line_append(&r->line, (const char *)value.data, value.size);
	r->parts[r->n_parts++] = (struct iovec){r->line.data + start, r->line.size - start};
}

static int write_journal(enum log_level level, const struct log_field *fields, const char *message)
{
	char data[RECORD_SIZE];
	struct record r = {.line = {.data = data, .capacity = sizeof(data)}};
	char number[32];

	snprintf(number, sizeof(number), "%d", (int)level);
	record_add(&r, "PRIORITY", span_of_text(number));
	record_add(&r, "SYSLOG_IDENTIFIER", span_of_text(program));
	record_add(&r, "MESSAGE", span_of_text(message));
	for (; fields && fields->name; fields++)
		record_add(&r, fields->name, field_value(fields, number));
	return sd_journal_sendv(r.parts, r.n_parts);
}

_printf_(3, 0) static void write_line(enum log_level level, const struct log_field *fields,
				      const char *format, va_list arguments)
{
	char message[MESSAGE_SIZE];
	int kept = errno;

	vsnprintf(message, sizeof(message), format, arguments);
	if (!atomic_load(&stderr_is_journal) || write_journal(level, fields, message) < 0)
		write_text(level, fields, message);
	errno = kept;
}

void log_write(enum log_level level, const struct log_field *fields, const char *format, ...)
{
	va_list arguments;

	assert(level >= LOG_LEVEL_ALERT && level <= LOG_LEVEL_DEBUG);
	if (!log_is_wanted(level, fields))
		return;
	va_start(arguments, format);
	write_line(level, fields, format, arguments);
	va_end(arguments);
}

void log_always(enum log_level level, const struct log_field *fields, const char *format, ...)
{
	va_list arguments;

	assert(level >= LOG_LEVEL_ALERT && level <= LOG_LEVEL_DEBUG);
	va_start(arguments, format);
	write_line(level, fields, format, arguments);
	va_end(arguments);
}
