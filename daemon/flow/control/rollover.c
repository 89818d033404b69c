/* SPDX-License-Identifier: Apache-2.0 */
/* Rollover by hand. */
#include "daemon/flow/server/rollover.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/succession/observer.h"
#include <limits.h>

static bool is_set(const struct control_turn *turn, const char *parameter)
{
	return json_is_true(json_object_get(turn->parameters, parameter));
}

/* 0 where it is not told; a number that none can have is that of none. */
static unsigned former_of(const struct control_turn *turn)
{
	json_int_t number = json_integer_value(json_object_get(turn->parameters, "generation"));

	return number > UINT_MAX ? UINT_MAX : (unsigned)number;
}

static void observe(const struct hand *hand)
{
	if (flow_observe(hand->flow, hand->authority, hand->now_s) < 0)
		log_debug(LOG_PLAIN, "the server's state is told in the next round");
}

static json_t *json_stand(const struct hand *hand, const struct rollover_stand *stand)
{
	return json_pack("{s:s, s:I, s:o?, s:b, s:s}", "server", hand->authority->conf->label,
			 "generation", (json_int_t)stand->generation, "takesOver",
			 control_json_time(stand->takes_over_s), "available", stand->available,
			 "reason", stand->reason);
}

json_t *control_server_rollover(const struct control_turn *turn)
{
	_cleanup_(freep) char *reason = NULL;
	struct rollover_stand stand = {};
	struct hand hand;
	json_t *error;
	int r;

	if (!control_hand(turn, "label", &hand, &error))
		return error;
	if (is_set(turn, "now"))
		r = flow_rollover_now(&hand, former_of(turn), &stand, &reason);
	else
		r = flow_rollover(&hand, &stand, &reason);
	observe(&hand);
	return r ? control_failure(r, reason) : control_reply_new(json_stand(&hand, &stand), false);
}

static json_t *json_cancel(const struct hand *hand, const struct rollover_cancel *cancel)
{
	bool has_key = cancel->token != NULL;

	return json_pack("{s:s, s:I, s:s?, s:o?, s:b, s:I, s:I, s:b}", "server",
			 hand->authority->conf->label, "generation", (json_int_t)cancel->generation,
			 "token", cancel->token, "key",
			 has_key ? control_json_hex(SPAN_ARRAY(cancel->key_sha256), false)
				 : json_null(),
			 "available", cancel->available, "issued", (json_int_t)cancel->issued,
			 "waiting", (json_int_t)cancel->waiting, "already", cancel->already);
}

json_t *control_server_rollover_cancel(const struct control_turn *turn)
{
	_cleanup_(rollover_cancel_done) struct rollover_cancel cancel = {};
	_cleanup_(freep) char *reason = NULL;
	struct hand hand;
	json_t *error;
	int r;

	if (!control_hand(turn, "label", &hand, &error))
		return error;
	r = flow_rollover_cancel(&hand, is_set(turn, "look"), &cancel, &reason);
	observe(&hand);
	return r ? control_failure(r, reason)
		 : control_reply_new(json_cancel(&hand, &cancel), false);
}
