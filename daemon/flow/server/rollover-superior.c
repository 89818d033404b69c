/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/rollover-superior.h"
#include "daemon/base/crash.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/server/rollover-internal.h"
#include "daemon/flow/server/round.h"
#include "daemon/flow/server/trustpoint-round.h"
#include "daemon/flow/succession/shadow.h"
#include "daemon/flow/succession/succession.h"
#include "daemon/flow/trustpoint/copy.h"
#include "daemon/flow/trustpoint/enroll.h"
#include "daemon/flow/trustpoint/superior.h"
#include "daemon/trustpoint/usage.h"
#include <stdio.h>
#include <string.h>

static int check(const struct hand *hand, const struct generations *generations, char **ret_reason)
{
	return rollover_check(hand, generations, "has no certificate yet that another could follow",
			      ret_reason);
}

/* Of one that is asked by files nothing can be wished for: each step is an operator's. */
static int check_online(const struct hand *hand, char **ret_reason)
{
	const char *label = hand->authority->conf->label;
	const struct conf_trustpoint *conf = conf_find_trustpoint(hand->flow->conf, label);

	if (conf && trustpoint_is_online(conf))
		return 0;
	return trustpoint_refuse(ret_reason, FLOW_REFUSED,
				 "the CA above server %s is asked by hand: claviger trustpoint "
				 "enroll %s makes the request, claviger trustpoint import %s takes "
				 "the certificate",
				 label, label, label);
}

/* The generation that takes over where one is there, else what is waited for. */
static void stand(const struct hand *hand, const struct generation *next,
		  struct rollover_stand *ret)
{
	char text[SUPERIOR_TEXT_SIZE];

	rollover_stand(hand, next, ret);
	if (ret->available || next || *ret->reason)
		return;
	superior_tell(hand->flow, hand->authority, hand->now_s, text);
	(void)snprintf(ret->reason, sizeof(ret->reason), "%.*s", (int)sizeof(ret->reason) - 1,
		       text);
}

/* What is due now: the request, and what follows from its answer. */
static void go_on(const struct hand *hand)
{
	struct trustpoint_round round = {};
	int64_t next_s;

	flow_trustpoint_round(hand->flow, hand->authority->conf->label, hand->now_s, &round);
	(void)flow_server_round(hand->flow, hand->authority, hand->now_s, &next_s);
	flow_trustpoint_changed(hand->flow);
}

int rollover_ask_superior(const struct hand *hand, struct rollover_stand *ret, char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *before =
		authority_generations(hand->authority);
	_cleanup_(generations_unrefp) struct generations *after = NULL;
	bool is_ra = conf_server_is_ra(hand->authority->conf);
	int r = check(hand, before, ret_reason);

	if (!r)
		r = check_online(hand, ret_reason);
	if (!r && !is_ra && generations_shadow(before, hand->now_s))
		r = rollover_refuse(
			hand, ret_reason,
			"has a rollover certificate already, which takes over by itself");
	if (!r)
		r = flow_wish_shadow(hand->flow, hand->authority, hand->actor, hand->now_s);
	if (r)
		return r;
	go_on(hand);
	after = authority_generations(hand->authority);
	stand(hand, is_ra ? NULL : generations_shadow(after, hand->now_s), ret);
	if (!after->enabled)
		(void)snprintf(ret->reason, sizeof(ret->reason),
			       "the server is stopped: claviger server start %s",
			       hand->authority->conf->label);
	return 0;
}

/* Two operators, one emergency. */
static int check_former(const struct hand *hand, const struct trustpoint_turn *turn,
			unsigned former, char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(hand->authority);
	const struct ca_enrollment_record *enrollment =
		ca_enrollment_of(&turn->state, TRUSTPOINT_GENERAL);
	const struct generation *active;
	char text[SUPERIOR_TEXT_SIZE];
	int r = check(hand, generations, ret_reason);

	if (r)
		return r;
	active = generations_active(generations, hand->now_s);
	if (former && active->record->number != former)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "generation %u took over meanwhile: look at server show",
					 active->record->number);
	if (!enrollment || enrollment->kind != CA_ENROLLMENT_EMERGENCY)
		return 0;
	superior_tell(hand->flow, hand->authority, hand->now_s, text);
	return trustpoint_refuse(ret_reason, FLOW_REFUSED,
				 "server %s has asked for a new certificate at once already and %s",
				 hand->authority->conf->label, text);
}

/* The one that came already, where nothing but its turn keeps it; NULL. */
static const struct ca_identity_record *find_ready(const struct trustpoint_turn *turn)
{
	const struct ca_identity_record *next =
		ca_identity_next(&turn->state, TRUSTPOINT_GENERAL, turn->now_s);
	const struct ca_anchor_record *anchor =
		next ? ca_anchor_find(&turn->state, next->anchor_id) : NULL;

	return anchor && anchor->takes_over_s <= turn->now_s && next->not_before_s <= turn->now_s
		       ? next
		       : NULL;
}

