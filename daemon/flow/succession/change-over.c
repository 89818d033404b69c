/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/succession/change-over.h"
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/succession/succession.h"

/* The number of the CRL that it signed ahead and that is due; 0 where there is none. */
static int find_crl(const struct succession *s, uint64_t *ret)
{
	struct ca_crl_record crl;
	int r = store_crl_ahead_due(s->flow->store, s->authority->conf->label, s->now_s, &crl);

	*ret = r || crl.generation_id != s->generation->record->id ? 0 : crl.number;
	return r < 0 ? r : 0;
}

static int save(struct succession *s)
{
	_cleanup_(freep) char *note = NULL;
	struct store_change change = {.generation_step = STORE_GENERATION_CHANGED_OVER};
	int r = find_crl(s, &change.publish_ahead);

	if (r >= 0)
		r = succession_describe(s->generation->record, &note);
	return r < 0 ? r : succession_commit(s, &change, AUDIT_ROLLOVER_CHANGEOVER, note);
}

int flow_change_over(struct flow *flow, struct authority *authority, unsigned number, int64_t now_s)
{
	_cleanup_(succession_done) struct succession s = {
		.flow = flow, .authority = authority, .now_s = now_s};
	int r = succession_begin(&s, number);

	if (r || s.generation->record->changed_over_s)
		return r;
	r = save(&s);
	if (r)
		return r;
	crash_here(CRASH_CHANGE_SAVED);
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_CHANGED_OVER),
			      log_text("SERVER", authority->conf->label),
			      log_number("GENERATION", number)),
		   "changed over: generation %u is active", number);
	r = flow_publish(flow, authority, now_s);
	crash_here(CRASH_CHANGE_PUBLISHED);
	return r;
}

static int save_step(struct succession *s, enum store_generation_step step, enum audit_type type)
{
	_cleanup_(freep) char *note = NULL;
	struct store_change change = {.generation_step = step};
	int r = succession_describe(s->generation->record, &note);

	return r < 0 ? r : succession_commit(s, &change, type, note);
}

/* What the token says to that counts as done: nothing depends on it. */
static int relabel(struct succession *s)
{
	const char *label = conf_server_key_label(s->authority->conf);
	const struct ca_generation_record *record = s->generation->record;
	struct token_link *token = flow_find_token(s->flow, record->token);
	int r = token ? token_link_relabel(token, SPAN_ARRAY(record->key_sha256), label)
		      : TOKEN_LINK_LATER;

	if (r == TOKEN_LINK_LATER)
		return FLOW_LATER;
	if (r)
		log_warning(LOG_FIELDS(log_text("SERVER", s->authority->conf->label),
				       log_text("TOKEN", record->token), log_number("RESULT", r)),
			    "the token does not let the key '%s#' be called '%s': it keeps its "
			    "label, which does no harm",
			    label, label);
	else
		log_notice(LOG_FIELDS(log_text("SERVER", s->authority->conf->label),
				      log_text("TOKEN", record->token)),
			   "key '%s#' is called '%s' from now on", label, label);
	return 0;
}

int flow_relabel_key(struct flow *flow, struct authority *authority, unsigned number, int64_t now_s)
{
	_cleanup_(succession_done) struct succession s = {
		.flow = flow, .authority = authority, .now_s = now_s};
	int r = succession_begin(&s, number);

	if (r || s.generation->record->relabelled_s)
		return r;
	r = relabel(&s);
	if (r)
		return r;
	crash_here(CRASH_RELABEL_DONE);
	r = save_step(&s, STORE_GENERATION_RELABELLED, AUDIT_KEY_RELABEL);
	crash_here(CRASH_RELABEL_SAVED);
	return r;
}

static int destroy(struct succession *s)
{
	_cleanup_(token_key_done) struct token_key key = {};
	_cleanup_(freep) char *reason = NULL;
	struct token_link *token;
	int r = succession_find_key(s, &token, &key);

	/* It keeps the key up to the end of every certificate that it signed for itself. Asked for
	 * sooner it would only tell of a refusal, again and again. */
	if (r == 0 && s->now_s <= key.not_after_s)
		return FLOW_LATER;
	if (r == 0)
		r = token_link_destroy(token, SPAN_ARRAY(s->generation->record->key_sha256),
				       &reason);
	else if (r == FLOW_REFUSED)
		return 0;
	return r == -ENOENT ? 0 : r > 0 ? FLOW_LATER : r;
}

int flow_destroy_key(struct flow *flow, struct authority *authority, unsigned number, int64_t now_s)
{
	_cleanup_(succession_done) struct succession s = {
		.flow = flow, .authority = authority, .now_s = now_s};
	int r = succession_begin(&s, number);

	if (r || s.generation->record->destroyed_s)
		return r;
	r = destroy(&s);
	if (r)
		return r;
	crash_here(CRASH_DESTROY_DONE);
	r = save_step(&s, STORE_GENERATION_DESTROYED, AUDIT_KEY_DESTROY);
	if (r)
		return r;
	crash_here(CRASH_DESTROY_SAVED);
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_KEY_DESTROYED),
			      log_text("SERVER", authority->conf->label),
			      log_number("GENERATION", number)),
		   "the key of generation %u was destroyed", number);
	return flow_publish(flow, authority, now_s);
}
