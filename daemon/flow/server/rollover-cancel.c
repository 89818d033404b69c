/* SPDX-License-Identifier: Apache-2.0 */
/* flow_rollover_cancel() of rollover.h. */
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/server-key.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/server/rollover.h"
#include "daemon/flow/succession/shadow.h"
#include "daemon/flow/succession/succession.h"
#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/trustpoint/usage.h"
#include <stdlib.h>
#include <string.h>

void rollover_cancel_done(struct rollover_cancel *cancel)
{
	free(cancel->token);
	*cancel = (struct rollover_cancel){};
}

/* The newest that was cancelled, where nothing came after it. */
static const struct generation *find_cancelled(const struct generations *generations)
{
	const struct generation *last =
		generations->n ? &generations->items[generations->n - 1] : NULL;

	return last && ca_generation_is_cancelled(last->record) ? last : NULL;
}

/* What is taken back of a server that another CA certifies: the certificate that came, with its
 * generation, or else what is asked for. */
struct withdrawal {
	struct trustpoint_turn turn; /* with nobody's name where the server certifies itself */
	const struct ca_identity_record *identity;     /* NULL without */
	const struct ca_enrollment_record *enrollment; /* NULL without */
};

static void withdrawal_done(struct withdrawal *withdrawal)
{
	trustpoint_turn_done(&withdrawal->turn);
}

/* Before the server's claim, as a certificate that comes takes them. */
static int withdrawal_begin(const struct hand *hand, struct withdrawal *ret)
{
	const struct conf_server *conf = hand->authority->conf;

	if (!conf_server_enrolls(conf))
		return 0;
	return trustpoint_turn_begin(hand->flow, conf->label, hand->now_s, &ret->turn);
}

static const struct ca_identity_record *identity_of(const struct ca_trustpoint_state *state,
						    const struct generation *generation)
{
	for (size_t i = 0; i < state->n_identities; i++)
		if (!memcmp(state->identities[i].key.key_sha256, generation->record->key_sha256,
			    SHA256_SIZE))
			return &state->identities[i];
	return NULL;
}

/* What is under way is taken back before what came. The first certificate of all is no rollover. */
static const struct generation *find_withdrawn(const struct succession *s,
					       struct withdrawal *withdrawal,
					       const struct generation *shadow)
{
	const struct ca_trustpoint_state *state = &withdrawal->turn.state;

	if (generations_active(s->generations, s->now_s))
		withdrawal->enrollment = ca_enrollment_of(state, TRUSTPOINT_GENERAL);
	if (withdrawal->enrollment || conf_server_is_ra(s->authority->conf))
		return NULL;
	if (shadow)
		withdrawal->identity = identity_of(state, shadow);
	return shadow;
}

/* The key that was made for a request. */
static int describe_enrollment(const struct ca_enrollment_record *enrollment,
			       struct rollover_cancel *ret)
{
	if (!enrollment->key_is_new)
		return 0;
	memcpy(ret->key_sha256, enrollment->key.key_sha256, SHA256_SIZE);
	return text_format(&ret->token, "%s", enrollment->key.token);
}

static int describe(const struct hand *hand, const struct generation *generation,
		    struct rollover_cancel *ret)
{
	const struct ca_generation_record *record = generation->record;
	struct store_dependents dependents = {};
	int r = store_generation_dependents(hand->flow->store, record->id, &dependents);

	if (r)
		return r < 0 ? r : -ENOENT;
	ret->generation = record->number;
	ret->available = record->available_s != 0;
	ret->issued = dependents.issued;
	ret->waiting = dependents.waiting;
	memcpy(ret->key_sha256, record->key_sha256, SHA256_SIZE);
	return text_format(&ret->token, "%s", record->token);
}

/* A key that was made, and no certificate of it yet. Where the token is away nobody can tell. */
static int describe_left_over(const struct succession *s, struct rollover_cancel *ret)
{
	const struct generation *active = generations_active(s->generations, s->now_s);
	_cleanup_(token_key_done) struct token_key key = {};
	_cleanup_(freep) char *label = NULL;
	struct birth_order order;
	int r = shadow_label(s->authority, &label);

	if (r < 0 || !active)
		return r;
	order = shadow_order(s->flow, s->authority, s->generations, active, label, s->now_s);
	if (birth_find_left_over(&order, &key))
		return 0;
	sha256(span_of(key.spki), ret->key_sha256);
	return text_format(&ret->token, "%s", order.token);
}

/* A rollover that somebody begins before the operator's command destroys the left-over key must not
 * take it up. Where its label can't change it is not given out to be destroyed: the next takes it.
 */
