/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/succession/observer.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/ca/signals.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/succession/authority-standing.h"
#include <stdlib.h>

struct step {
	struct observation before, after;
	const char *signal, *reason;
};

const char *flow_observed_name(enum ca_server_state state)
{
	return state == CA_SERVER_ABSENT ? "initial" : ca_server_state_name(state);
}

static bool is_locked(const struct observation *observation)
{
	return observation->created && (observation->state == CA_SERVER_ENABLED ||
					observation->state == CA_SERVER_CHECK_FAILED);
}

static void log_step(const struct authority *authority, const struct step *step)
{
	const char *before = flow_observed_name(step->before.state);
	const char *after = flow_observed_name(step->after.state);

	log_notice(LOG_FIELDS(log_event(LOG_EVENT_SERVER_STATE),
			      log_text("SERVER", authority->conf->label),
			      log_text("BEFORE", before), log_text("SIGNAL", step->signal),
			      log_text("STATE", after), log_text("REASON", step->reason)),
		   "FSM: %s + %s → %s%s%s%s", before, step->signal, after,
		   *step->reason ? " (" : "", step->reason, *step->reason ? ")" : "");
	if (is_locked(&step->before) != is_locked(&step->after))
		log_info(LOG_FIELDS(log_text("SERVER", authority->conf->label)),
			 "the configuration has been %s",
			 is_locked(&step->after) ? "locked" : "unlocked");
}

static int audit_step(struct flow *flow, const struct authority *authority, const struct step *step,
		      int64_t now_s)
{
	_cleanup_(audit_done) struct audit_event event = {};
	_cleanup_(freep) char *note = NULL;
	struct store_change change = {.now_s = now_s, .audit = &event.row, .n_audit = 1};
	int r;

	r = text_format(&note, "%s → %s (%s%s%s)", flow_observed_name(step->before.state),
			flow_observed_name(step->after.state), step->signal,
			*step->reason ? ": " : "", step->reason);
	if (r >= 0)
		r = audit_of_act(AUDIT_SERVER_STATE, NULL, authority->conf->label, note, &event);
	return r < 0 ? r : store_commit(flow->store, &change);
}

/* Takes over what is to be told, so that of two threads one tells it. False where nothing is. */
static bool take_step(struct authority *authority, const struct observation *now, struct step *ret)
{
	struct observation *told = &authority->shared->observation;
	bool differs;

	pthread_mutex_lock(&authority->shared->lock);
	differs = !told->told || told->state != now->state || told->signals != now->signals;
	*ret = (struct step){.before = *told, .after = *now};
	*told = *now;
	pthread_mutex_unlock(&authority->shared->lock);
	return differs;
}

static int tell(struct flow *flow, struct authority *authority, struct step *step, int64_t now_s)
{
	step->signal = ca_signal_name(step->before.signals, step->after.signals);
	if (!step->before.told) {
		step->before.state = CA_SERVER_ABSENT;
		step->signal = "start";
	} else if (!*step->signal) {
		step->signal = "time passed";
	}
	log_step(authority, step);
	/* At a start nothing changed; a database that takes no writes takes no audit either. */
	if (!step->before.told || step->before.state == step->after.state)
		return 0;
	return audit_step(flow, authority, step, now_s);
}

int flow_observe(struct flow *flow, struct authority *authority, int64_t now_s)
{
	struct authority_standing standing;
	struct observation now = {.told = true};
	const char *reason = "";
	struct step step;
	int r;

	r = authority_standing_load(flow, authority, now_s, &standing);
	if (r < 0)
		return r;
	now.created = standing.facts.created;
	now.signals = ca_signal_bits(&standing.facts);
	now.state = ca_server_state(&standing.facts, now_s, &reason);
	if (take_step(authority, &now, &step)) {
		step.reason = reason;
		r = tell(flow, authority, &step, now_s);
	}
	authority_standing_done(&standing);
	return r;
}
