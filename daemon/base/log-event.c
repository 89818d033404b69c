/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/log-event.h"

static const struct log_event_row rows[] = {
#define LOG_EVENT(KIND, id, subject, text) [LOG_EVENT_##KIND] = {id, subject, text},
#include "daemon/base/log-events.def"
};

const struct log_event_row *log_event_describe(enum log_event event)
{
	assert((size_t)event < ELEMENTS(rows));
	return &rows[event];
}

struct log_field log_event(enum log_event event)
{
	return log_text(LOG_MESSAGE_ID, log_event_describe(event)->id);
}