static int put_aside(const struct succession *s, struct rollover_cancel *cancel)
{
	struct token_link *token = flow_find_token(s->flow, cancel->token);
	_cleanup_(freep) char *label = NULL;
	int r = text_format(&label, "%s#cancelled", conf_server_key_label(s->authority->conf));

	if (r < 0)
		return r;
	r = token ? token_link_relabel(token, SPAN_ARRAY(cancel->key_sha256), label)
		  : TOKEN_LINK_LATER;
	if (!r)
		return 0;
	if (r == TOKEN_LINK_LATER)
		return FLOW_LATER;
	log_warning(LOG_FIELDS(log_text("SERVER", s->authority->conf->label),
			       log_text("TOKEN", cancel->token), log_number("RESULT", r)),
		    "the token does not let the key of the cancelled rollover be called '%s': the "
		    "key stays, for the next one",
		    label);
	rollover_cancel_done(cancel);
	return 0;
}

/* Identity, enrolment and generation go together. */
static void add_withdrawal(const struct withdrawal *withdrawal,
			   struct store_trustpoint_change *trustpoint, struct store_change *ret)
{
	if (!withdrawal->identity && !withdrawal->enrollment)
		return;
	trustpoint->name = withdrawal->turn.state.record.name;
	trustpoint->expected_revision = withdrawal->turn.state.record.revision;
	if (withdrawal->enrollment)
		trustpoint->drop_enrollment = withdrawal->enrollment->id;
	else
		trustpoint->drop_identity = withdrawal->identity->id;
	ret->trustpoint = trustpoint;
}

static int cancel(struct succession *s, const struct withdrawal *withdrawal,
		  const struct generation *shadow)
{
	_cleanup_(freep) char *note = NULL;
	struct store_trustpoint_change trustpoint = {};
	struct store_change change = {};
	int r = shadow ? succession_describe(shadow->record, &note) : 0;

	if (r < 0)
		return r;
	s->generation = shadow;
	if (shadow)
		change.generation_step = STORE_GENERATION_CANCELLED;
	else
		change.rollover_cancel = true;
	add_withdrawal(withdrawal, &trustpoint, &change);
	return succession_commit(s, &change, AUDIT_ROLLOVER_CANCEL, note);
}

static int finish_cancel(const struct hand *hand, unsigned number)
{
	crash_here(CRASH_CANCEL_SAVED);
	succession_note_trouble(hand->authority, NULL);
	log_warning(LOG_FIELDS(log_event(LOG_EVENT_ROLLOVER_CANCELLED),
			       log_text("SERVER", hand->authority->conf->label),
			       log_number("GENERATION", number)),
		    "the rollover was cancelled");
	return flow_publish(hand->flow, hand->authority, hand->now_s);
}

static bool is_wished(const struct hand *hand)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};

	return !store_server_load(hand->flow->store, hand->authority->conf->label, &record) &&
	       record.rollover_wish_s;
}

int flow_rollover_cancel(const struct hand *hand, bool look_only, struct rollover_cancel *ret,
			 char **ret_reason)
{
	_cleanup_(withdrawal_done) struct withdrawal withdrawal = {};
	_cleanup_(succession_done) struct succession s = {.flow = hand->flow,
							  .authority = hand->authority,
							  .actor = hand->actor,
							  .now_s = hand->now_s};
	bool enrolls = conf_server_enrolls(hand->authority->conf);
	const struct generation *shadow, *last;
	int r = withdrawal_begin(hand, &withdrawal);

	if (!r)
		r = succession_begin(&s, 0);
	if (r)
		return r;
	shadow = generations_shadow(s.generations, hand->now_s);
	if (enrolls)
		shadow = find_withdrawn(&s, &withdrawal, shadow);
	last = shadow ? shadow : find_cancelled(s.generations);
	if (!shadow && (withdrawal.enrollment || is_wished(hand)))
		last = NULL;
	else if (!last)
		return text_format(ret_reason, "server %s has no rollover under way",
				   hand->authority->conf->label)
			       ?: FLOW_REFUSED;
	if (last)
		r = describe(hand, last, ret);
	else if (!enrolls)
		r = describe_left_over(&s, ret);
	else if (withdrawal.enrollment)
		r = describe_enrollment(withdrawal.enrollment, ret);
	ret->already = last && !shadow;
	if (r || look_only || ret->already)
		return r;
	if (!last && ret->token && !enrolls)
		r = put_aside(&s, ret);
	if (!r)
		r = cancel(&s, &withdrawal, shadow);
	if (enrolls && !r)
		flow_trustpoint_changed(hand->flow);
	return r ? r : finish_cancel(hand, ret->generation);
}
