/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/succession/succession.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/flow/audit.h"
#include <stdio.h>
#include <string.h>

void succession_done(struct succession *succession)
{
	generations_unref(succession->generations);
	claim_releasep(&succession->claim);
	*succession = (struct succession){};
}

int succession_begin(struct succession *s, unsigned number)
{
	s->claim =
		claim_take(s->flow->claims, CLAIM_SERVER, span_of_text(s->authority->conf->label));
	s->generations = authority_generations(s->authority);
	for (size_t i = 0; i < s->generations->n; i++)
		if (s->generations->records[i].number == number)
			s->generation = &s->generations->items[i];
	return number && !s->generation ? FLOW_REFUSED : 0;
}

/* What is in memory follows what is in the database, also where another was quicker. */
static int load(struct succession *s)
{
	int r = authority_load(s->flow, s->authority);

	generations_unref(s->generations);
	s->generation = NULL;
	s->generations = authority_generations(s->authority);
	flow_changed(s->flow);
	return r;
}

int succession_commit(struct succession *s, struct store_change *change, enum audit_type type,
		      const char *note)
{
	const char *label = s->authority->conf->label;
	_cleanup_(audit_done) struct audit_event event = {};
	int loaded, r;

	r = audit_of_act(type, s->actor, label, note, &event);
	if (r < 0)
		return r;
	change->server = label;
	change->now_s = s->now_s;
	if (change->generation_step)
		change->generation_id = s->generation->record->id;
	change->audit = &event.row;
	change->n_audit = 1;
	r = store_commit(s->flow->store, change);
	if (r < 0)
		return r;
	loaded = load(s);
	return r ? FLOW_LATER : loaded;
}

int succession_find_key(const struct succession *s, struct token_link **ret_token,
			struct token_key *ret)
{
	const struct ca_generation_record *record = s->generation->record;
	struct token_link *token = flow_find_token(s->flow, record->token);

	*ret_token = token;
	for (unsigned position = 0; token; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, position, &key);

		if (r)
			return r == TOKEN_LINK_LATER ? FLOW_LATER : r < 0 ? r : FLOW_REFUSED;
		if (span_equal(span_of(key.spki), span_of(record->spki))) {
			*ret = TAKE_STRUCT(key);
			return 0;
		}
	}
	return FLOW_LATER;
}

int succession_describe(const struct ca_generation_record *generation, char **ret)
{
	_cleanup_(buffer_done) struct buffer text = {};
	char until[32];

	buffer_printf(&text, "generation %u, serial ", generation->number);
	text_append_hex(&text, span_of(generation->serial), false);
	buffer_printf(&text, ", until %s", text_format_time(generation->not_after_s, until));
	return buffer_take_text(&text, ret);
}

void succession_note_trouble(struct authority *authority, const char *reason)
{
	struct authority_share *shared = authority->shared;
	bool is_new;

	pthread_mutex_lock(&shared->lock);
	is_new = reason && strncmp(shared->rollover_trouble, reason,
				   sizeof(shared->rollover_trouble) - 1) != 0;
	(void)snprintf(shared->rollover_trouble, sizeof(shared->rollover_trouble), "%s",
		       reason ? reason : "");
	pthread_mutex_unlock(&shared->lock);
	if (is_new)
		log_warning(LOG_FIELDS(log_text("SERVER", authority->conf->label),
				       log_text("REASON", reason)),
			    "the rollover does not go on, and is tried again: %s", reason);
}

void succession_note_failure(struct authority *authority, int result, const char *reason)
{
	if (!result)
		succession_note_trouble(authority, NULL);
	else if (reason)
		succession_note_trouble(authority, reason);
	else if (result < 0)
		succession_note_trouble(authority, strerrordesc_np(-result));
	else
		succession_note_trouble(authority, result == FLOW_REFUSED
							   ? "its key is not on its token any more"
							   : "its token is away");
}

void succession_tell_trouble(const struct authority *authority,
			     char ret[static SUCCESSION_TROUBLE_SIZE])
{
	pthread_mutex_lock(&authority->shared->lock);
	(void)snprintf(ret, SUCCESSION_TROUBLE_SIZE, "%s", authority->shared->rollover_trouble);
	pthread_mutex_unlock(&authority->shared->lock);
}
