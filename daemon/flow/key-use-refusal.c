/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/key-use-refusal.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/key-use-tally.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	enum ipc_failure code;
	bool by_rule; /* else it was allowed, and could not be done */
} rows[] = {
	[KEY_USE_NO_RULE] = {IPC_FAILURE_REFUSED, true},
	[KEY_USE_NO_UNIT] = {IPC_FAILURE_REFUSED, true},
	[KEY_USE_NO_USE] = {IPC_FAILURE_REFUSED, true},
	[KEY_USE_NO_RATE] = {IPC_FAILURE_LATER, true},
	[KEY_USE_NO_ROLE] = {IPC_FAILURE_REFUSED, true},
	[KEY_USE_NO_CHARTER] = {IPC_FAILURE_REFUSED, true},
	[KEY_USE_NO_KEY] = {IPC_FAILURE_NOT_FOUND, false},
	[KEY_USE_NO_TOKEN] = {IPC_FAILURE_LATER, false},
	[KEY_USE_NO_SCHEME] = {IPC_FAILURE_INVALID, false},
};

static void tell_again(const struct key_use_told *told)
{
	log_warning(LOG_FIELDS(log_event(LOG_EVENT_KEY_USE_REFUSED), log_text("USER", told->user),
			       log_number("PEER_UID", told->uid), log_text("KEY", told->key),
			       log_text("REASON", told->reason), log_number("TIMES", told->more)),
		    "a program was refused the use of a key again and again: %u times more",
		    told->more);
}

/* Names that no section has are without number, and anybody may ask for each: the log takes all of
 * one user's for one. */
static void tell(const struct key_use_turn *turn, enum key_use_no no, const char *rule,
		 const char *reason)
{
	const struct key_use_program *program = turn->program;
	struct key_use_told refusal = {.uid = program->uid, .kind = no}, before;

	snprintf(refusal.user, sizeof(refusal.user), "%s", program->user ? program->user : "");
	snprintf(refusal.key, sizeof(refusal.key), "%s", rule ? turn->question->name : "");
	snprintf(refusal.reason, sizeof(refusal.reason), "%s", reason);
	if (!key_use_tally_tells(turn->flow->key_use_tally, &refusal, turn->now_ms, &before))
		return;
	if (before.more)
		tell_again(&before);
	log_warning(LOG_FIELDS(log_event(LOG_EVENT_KEY_USE_REFUSED), log_text("USER", refusal.user),
			       log_number("PEER_UID", refusal.uid),
			       log_number("PEER_PID", program->pid),
			       log_text("KEY", turn->question->name), log_text("REASON", reason)),
		    "a program was refused the use of a key");
}

int key_use_refuse(const struct key_use_turn *turn, enum key_use_no no, const char *rule,
		   struct key_use_failure *ret, const char *format, ...)
{
	struct key_use_tally *tally = turn->flow->key_use_tally;
	char *reason = NULL;
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = vasprintf(&reason, format, arguments);
	va_end(arguments);
	if (r < 0)
		return -ENOMEM;
	tell(turn, no, rule, reason);
	if (rule && rows[no].by_rule)
		key_use_tally_refused(tally, rule, reason, turn->now_s);
	else if (rule)
		key_use_tally_failed(tally, rule);
	*ret = (struct key_use_failure){.code = rows[no].code, .reason = reason};
	return KEY_USE_FAILED;
}

void flow_key_use_tell(struct flow *flow, int64_t now_ms)
{
	struct key_use_told told;

	while (key_use_tally_next(flow->key_use_tally, now_ms, &told))
		tell_again(&told);
}
