/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/rollover.h"
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/server/rollover-internal.h"
#include "daemon/flow/server/rollover-superior.h"
#include "daemon/flow/server/round.h"
#include "daemon/flow/succession/shadow.h"
#include "daemon/flow/succession/succession.h"
#include <stdio.h>

int rollover_refuse(const struct hand *hand, char **ret_reason, const char *why)
{
	int r = text_format(ret_reason, "server %s %s", hand->authority->conf->label, why);

	return r < 0 ? r : FLOW_REFUSED;
}

static struct succession succession_of(const struct hand *hand)
{
	return (struct succession){.flow = hand->flow,
				   .authority = hand->authority,
				   .actor = hand->actor,
				   .now_s = hand->now_s};
}

int rollover_check(const struct hand *hand, const struct generations *generations,
		   const char *without, char **ret_reason)
{
	if (!generations->created)
		return rollover_refuse(hand, ret_reason, "is not created");
	if (!time_source_is_good(&hand->flow->time))
		return rollover_refuse(hand, ret_reason,
				       "waits for time setting: the clock is not synchronised "
				       "(or set TimeSource=authoritative)");
	if (!generations_active(generations, hand->now_s))
		return rollover_refuse(hand, ret_reason, without);
	return 0;
}

static int check(const struct hand *hand, const struct generations *generations, char **ret_reason)
{
	return rollover_check(hand, generations, "has no CA key any more: delete and create it",
			      ret_reason);
}

void rollover_stand(const struct hand *hand, const struct generation *next,
		    struct rollover_stand *ret)
{
	*ret = (struct rollover_stand){};
	if (next) {
		ret->generation = next->record->number;
		ret->takes_over_s = next->record->takes_over_s;
		ret->available = next->record->available_s != 0;
	}
	if (!ret->available)
		succession_tell_trouble(hand->authority, ret->reason);
}

int flow_rollover(const struct hand *hand, struct rollover_stand *ret, char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *before =
		authority_generations(hand->authority);
	_cleanup_(generations_unrefp) struct generations *after = NULL;
	const struct generation *shadow = generations_shadow(before, hand->now_s);
	int64_t next_s;
	int r;

	if (conf_server_enrolls(hand->authority->conf))
		return rollover_ask_superior(hand, ret, ret_reason);
	r = check(hand, before, ret_reason);

	if (r)
		return r;
	if (shadow && shadow->record->available_s)
		return rollover_refuse(
			hand, ret_reason,
			"has a rollover certificate already, which takes over by itself");
	r = flow_wish_shadow(hand->flow, hand->authority, hand->actor, hand->now_s);
	if (r)
		return r;
	(void)flow_server_round(hand->flow, hand->authority, hand->now_s, &next_s);
	after = authority_generations(hand->authority);
	rollover_stand(hand, generations_shadow(after, hand->now_s), ret);
	if (!ret->available && !after->enabled)
		(void)snprintf(ret->reason, sizeof(ret->reason),
			       "the server is stopped: claviger server start %s",
			       hand->authority->conf->label);
	return 0;
}

/* In an emergency nothing is given out ahead, and nothing waits for its turn. */
static int save_emergency(struct succession *s, struct birth *birth)
{
	static const int64_t none;
	_cleanup_(freep) char *note = NULL;
	struct store_change change = {
		.certificate = &birth->certificate,
		.rollover_wish_s = &none,
	};
	int r = succession_describe(&birth->generation, &note);

	birth->generation.available_s = birth->generation.changed_over_s = s->now_s;
	if (birth->generation.id)
		change.renewed_generation = &birth->generation;
	else
		change.generation = &birth->generation;
	return r < 0 ? r : succession_commit(s, &change, AUDIT_ROLLOVER_EMERGENCY, note);
}

/* @shadow NULL: a new key. */
static int give_birth(struct succession *s, struct birth_order *order,
		      const struct generation *shadow, char **ret_reason)
{
	_cleanup_(birth_done) struct birth birth = {};
	int r;

	if (shadow) {
		order->number = shadow->record->number;
		order->token = shadow->record->token;
		r = birth_take_key(order, shadow->record, &birth);
	} else {
		r = birth_make_key(order, &birth, ret_reason);
	}
	crash_here(CRASH_EMERGENCY_KEY);
	if (!r)
		r = shadow_plan(order, &birth);
	if (!r)
		r = birth_sign(order, &birth);
	crash_here(CRASH_EMERGENCY_SIGNED);
	return r ? r : save_emergency(s, &birth);
}

static int succeed_now(struct succession *s, char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(s->authority);
	const struct generation *active = generations_active(generations, s->now_s);
	const struct generation *shadow = generations_shadow(generations, s->now_s);
	_cleanup_(freep) char *label = NULL;
	struct birth_order order;
	int r = shadow_label(s->authority, &label);

	if (r < 0)
		return r;
	order = shadow_order(s->flow, s->authority, generations, active, label, s->now_s);
	r = give_birth(s, &order, shadow, ret_reason);
	if (r == FLOW_LATER && !*ret_reason)
		r = text_format(ret_reason,
				"token %s, with the rollover's key, is away: bring it back, or "
				"cancel the rollover and take another token (ShadowToken=)",
				order.token)
			    ?: FLOW_LATER;
	return r;
}

static unsigned active_number(const struct generations *generations, int64_t now_s)
{
	const struct generation *active = generations_active(generations, now_s);

	return active ? active->record->number : 0;
}

/* Under the claim. */
static int check_former(const struct succession *s, unsigned former, char **ret_reason)
{
	unsigned active = active_number(s->generations, s->now_s);

	if (active == former)
		return 0;
	return text_format(ret_reason, "generation %u took over meanwhile: look at server show",
			   active)
		       ?: FLOW_REFUSED;
}

/* Takes the claim, in front of which another may have been waiting for the same. */
static int begin_emergency(struct succession *s, const struct hand *hand, unsigned former,
			   char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *before =
		authority_generations(hand->authority);
	int r = succession_begin(s, 0);

	if (!r)
		r = check(hand, s->generations, ret_reason);
	if (!r)
		r = check_former(s, former ? former : active_number(before, hand->now_s),
				 ret_reason);
	return r;
}

int flow_rollover_now(const struct hand *hand, unsigned former, struct rollover_stand *ret,
		      char **ret_reason)
{
	_cleanup_(succession_done) struct succession s = succession_of(hand);
	const struct generation *active;
	int64_t next_s;
	int r;

	if (conf_server_enrolls(hand->authority->conf))
		return rollover_ask_superior_now(hand, former, ret, ret_reason);
	r = begin_emergency(&s, hand, former, ret_reason);
	if (!r)
		r = succeed_now(&s, ret_reason);
	if (r)
		return r;
	crash_here(CRASH_EMERGENCY_SAVED);
	active = generations_active(s.generations, hand->now_s);
	rollover_stand(hand, active, ret);
	log_write(LOG_LEVEL_ERROR,
		  LOG_FIELDS(log_event(LOG_EVENT_EMERGENCY),
			     log_text("SERVER", hand->authority->conf->label),
			     log_number("GENERATION", ret->generation)),
		  "alarm: emergency succession by hand: generation %u is active at once",
		  ret->generation);
	succession_note_trouble(hand->authority, NULL);
	r = flow_publish(hand->flow, hand->authority, hand->now_s);
	crash_here(CRASH_EMERGENCY_PUBLISHED);
	succession_done(&s);
	/* Its first CRL; what fails of it is tried again by itself. */
	(void)flow_server_round(hand->flow, hand->authority, hand->now_s, &next_s);
	return r;
}
