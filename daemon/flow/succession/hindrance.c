/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/succession/hindrance.h"
#include "daemon/ca/hindrance.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/succession/authority-standing.h"
#include "daemon/flow/succession/shadow.h"
#include <stdio.h>

int flow_hindrance_tell(struct flow *flow, struct authority *authority, int64_t now_s,
			char ret[static HINDRANCE_SIZE])
{
	_cleanup_(authority_standing_done) struct authority_standing standing = {};
	const struct conf_server *conf = authority->conf;
	char token_reason[AUTHORITY_TOKEN_REASON_SIZE];
	struct ca_rollover_facts facts = {.server = &standing.facts,
					  .next_token_reason = token_reason};
	const struct generation *active;
	const char *reason;
	int r;

	r = authority_standing_load(flow, authority, now_s, &standing);
	if (r < 0)
		return r;
	active = generations_active(standing.generations, now_s);
	facts.next_token_ready = authority_token_is_ready(
		flow, active ? shadow_token(conf, active->record) : conf_server_first_token(conf),
		token_reason);
	reason = ca_rollover_hindrance(&facts, now_s);
	(void)snprintf(ret, HINDRANCE_SIZE, "%s", reason ? reason : "");
	return 0;
}
