/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's message catalogue: https://systemd.io/CATALOG, made of daemon/base/log-events.def.
 */
#include "daemon/base/log-event.h"
#include "daemon/manual/directives.h"

void write_catalog(FILE *to, const char *word)
{
	(void)word;
	for (int i = 0; i < LOG_EVENT_COUNT_; i++) {
		const struct log_event_row *row = log_event_describe((enum log_event)i);

		fprintf(to,
			"%s-- %s\nSubject: %s\nDefined-By: claviger\nDocumentation: "
			"man:clavigerd(8)\n\n"
			"%s\n",
			i ? "\n" : "", row->id, row->subject, row->text);
	}
}
