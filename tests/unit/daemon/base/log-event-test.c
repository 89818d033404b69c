/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/log-event.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void each_event_is_told_apart(void **state)
{
	(void)state;
	for (int i = 0; i < LOG_EVENT_COUNT_; i++) {
		const struct log_event_row *row = log_event_describe((enum log_event)i);

		assert_int_equal(strlen(row->id), 32);
		assert_int_equal(strspn(row->id, "0123456789abcdef"), 32);
		assert_true(*row->subject && !strchr(row->subject, '\n') && *row->text);
		for (int other = 0; other < i; other++)
			assert_string_not_equal(log_event_describe((enum log_event)other)->id,
						row->id);
	}
}

/* Programs filter by these: they stay what they are. */
static void known_events_keep_their_ids(void **state)
{
	static const struct {
		enum log_event event;
		const char *id;
	} rows[] = {
		{LOG_EVENT_SERVER_STATE, "5d3c6f8a21b04e7f9c0e6a4b7d1f2c35"},
		{LOG_EVENT_CRL_LATE, "6ac1d1ff5c7f4c6b9d1e0f2a77c0a2b4"},
		{LOG_EVENT_CRL_EXPIRED, "2f9a8d3b40c94f0fb2b0a6ce9d6e13d7"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct log_field field = log_event(rows[i].event);

		assert_string_equal(field.name, "MESSAGE_ID");
		assert_true(span_equal(field.value, span_of_text(rows[i].id)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_is_told_apart),
		cmocka_unit_test(known_events_keep_their_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
