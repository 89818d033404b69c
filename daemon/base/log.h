/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Structured log lines: to the journal with their fields where stderr is connected to it
 * (JOURNAL_STREAM), else to stderr as text with the fields after the message. Libraries log at
 * debug; flow/ and the mains log the rest, one event at one place. Foreign bytes go through
 * log_span(), which escapes them. Secrets have no way in.
 *
 *	log_info(LOG_FIELDS(log_text("SERVER", label)), "certificate issued");
 */

#include "daemon/base/bytes.h"

enum log_level {
	LOG_LEVEL_ALERT = 1, /* somebody has to act soon */
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

struct log_field {
	const char *name;  /* upper case, as in the journal */
	struct span value; /* escaped when printed as text */
	int64_t number;	   /* used where value.data is NULL */
};

static inline struct log_field log_text(const char *name, const char *value)
{
	return (struct log_field){name, span_of_text(value ? value : ""), 0};
}
static inline struct log_field log_span(const char *name, struct span value)
{
	return (struct log_field){name, value.data ? value : SPAN_LITERAL(""), 0};
}
static inline struct log_field log_number(const char *name, int64_t number)
{
	return (struct log_field){name, {NULL, 0}, number};
}
/* Binary identifiers; shown as hex. @value is at most 64 bytes, the rest is cut. */
struct log_field log_hex(const char *name, struct span value, char storage[static 129]);

#define LOG_FIELDS(...)                                                                            \
	(const struct log_field[])                                                                 \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}
#define LOG_PLAIN ((const struct log_field *)NULL)

/* What a line is about, by its fields. */
enum log_area {
#define LOG_AREA(KIND, name, field, help) LOG_AREA_##KIND,
#include "daemon/base/log-areas.def"
	LOG_AREA_ALL,
};

/* The field that names an event (log-event.h). */
#define LOG_MESSAGE_ID "MESSAGE_ID"

/* The program's name as the journal shows it, and the least urgent level that is written. */
void log_init(const char *identifier, enum log_level level);
void log_set_level(enum log_level level);
/* Of one area alone; a line of several areas is written where one of them wants it. */
void log_set_area_level(enum log_area area, enum log_level level);
/* Of lines of no area. */
/* "error", "warning", "notice", "info", "debug"; -EINVAL. */
_checked_ int log_read_level(const char *name, enum log_level *ret);
/* "server", "transactions", … as in log-areas.def; -EINVAL. */
_checked_ int log_read_area(const char *name, enum log_area *ret);

/* Writes one line. @fields ends with a row without a name; NULL for none. Keeps errno. Thread-safe.
 */
_printf_(3, 4) void log_write(enum log_level level, const struct log_field *fields,
			      const char *format, ...);
/* The same, whatever levels are set: for what must not be silenced. */
_printf_(3, 4) void log_always(enum log_level level, const struct log_field *fields,
			       const char *format, ...);
#define log_alert(fields, ...)	 log_write(LOG_LEVEL_ALERT, fields, __VA_ARGS__)
#define log_error(fields, ...)	 log_write(LOG_LEVEL_ERROR, fields, __VA_ARGS__)
#define log_warning(fields, ...) log_write(LOG_LEVEL_WARNING, fields, __VA_ARGS__)
#define log_notice(fields, ...)	 log_write(LOG_LEVEL_NOTICE, fields, __VA_ARGS__)
#define log_info(fields, ...)	 log_write(LOG_LEVEL_INFO, fields, __VA_ARGS__)
#define log_debug(fields, ...)	 log_write(LOG_LEVEL_DEBUG, fields, __VA_ARGS__)
