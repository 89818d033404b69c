/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/trustpoint/copy.h"
#include "daemon/ipc/fetch-client.h"
#include "daemon/ipc/keys.h"
#include "daemon/trustpoint/url.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int load(struct trustpoint_turn *turn)
{
	int r;

	ca_trustpoint_state_done(&turn->state);
	r = store_trustpoint_load(turn->flow->store, turn->conf->name, &turn->state);
	return r == STORE_NOT_FOUND ? 0 : r;
}

static int find(struct flow *flow, const char *name, int64_t now_s, struct trustpoint_turn *ret)
{
	*ret = (struct trustpoint_turn){
		.flow = flow, .conf = conf_find_trustpoint(flow->conf, name), .now_s = now_s};
	if (!ret->conf)
		return -ENOENT;
	ret->server = flow_find_authority(flow, span_of_text(name));
	if (ret->server && !conf_server_enrolls(ret->server->conf))
		ret->server = NULL;
	return 0;
}

int trustpoint_turn_begin(struct flow *flow, const char *name, int64_t now_s,
			  struct trustpoint_turn *ret)
{
	int r = find(flow, name, now_s, ret);

	if (r < 0)
		return r;
	ret->claim = claim_take(flow->claims, CLAIM_TRUSTPOINT, span_of_text(name));
	return load(ret);
}

int trustpoint_turn_look(struct flow *flow, const char *name, int64_t now_s,
			 struct trustpoint_turn *ret)
{
	int r = find(flow, name, now_s, ret);

	return r < 0 ? r : load(ret);
}

void trustpoint_turn_done(struct trustpoint_turn *turn)
{
	ca_trustpoint_state_done(&turn->state);
	claim_releasep(&turn->claim);
	*turn = (struct trustpoint_turn){};
}

int trustpoint_commit(struct trustpoint_turn *turn, struct store_trustpoint_change *change,
		      const struct trustpoint_act *act)
{
	struct store_change whole = {.trustpoint = change};

	return trustpoint_commit_whole(turn, &whole, act);
}

int trustpoint_commit_whole(struct trustpoint_turn *turn, struct store_change *whole,
			    const struct trustpoint_act *act)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_trustpoint_change *change = whole->trustpoint;
	int loaded, r = 0;

	if (act)
		r = audit_of_trustpoint(act->type, act->actor, turn->conf->name, act->note, &event);
	if (r < 0)
		return r;
	change->name = turn->conf->name;
	change->expected_revision = turn->state.record.revision;
	whole->now_s = turn->now_s;
	whole->audit = &event.row;
	whole->n_audit = act ? 1 : 0;
	r = store_commit(turn->flow->store, whole);
	whole->audit = NULL;
	whole->n_audit = 0;
	loaded = load(turn);
	if (r < 0)
		return r;
	flow_trustpoint_changed(turn->flow);
	return r ? FLOW_LATER : loaded;
}

int trustpoint_record_copy(const struct trustpoint_turn *turn, struct ca_trustpoint_record *ret)
{
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record copy = turn->state.record;
	int r;

	copy.name = copy.halt_reason = copy.failure = NULL;
	r = trustpoint_text_set(&copy.name, turn->conf->name);
	if (r >= 0)
		r = trustpoint_text_set(&copy.halt_reason, turn->state.record.halt_reason);
	if (r >= 0)
		r = trustpoint_text_set(&copy.failure, turn->state.record.failure);
	if (r >= 0)
		*ret = TAKE_STRUCT(copy);
	return r;
}

/* How an operator is told, and what he does about it. */
static const struct halt_row {
	enum log_event event;
	enum audit_type type;
	const char *text, *command;
} halts[] = {
	[CA_TRUSTPOINT_REJECTED] = {LOG_EVENT_TRUSTPOINT_REJECTED, AUDIT_TRUSTPOINT_REJECTED,
				    "the CA refused the request", "enroll"},
	[CA_TRUSTPOINT_STRANGER] = {LOG_EVENT_TRUSTPOINT_STRANGER, AUDIT_TRUSTPOINT_HALT,
				    "the CA is not the one that is trusted", "authenticate"},
	[CA_TRUSTPOINT_EXHAUSTED] = {LOG_EVENT_TRUSTPOINT_EXHAUSTED, AUDIT_TRUSTPOINT_HALT,
				     "the enrolment is given up", "enroll"},
};

static void tell_halt(const struct trustpoint_turn *turn, const struct halt_row *row,
		      const char *reason)
{
	const char *name = turn->conf->name;

	log_error(LOG_FIELDS(log_event(row->event), log_text("TRUSTPOINT", name),
			     log_text("REASON", reason)),
		  "%s, and nothing more is asked for: claviger trustpoint %s %s", row->text,
		  row->command, name);
}

int trustpoint_halt(struct trustpoint_turn *turn, enum ca_trustpoint_halt halt, const char *reason)
{
	return trustpoint_halt_dropping(turn, halt, reason, 0);
}

int trustpoint_halt_dropping(struct trustpoint_turn *turn, enum ca_trustpoint_halt halt,
			     const char *reason, int64_t enrollment)
{
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record record = {};
	struct store_trustpoint_change change = {.record = &record, .drop_enrollment = enrollment};
	const struct halt_row *row = &halts[halt];
	struct trustpoint_act act = {.type = row->type, .note = reason};
	int r = trustpoint_record_copy(turn, &record);

	assert(halt > CA_TRUSTPOINT_GOES_ON && (size_t)halt < ELEMENTS(halts));
	record.halt = halt;
	record.halted_s = turn->now_s;
	if (r >= 0)
		r = trustpoint_text_set(&record.halt_reason, reason);
	if (r >= 0)
		r = trustpoint_commit(turn, &change, &act);
	/* @reason may have been the state's own, which was loaded anew. */
	if (!r)
		tell_halt(turn, row, record.halt_reason);
	return r;
}

int trustpoint_note_failure(struct trustpoint_turn *turn, const char *reason)
{
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record record = {};
	struct store_trustpoint_change change = {.record = &record};
	int r;

	if (!reason && !turn->state.record.failures)
		return 0;
	r = trustpoint_record_copy(turn, &record);
	record.failures = reason ? record.failures + 1 : 0;
	record.failed_s = reason ? turn->now_s : 0;
	if (r >= 0)
		r = trustpoint_text_set(&record.failure, reason);
	return r < 0 ? r : trustpoint_commit(turn, &change, NULL);
}

int trustpoint_refuse(char **ret_reason, int outcome, const char *format, ...)
{
	va_list arguments;
	char *reason;
	int r;

	va_start(arguments, format);
	r = vasprintf(&reason, format, arguments);
	va_end(arguments);
	if (r < 0)
		return -ENOMEM;
	free(*ret_reason);
	*ret_reason = reason;
	return outcome;
}

bool trustpoint_is_online(const struct conf_trustpoint *conf)
{
	return conf->enrollment_url && !trustpoint_url_is_terminal(conf->enrollment_url);
}

struct trustpoint_usages trustpoint_usages(const struct conf_trustpoint *conf)
{
	return conf->usage_keys
		       ? (struct trustpoint_usages){{KEY_USAGE_SIGNATURE, KEY_USAGE_ENCRYPTION}, 2}
		       : (struct trustpoint_usages){{KEY_USAGE_GENERAL}, 1};
}

void trustpoint_cancel(struct flow *flow)
{
	fetch_cancel(flow->canceller);
}
