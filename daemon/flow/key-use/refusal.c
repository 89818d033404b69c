/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/key-use/refusal.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/flow/key-use/tally.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum counted {
	COUNTED_REFUSED,  /* the rule says so */
	COUNTED_FAILED,	  /* the rule let it happen, and it could not be done */
	COUNTED_STRANGER, /* no rule is about him */
};

static const struct {
	enum ipc_failure code;
	enum counted counted;
} rows[] = {
	[KEY_USE_NO_RULE] = {IPC_FAILURE_REFUSED, COUNTED_STRANGER},
	[KEY_USE_NO_UNIT] = {IPC_FAILURE_REFUSED, COUNTED_REFUSED},
	[KEY_USE_NO_USE] = {IPC_FAILURE_REFUSED, COUNTED_REFUSED},
	[KEY_USE_NO_RATE] = {IPC_FAILURE_LATER, COUNTED_REFUSED},
	[KEY_USE_NO_ROLE] = {IPC_FAILURE_REFUSED, COUNTED_REFUSED},
	[KEY_USE_NO_CHARTER] = {IPC_FAILURE_REFUSED, COUNTED_REFUSED},
	[KEY_USE_NO_KEY] = {IPC_FAILURE_NOT_FOUND, COUNTED_FAILED},
	[KEY_USE_NO_TOKEN] = {IPC_FAILURE_LATER, COUNTED_FAILED},
	[KEY_USE_NO_SCHEME] = {IPC_FAILURE_INVALID, COUNTED_FAILED},
	[KEY_USE_NO_WORK] = {IPC_FAILURE_FAULT, COUNTED_FAILED},
};

static void tell_again(const struct log_repeat *told)
{
	log_warning(LOG_FIELDS(log_event(LOG_EVENT_KEY_USE_REFUSED), log_text("USER", told->who),
			       log_number("PEER_UID", told->uid), log_text("KEY", told->what),
			       log_text("REASON", told->why), log_number("TIMES", told->more)),
		    "a program was refused the use of a key again and again: %u times more",
		    told->more);
}

/* Names that no section has are without number, and anybody may ask for each: the log takes all of
 * one user's for one. */
static void tell(const struct key_use_turn *turn, enum key_use_no no, const char *rule,
		 const char *reason)
{
	struct log_repeats *refusals = key_use_tally_refusals(turn->flow->key_use_tally);
	const struct key_use_program *program = turn->program;
	struct log_repeat refusal = {.uid = program->uid, .kind = no}, before;

	snprintf(refusal.who, sizeof(refusal.who), "%s", program->user ? program->user : "");
	snprintf(refusal.what, sizeof(refusal.what), "%s", rule ? turn->question->name : "");
	snprintf(refusal.why, sizeof(refusal.why), "%s", reason);
	if (!log_repeats_tells(refusals, &refusal, turn->now_ms, &before))
		return;
	if (before.more)
		tell_again(&before);
	log_write(no == KEY_USE_NO_WORK ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		  LOG_FIELDS(log_event(LOG_EVENT_KEY_USE_REFUSED), log_text("USER", refusal.who),
			     log_number("PEER_UID", refusal.uid),
			     log_number("PEER_PID", program->pid),
			     log_text("KEY", turn->question->name), log_text("REASON", reason)),
		  "a program was refused the use of a key");
}

static void count(const struct key_use_turn *turn, enum counted counted, const char *rule,
		  const char *reason)
{
	struct key_use_tally *tally = turn->flow->key_use_tally;

	if (counted == COUNTED_STRANGER)
		key_use_tally_refused(tally, KEY_USE_STRANGERS, reason, turn->now_s);
	else if (rule && counted == COUNTED_REFUSED)
		key_use_tally_refused(tally, rule, reason, turn->now_s);
	else if (rule)
		key_use_tally_failed(tally, rule);
}

/* It quotes names, and goes to a terminal: of what is escaped there its own quotes stay. */
static int make_printable(const char *reason, char **ret)
{
	_cleanup_(buffer_done) struct buffer out = {};
	struct span text = span_of_text(reason);

	while (text.size) {
		char first = (char)text.data[0], piece[5];

		text_escape_next(&text, piece);
		if (strchr("'\"\\", first))
			buffer_append_byte(&out, (uint8_t)first);
		else
			buffer_append_text(&out, piece);
	}
	return buffer_take_text(&out, ret);
}

int key_use_refuse(const struct key_use_turn *turn, enum key_use_no no, const char *rule,
		   struct key_use_failure *ret, const char *format, ...)
{
	_cleanup_(freep) char *reason = NULL;
	char *printable = NULL;
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = vasprintf(&reason, format, arguments);
	va_end(arguments);
	if (r < 0) {
		reason = NULL;
		return -ENOMEM;
	}
	r = make_printable(reason, &printable);
	if (r < 0)
		return r;
	tell(turn, no, rule, reason);
	count(turn, rows[no].counted, rule, reason);
	*ret = (struct key_use_failure){.code = rows[no].code, .reason = printable};
	return KEY_USE_FAILED;
}

int flow_key_use_fail(const struct key_use_turn *turn, int error, struct key_use_failure *ret)
{
	return key_use_refuse(turn, KEY_USE_NO_WORK, NULL, ret, "an error of clavigerd's: %s",
			      strerrordesc_np(error));
}

void flow_key_use_tell(struct flow *flow, int64_t now_ms)
{
	struct log_repeats *refusals = key_use_tally_refusals(flow->key_use_tally);
	struct log_repeat told;

	while (log_repeats_next(refusals, now_ms, &told))
		tell_again(&told);
}
