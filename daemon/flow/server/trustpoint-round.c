/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/trustpoint-round.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/ra/ra.h"
#include "daemon/flow/ra/relay-files.h"
#include "daemon/flow/server/trustpoint-outlook.h"
#include "daemon/flow/trustpoint/ca.h"
#include "daemon/flow/trustpoint/change-over.h"
#include "daemon/flow/trustpoint/enroll.h"
#include "daemon/flow/trustpoint/files.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/flow/trustpoint/shadow.h"
#include "daemon/flow/trustpoint/standing.h"
#include "daemon/trustpoint/enrollment.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More acts than a trustpoint can have due at once: what is planned anew for ever waits for the
 * next round. */
#define ACTS_MOST 16

/* The planner's action, done: 0; FLOW_LATER, FLOW_REFUSED with a reason; -errno. */
typedef int act_function(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
			 char **ret_reason);

static int change_over(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
		       char **ret_reason)
{
	(void)ret_reason;
	return plan->usage ? trustpoint_change_over_identity(turn, plan->id)
			   : trustpoint_change_over_anchor(turn, plan->id);
}

static int forget(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
		  char **ret_reason)
{
	(void)ret_reason;
	return plan->usage ? trustpoint_forget_identity(turn, plan->id)
			   : trustpoint_forget_anchor(turn, plan->id);
}

static int export(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
		  char **ret_reason)
{
	(void)plan;
	return trustpoint_export(turn, ret_reason);
}

static int destroy_key(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
		       char **ret_reason)
{
	(void)ret_reason;
	return trustpoint_destroy_key(turn, plan->id);
}

static int relabel_key(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
		       char **ret_reason)
{
	(void)ret_reason;
	return trustpoint_relabel_key(turn, plan->id);
}

static int authenticate(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
			char **ret_reason)
{
	(void)plan;
	return trustpoint_authenticate(turn, ret_reason);
}

static int time_out(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
		    char **ret_reason)
{
	return plan->id
		       ? trustpoint_give_up(turn, plan->id, ret_reason)
		       : trustpoint_halt(turn, CA_TRUSTPOINT_EXHAUSTED,
					 turn->state.record.failure
						 ? turn->state.record.failure
						 : "every try that RetryCount= allows was in vain");
}

static int send_enrollment(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
			   char **ret_reason)
{
	return trustpoint_send(turn, plan->id, ret_reason);
}

/* A server's certificate is succeeded by one of another key; the first has the server's key. */
static bool takes_new_key(const struct trustpoint_turn *turn, int usage)
{
	return turn->server ? ca_identity_active(&turn->state, usage, turn->now_s) != NULL
			    : turn->conf->regenerate;
}

static int renew(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
		 char **ret_reason)
{
	const struct trustpoint_order order = {
		.usage = plan->usage,
		.kind = trustpoint_enrollment_kind_for(&turn->state, plan->usage, turn->now_s),
		.regenerate = takes_new_key(turn, plan->usage),
	};

	return trustpoint_begin_enrollment(turn, &order, ret_reason);
}

/* First the CA to come, then what it is to certify. */
static int shadow(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
		  char **ret_reason)
{
	const struct trustpoint_order order = {
		.usage = plan->usage,
		.kind = CA_ENROLLMENT_SHADOW,
		.regenerate = takes_new_key(turn, plan->usage),
	};

	return plan->usage ? trustpoint_begin_enrollment(turn, &order, ret_reason)
			   : trustpoint_fetch_next_ca(turn, ret_reason);
}

