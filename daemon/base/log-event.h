/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is worth finding again in the journal: each event has a number of its own, which stands in
 * the record as MESSAGE_ID= and in the message catalogue with what it means and what to do
 * (journalctl --catalog). All of it from log-events.def.
 */

#include "daemon/base/log.h"

enum log_event {
#define LOG_EVENT(KIND, id, subject, text) LOG_EVENT_##KIND,
#include "daemon/base/log-events.def"
	LOG_EVENT_COUNT_,
};

/* The field MESSAGE_ID=; in a line of text it is left out. */
struct log_field log_event(enum log_event event);

struct log_event_row {
	const char *id;	     /* 32 hexadecimal digits */
	const char *subject; /* one line; @FIELD@ stands for the record's field */
	const char *text;    /* what it means and what to do */
};
const struct log_event_row *log_event_describe(enum log_event event);
