/* SPDX-License-Identifier: Apache-2.0 */
/* What trustpoints will do, and what RAs pass on, and when, for `timers` and `trustpoint show`. */
#include "daemon/flow/control/parts.h"
#include "daemon/flow/server/trustpoint-outlook.h"
#include "daemon/ipc/keys.h"

#define TIMERS_MOST 32

static void append_timers(json_t *list, const struct trustpoint_turn *turn,
			  const struct trustpoint_outlook *outlook)
{
	struct trustpoint_plan plans[TIMERS_MOST];
	size_t n = trustpoint_plan_list(&outlook->facts, turn->now_s, plans, ELEMENTS(plans));

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:o?, s:I}", "trustpoint", turn->conf->name,
				  "timer", trustpoint_action_name(plans[i].action), "keyUsage",
				  plans[i].usage ? key_usage_name(plans[i].usage) : "", "when",
				  control_json_time(plans[i].when_s), "inSeconds",
				  (json_int_t)(plans[i].when_s - turn->now_s)));
}

json_t *control_json_timers(struct flow *flow, const struct conf_trustpoint *conf, int64_t now_s)
{
	/* Only read, so without a claim: who has one may be waiting for a server. */
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = {};
	_cleanup_(trustpoint_outlook_done) struct trustpoint_outlook outlook = {};
	json_t *list = json_array();

	/* Where the time is not known nothing is done at its time. */
	if (time_source_is_good(&flow->time) &&
	    trustpoint_turn_look(flow, conf->name, now_s, &turn) >= 0 &&
	    trustpoint_outlook_load(&turn, &outlook) >= 0)
		append_timers(list, &turn, &outlook);
	return list;
}

struct forwards {
	json_t *list;
	int64_t now_s;
};

static int append_forward(void *context, const struct store_forward_place *place)
{
	const struct forwards *forwards = context;
	int64_t due_s = ca_forward_due_s(&place->forward);

	return json_array_append_new(forwards->list,
				     json_pack("{s:s, s:s, s:I, s:o?, s:I}", "server",
					       place->server, "timer", "FORWARD", "request",
					       (json_int_t)place->request_id, "when",
					       control_json_time(due_s), "inSeconds",
					       (json_int_t)(due_s - forwards->now_s)));
}

void control_append_forwards(struct flow *flow, json_t *list, int64_t now_s)
{
	struct forwards forwards = {list, now_s};

	/* What can't be read is missing in the list. */
	if (list)
		(void)!store_forward_list(flow->store, append_forward, &forwards);
}