static const struct act_row {
	act_function *act;
	bool asks;   /* the CA's server, which may want to be left alone for a while */
	bool counts; /* tries in vain are counted with the trustpoint, not with an enrolment */
	bool again;  /* the planner knows no pause of its own for it: that of a failure serves */
} acts[] = {
	[TRUSTPOINT_ACTION_CHANGE_OVER] = {change_over, false, false},
	[TRUSTPOINT_ACTION_EXPORT] = {export, .again = true},
	[TRUSTPOINT_ACTION_AUTHENTICATE] = {authenticate, true, true},
	[TRUSTPOINT_ACTION_SEND] = {send_enrollment, true, false},
	[TRUSTPOINT_ACTION_POLL] = {send_enrollment, true, false},
	[TRUSTPOINT_ACTION_TIME_OUT] = {time_out, false, false},
	[TRUSTPOINT_ACTION_RENEW] = {renew, true, true},
	[TRUSTPOINT_ACTION_SHADOW] = {shadow, true, true},
	[TRUSTPOINT_ACTION_RELABEL_KEY] = {relabel_key, false, false},
	[TRUSTPOINT_ACTION_DESTROY_KEY] = {destroy_key, false, false},
	[TRUSTPOINT_ACTION_FORGET] = {forget, false, false},
	[TRUSTPOINT_ACTION_EXPIRE] = {NULL, false, false},
};

static const struct act_row *find_row(enum trustpoint_action action)
{
	return (size_t)action < ELEMENTS(acts) && acts[action].act ? &acts[action] : NULL;
}

struct failed {
	struct trustpoint_plan items[ACTS_MOST];
	size_t n;
};

static int plan_next(struct trustpoint_turn *turn, const struct failed *failed,
		     struct trustpoint_plan *ret)
{
	struct trustpoint_outlook outlook = {};
	int r = trustpoint_outlook_load(turn, &outlook);

	if (r >= 0)
		*ret = trustpoint_plan_next(&outlook.facts, failed->items, failed->n, turn->now_s);
	trustpoint_outlook_done(&outlook);
	return r;
}

/* Once for each reason: it may stand in the way for days. */
static void tell_trouble(const struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
			 const char *reason, struct trustpoint_round *round)
{
	if (!strncmp(round->trouble, reason, sizeof(round->trouble) - 1))
		return;
	(void)snprintf(round->trouble, sizeof(round->trouble), "%s", reason);
	log_warning(LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_FAILED),
			       log_text("TRUSTPOINT", turn->conf->name),
			       log_text("ACTION", trustpoint_action_name(plan->action)),
			       log_text("REASON", reason)),
		    "%s was not done and will be tried again: %s",
		    trustpoint_action_name(plan->action), reason);
}

/* Tries in vain are counted where the planner looks for the pause; what ends them is a certificate.
 */
static int note(struct trustpoint_turn *turn, const struct act_row *row, int result,
		const char *reason)
{
	return row->counts && result == FLOW_REFUSED
		       ? trustpoint_note_failure(turn, reason ? reason : "it was refused")
		       : 0;
}

static void act(struct trustpoint_turn *turn, const struct trustpoint_plan *plan,
		struct failed *failed, struct trustpoint_round *round)
{
	const struct act_row *row = find_row(plan->action);
	_cleanup_(freep) char *reason = NULL;
	int r, noted;

	/* What asks nobody anything goes on. */
	if (!row || (row->asks && turn->hold_until_s > turn->now_s)) {
		failed->items[failed->n++] = *plan;
		return;
	}
	r = row->act(turn, plan, &reason);
	noted = note(turn, row, r, reason);
	if (r)
		tell_trouble(turn, plan,
			     reason  ? reason
			     : r < 0 ? strerrordesc_np(-r)
				     : "not now",
			     round);
	else if (row->asks)
		round->trouble[0] = '\0';
	/* What was counted is planned for later; what was not would be planned for now. */
	if (!noted && (!r || (r == FLOW_REFUSED && row->counts)))
		return;
	if (r != FLOW_REFUSED || noted || row->again)
		round->failed = true;
	failed->items[failed->n++] = *plan;
}

