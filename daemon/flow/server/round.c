/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/round.h"
#include "daemon/base/log.h"
#include "daemon/flow/server/crl-watch.h"
#include "daemon/flow/server/server.h"
#include "daemon/flow/succession/succession.h"

/* More acts than a server can have due at once: what is planned anew for ever waits for the next
 * round. */
#define ACTS_MOST 16

static void tell_failed(struct authority *authority, enum ca_action action, int result)
{
	/* A token that is away is told of by its server's state, and when its CRL grows old. */
	enum log_level level = result == FLOW_LATER ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING;

	log_write(level,
		  LOG_FIELDS(log_text("SERVER", authority->conf->label),
			     log_text("ACTION", ca_action_name(action)),
			     log_number("RESULT", result)),
		  "a planned action was not done and will be tried again");
}

/* What no try found this time holds nothing up any more: AutoRollover= may have been taken back. */
static void settle_trouble(struct authority *authority, const struct ca_plan_set *failed)
{
	static const bool notes_trouble[] = {
		[CA_ACTION_MAKE_EXCHANGE] = true,	[CA_ACTION_MAKE_SHADOW] = true,
		[CA_ACTION_ARCHIVE_SHADOW] = true,	[CA_ACTION_OFFER_SHADOW] = true,
		[CA_ACTION_EXPIRE_CERTIFICATE] = false,
	};

	for (size_t i = 0; i < failed->n; i++)
		if (notes_trouble[failed->items[i].action])
			return;
	succession_note_trouble(authority, NULL);
}

bool flow_server_round(struct flow *flow, struct authority *authority, int64_t now_s,
		       int64_t *ret_next_s)
{
	struct ca_plan_set failed = {};
	struct ca_plan plan;
	int r;

	*ret_next_s = INT64_MAX;
	for (unsigned i = 0; i < ACTS_MOST; i++) {
		r = flow_server_plan(flow, authority, &failed, now_s, &plan);
		if (r < 0 || !plan.action || plan.when_s > now_s)
			break;
		r = flow_server_act(flow, authority, &plan, now_s);
		if (!r)
			continue;
		tell_failed(authority, plan.action, r);
		ca_plan_set_add(&failed, &plan);
	}
	if (r >= 0 && plan.action)
		*ret_next_s = plan.when_s;
	if (r >= 0)
		settle_trouble(authority, &failed);
	flow_watch_crls(flow, authority, now_s);
	return r >= 0 && !failed.n;
}
