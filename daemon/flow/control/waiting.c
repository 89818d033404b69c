/* SPDX-License-Identifier: Apache-2.0 */
/* What a server waits for its tokens with. */
#include "daemon/conf/server-mode.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/enroll/park.h"
#include <string.h>

static json_t *json_of_token(struct flow *flow, const char *name, const char *keys)
{
	struct token_link *link = flow_find_token(flow, name);
	struct token_facts facts;

	if (!link || token_link_status(link, &facts))
		return json_pack("{s:s, s:s, s:s, s:s}", "name", name, "keys", keys, "state",
				 "absent", "reason",
				 "its process does not answer (claviger-token)");
	return json_pack("{s:s, s:s, s:s, s:s}", "name", name, "keys", keys, "state",
			 token_state_name(facts.state), "reason", facts.reason);
}

json_t *control_json_tokens_of(struct flow *flow, const struct authority *authority,
			       const struct generations *generations, int64_t now_s)
{
	const struct generation *active = generations_active(generations, now_s);
	const struct exchange *speaker =
		active ? generations_exchange(generations, authority->conf, active, now_s) : NULL;
	const char *ca =
		active && conf_server_is_ca(authority->conf) ? active->record->token : NULL;
	const char *exchange = speaker && speaker->record ? speaker->token : NULL;
	json_t *list = json_array();

	if (ca && exchange && !strcmp(ca, exchange))
		json_array_append_new(list, json_of_token(flow, ca, "CA, exchange"));
	else if (ca)
		json_array_append_new(list, json_of_token(flow, ca, "CA"));
	if (exchange && (!ca || strcmp(ca, exchange) != 0))
		json_array_append_new(list, json_of_token(flow, exchange, "exchange"));
	return list;
}

json_t *control_add_parked(struct flow *flow, const struct authority *authority, json_t *server)
{
	struct parked_count count = {};

	/* What an RA passes on is authorised, too, and waits for its CA. */
	if (flow_count_parked(flow, authority->conf->label, &count) < 0)
		return server;
	if (!conf_server_is_ca(authority->conf))
		count.requests = 0;
	json_object_set_new(server, "parked", json_integer(count.messages));
	json_object_set_new(server, "authorized", json_integer(count.requests));
	return server;
}