/* What an RA has of its trustpoint, before the round and after it: what a crash left undone too. */
static void follow(struct trustpoint_turn *turn, struct trustpoint_round *round)
{
	_cleanup_(freep) char *reason = NULL;
	int r = ra_follow(turn, &reason);

	if (!r)
		return;
	round->failed = true;
	log_debug(LOG_FIELDS(log_text("TRUSTPOINT", turn->conf->name)),
		  "the RA does not have all yet that its trustpoint has: %s",
		  reason  ? reason
		  : r < 0 ? strerrordesc_np(-r)
			  : "not now");
}

static void go_round(struct trustpoint_turn *turn, struct trustpoint_round *round)
{
	struct trustpoint_plan plan = {};
	struct failed failed = {};
	int r = 0;

	for (unsigned i = 0; i < ACTS_MOST; i++) {
		r = plan_next(turn, &failed, &plan);
		if (r < 0 || !plan.action || plan.when_s > turn->now_s)
			break;
		act(turn, &plan, &failed, round);
	}
	if (r < 0)
		round->failed = true;
	else if (plan.action)
		round->next_s = plan.when_s;
	if (turn->hold_until_s > turn->now_s && turn->hold_until_s < round->next_s)
		round->next_s = turn->hold_until_s;
}

/* What a transparent RA gives out is asked for whatever the time is: nothing in it is believed. */
static void go_relay_round(struct trustpoint_turn *turn, struct trustpoint_round *round)
{
	struct authority *authority =
		flow_find_authority(turn->flow, span_of_text(turn->conf->name));

	round->failed = flow_relay_refresh(turn, authority, &round->next_s) != 0;
}

/* An alarm, once for each reason. */
static void watch_keys(const struct trustpoint_turn *turn, struct trustpoint_round *round)
{
	_cleanup_(freep) char *trouble = NULL;
	const char *name = turn->conf->name;
	int r = trustpoint_key_trouble(turn->flow, name, &turn->state, turn->now_s, &trouble);
	bool is_known =
		trouble && !strncmp(round->key_trouble, trouble, sizeof(round->key_trouble) - 1);

	if (r < 0 || is_known)
		return;
	(void)snprintf(round->key_trouble, sizeof(round->key_trouble), "%s",
		       trouble ? trouble : "");
	if (trouble)
		log_error(LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_KEY_MISSING),
				     log_text("TRUSTPOINT", name), log_text("REASON", trouble)),
			  "trustpoint %s: %s", name, trouble);
}

static void go_own_round(struct trustpoint_turn *turn, struct trustpoint_round *round)
{
	follow(turn, round);
	go_round(turn, round);
	watch_keys(turn, round);
	follow(turn, round);
}

/* Another Mode= or IssuerName= than the server's record has would put into the database what this
 * server can have no use for. */
static bool is_in_breach(const struct authority *authority)
{
	_cleanup_(generations_unrefp) struct generations *generations = NULL;
	char breach[AUTHORITY_BREACH_SIZE];

	if (!authority)
		return false;
	generations = authority_generations(authority);
	authority_breach_tell(authority, generations, breach);
	return *breach;
}

void flow_trustpoint_round(struct flow *flow, const char *name, int64_t now_s,
			   struct trustpoint_round *round)
{
	struct authority *authority = flow_find_authority(flow, span_of_text(name));
	bool relays = authority && conf_server_is_transparent(authority->conf);
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = {};
	int r;

	round->next_s = INT64_MAX;
	round->failed = false;
	if ((!relays && !time_source_is_good(&flow->time)) ||
	    !conf_find_trustpoint(flow->conf, name) || is_in_breach(authority))
		return;
	r = trustpoint_turn_begin(flow, name, now_s, &turn);
	if (r < 0) {
		round->failed = true;
		return;
	}
	turn.hold_until_s = round->hold_until_s;
	(relays ? go_relay_round : go_own_round)(&turn, round);
	round->hold_until_s = turn.hold_until_s > now_s ? turn.hold_until_s : 0;
}