static const struct generation *generation_of(const struct generations *generations,
					      const struct ca_identity_record *identity)
{
	for (size_t i = 0; i < generations->n; i++)
		if (!memcmp(generations->records[i].key_sha256, identity->key.key_sha256,
			    SHA256_SIZE))
			return &generations->items[i];
	return NULL;
}

/* Under the trustpoint's claim. */
static int bring_forward(const struct hand *hand, struct trustpoint_turn *turn,
			 const struct ca_identity_record *ready, char **ret_reason)
{
	_cleanup_(succession_done) struct succession s = {.flow = hand->flow,
							  .authority = hand->authority,
							  .actor = hand->actor,
							  .now_s = hand->now_s};
	_cleanup_(ca_identity_record_done) struct ca_identity_record identity = {};
	_cleanup_(token_key_done) struct token_key key = {};
	_cleanup_(freep) char *note = NULL;
	static const int64_t none;
	struct ca_generation_record generation; /* borrows the recorded one's */
	struct store_trustpoint_change trustpoint = {.name = turn->conf->name,
						     .identity = &identity};
	struct store_change change = {.renewed_generation = &generation,
				      .rollover_wish_s = &none,
				      .trustpoint = &trustpoint};
	struct token_link *token;
	int r = succession_begin(&s, 0);

	s.generation = r ? NULL : generation_of(s.generations, ready);
	if (r || !s.generation)
		return r ? r : FLOW_LATER;
	r = succession_find_key(&s, &token, &key);
	if (r)
		return r < 0 ? r
			     : trustpoint_refuse(
				       ret_reason, FLOW_LATER,
				       "token %s, with the rollover's key, is away: bring it "
				       "back, or cancel the rollover and take another token "
				       "(ShadowToken=)",
				       s.generation->record->token);
	generation = *s.generation->record;
	generation.takes_over_s = generation.available_s = generation.changed_over_s = hand->now_s;
	trustpoint.expected_revision = turn->state.record.revision;
	r = trustpoint_identity_copy(ready, &identity);
	identity.takes_over_s = identity.changed_over_s = hand->now_s;
	if (r >= 0)
		r = succession_describe(&generation, &note);
	return r < 0 ? r : succession_commit(&s, &change, AUDIT_ROLLOVER_EMERGENCY, note);
}

static int ask_anew(const struct hand *hand, struct trustpoint_turn *turn, char **ret_reason)
{
	const struct trustpoint_order order = {
		.usage = TRUSTPOINT_GENERAL,
		.kind = CA_ENROLLMENT_EMERGENCY,
		.regenerate = true,
		.by_hand = !trustpoint_is_online(turn->conf),
		.actor = hand->actor,
	};

	return trustpoint_begin_enrollment(turn, &order, ret_reason);
}

static int begin_now(const struct hand *hand, unsigned former, char **ret_reason)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = {};
	const struct ca_identity_record *ready;
	int r = trustpoint_turn_begin(hand->flow, hand->authority->conf->label, hand->now_s, &turn);

	if (r == -ENOENT)
		return rollover_refuse(hand, ret_reason, "has no trustpoint of its name");
	if (!r)
		r = check_former(hand, &turn, former, ret_reason);
	if (r)
		return r;
	ready = find_ready(&turn);
	return ready ? bring_forward(hand, &turn, ready, ret_reason)
		     : ask_anew(hand, &turn, ret_reason);
}

static unsigned active_number(const struct generations *generations, int64_t now_s)
{
	const struct generation *active = generations_active(generations, now_s);

	return active ? active->record->number : 0;
}

int rollover_ask_superior_now(const struct hand *hand, unsigned former, struct rollover_stand *ret,
			      char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *before =
		authority_generations(hand->authority);
	_cleanup_(generations_unrefp) struct generations *after = NULL;
	bool is_new;
	int r = begin_now(hand, former, ret_reason);

	if (r)
		return r;
	crash_here(CRASH_EMERGENCY_SAVED);
	log_write(LOG_LEVEL_ERROR,
		  LOG_FIELDS(log_event(LOG_EVENT_EMERGENCY),
			     log_text("SERVER", hand->authority->conf->label)),
		  "alarm: emergency succession by hand");
	succession_note_trouble(hand->authority, NULL);
	r = flow_publish(hand->flow, hand->authority, hand->now_s);
	go_on(hand);
	after = authority_generations(hand->authority);
	is_new = active_number(after, hand->now_s) != active_number(before, hand->now_s);
	stand(hand, is_new ? generations_active(after, hand->now_s) : NULL, ret);
	/* It is in force, and needs no giving out ahead. */
	ret->available = is_new;
	return r;
}
