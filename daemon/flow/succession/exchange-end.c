/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of exchange keys after their birth. */
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/succession/exchange.h"
#include "daemon/flow/succession/succession.h"
#include <string.h>

/* NULL where there is none of this id. */
static const struct ca_exchange_record *find(const struct generations *generations, int64_t id)
{
	for (size_t i = 0; i < generations->n_exchanges; i++)
		if (generations->exchange_records[i].id == id)
			return &generations->exchange_records[i];
	return NULL;
}

static int save_step(struct succession *s, const struct ca_exchange_record *record,
		     enum store_exchange_step step, enum audit_type type)
{
	_cleanup_(freep) char *note = NULL;
	struct store_change change = {.exchange_id = record->id, .exchange_step = step};
	int r = exchange_describe(s->generations, record, &note);

	return r < 0 ? r : succession_commit(s, &change, type, note);
}

static int relabel(const struct succession *s, const struct ca_exchange_record *record)
{
	struct token_link *token = flow_find_token(s->flow, record->key.token);
	_cleanup_(freep) char *label = NULL;
	int r = text_format(&label, "%.*s", (int)strcspn(record->key.label, "#"),
			    record->key.label);

	if (r < 0)
		return r;
	r = token ? token_link_relabel(token, SPAN_ARRAY(record->key.key_sha256), label)
		  : TOKEN_LINK_LATER;
	if (r == TOKEN_LINK_LATER)
		return FLOW_LATER;
	if (r)
		log_warning(LOG_FIELDS(log_text("SERVER", s->authority->conf->label),
				       log_text("TOKEN", record->key.token),
				       log_number("RESULT", r)),
			    "the token does not let the key '%s' be called '%s': it keeps its "
			    "label, which does no harm",
			    record->key.label, label);
	return 0;
}

int flow_relabel_exchange(struct flow *flow, struct authority *authority, int64_t id, int64_t now_s)
{
	_cleanup_(succession_done) struct succession s = {
		.flow = flow, .authority = authority, .now_s = now_s};
	const struct ca_exchange_record *record;
	int r = succession_begin(&s, 0);

	if (r)
		return r;
	record = find(s.generations, id);
	if (!record || record->relabelled_s)
		return record ? 0 : FLOW_REFUSED;
	r = relabel(&s, record);
	crash_here(CRASH_EXCHANGE_RELABELLED);
	return r ? r : save_step(&s, record, STORE_EXCHANGE_RELABELLED, AUDIT_EXCHANGE_RELABEL);
}

/* What is not there any more is destroyed. */
static int destroy(const struct succession *s, const struct ca_exchange_record *record)
{
	struct token_link *token = flow_find_token(s->flow, record->key.token);
	_cleanup_(freep) char *reason = NULL;
	int r = token ? token_link_destroy(token, SPAN_ARRAY(record->key.key_sha256), &reason)
		      : TOKEN_LINK_LATER;

	return r == -ENOENT ? 0 : r > 0 ? FLOW_LATER : r;
}

static void tell_destroyed(const struct authority *authority,
			   const struct ca_exchange_record *record)
{
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_EXCHANGE_DESTROYED),
			      log_text("SERVER", authority->conf->label),
			      log_text("KEY", record->key.label),
			      log_text("TOKEN", record->key.token)),
		   "an exchange key was destroyed");
}

int flow_destroy_exchange(struct flow *flow, struct authority *authority, int64_t id, int64_t now_s)
{
	_cleanup_(succession_done) struct succession s = {
		.flow = flow, .authority = authority, .now_s = now_s};
	const struct ca_exchange_record *record;
	int r = succession_begin(&s, 0);

	if (r)
		return r;
	record = find(s.generations, id);
	if (!record || record->destroyed_s)
		return record ? 0 : FLOW_REFUSED;
	r = destroy(&s, record);
	if (r)
		return r;
	crash_here(CRASH_EXCHANGE_DESTROYED);
	tell_destroyed(authority, record);
	return save_step(&s, record, STORE_EXCHANGE_DESTROYED, AUDIT_EXCHANGE_DESTROY);
}
