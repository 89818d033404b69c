/* SPDX-License-Identifier: Apache-2.0 */
/* The shadow's certificate is given out ahead. */
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/publication/next-ca.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/succession/shadow.h"
#include "daemon/flow/succession/succession.h"

static int save(struct succession *s, struct span message)
{
	_cleanup_(freep) char *note = NULL;
	struct store_change change = {
		.generation_step = STORE_GENERATION_AVAILABLE,
		.next_ca = message,
	};
	int r = succession_describe(s->generation->record, &note);

	return r < 0 ? r : succession_commit(s, &change, AUDIT_ROLLOVER_AVAILABLE, note);
}

static int offer(struct succession *s)
{
	_cleanup_(bytes_done) struct bytes message = {};
	int r = flow_next_ca_sign(s->flow, s->authority, s->generations, s->now_s, &message);

	crash_here(CRASH_OFFER_SIGNED);
	return r ? r : save(s, span_of(message));
}

int flow_offer_shadow(struct flow *flow, struct authority *authority, unsigned number,
		      int64_t now_s)
{
	_cleanup_(succession_done) struct succession s = {
		.flow = flow, .authority = authority, .now_s = now_s};
	int r = succession_begin(&s, number);

	if (r || s.generation->record->available_s)
		return r;
	r = offer(&s);
	succession_note_failure(authority, r, NULL);
	if (r)
		return r;
	crash_here(CRASH_OFFER_SAVED);
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_SHADOW_AVAILABLE),
			      log_text("SERVER", authority->conf->label),
			      log_number("GENERATION", number)),
		   "the rollover certificate is given out (GetNextCACert)");
	r = flow_publish(flow, authority, now_s);
	crash_here(CRASH_OFFER_PUBLISHED);
	return r;
}
