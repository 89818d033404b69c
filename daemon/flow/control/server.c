/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/server.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/server/publishing.h"
#include "daemon/flow/succession/observer.h"
#include "daemon/flow/trustpoint/trustpoint.h"

typedef int (*server_act)(struct flow *, struct authority *, const char *, int64_t, char **);

static json_t *tell(const struct control_turn *turn, struct authority *authority, int result,
		    const char *reason)
{
	if (flow_observe(turn->flow, authority, turn->now_s) < 0)
		log_debug(LOG_PLAIN, "the server's state is told in the next round");
	return result ? control_failure(result, reason) : control_server_show(turn);
}

static json_t *act(const struct control_turn *turn, server_act function)
{
	_cleanup_(freep) char *reason = NULL;
	json_t *error;
	struct authority *authority = control_authority(turn, "label", &error);
	int r;

	if (!authority)
		return error;
	r = function(turn->flow, authority, turn->actor, turn->now_s, &reason);
	return tell(turn, authority, r, reason);
}

static int create_publishing(const struct control_turn *turn, struct authority *authority,
			     const char *certificate, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes der = {};
	const struct hand hand = {turn->flow, authority, turn->actor, turn->now_s};
	int r;

	r = text_read_base64(span_of_text(certificate), false, &der);
	return r < 0 ? r : flow_server_create_publishing(&hand, span_of(der), ret_reason);
}

static bool says_what_to_ask(const struct control_turn *turn)
{
	return control_text(turn, "password") || control_text(turn, "serialNumber") ||
	       control_text(turn, "ipAddress");
}

/* Its trustpoint is in hand from before it is there: else that asked by itself, without what the
 * operator typed. */
static int create_asking(const struct control_turn *turn, struct authority *authority,
			 char **ret_reason)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn trustpoint = {};
	_cleanup_(freep) char *why = NULL;
	int r = trustpoint_turn_begin(turn->flow, authority->conf->label, turn->now_s, &trustpoint);

	if (!r)
		r = flow_server_create(turn->flow, authority, turn->actor, turn->now_s, ret_reason);
	if (r)
		return r;
	r = control_trustpoint_ask(turn, &trustpoint, &why);
	return r <= 0 ? r
		      : trustpoint_refuse(ret_reason, r,
					  "server %s is created, and asks for its certificate "
					  "again by itself, without what was given here: %s",
					  authority->conf->label, why ? why : "no reason was told");
}

static int create(const struct control_turn *turn, struct authority *authority, char **ret_reason)
{
	const char *certificate = control_text(turn, "certificate");

	if (certificate)
		return create_publishing(turn, authority, certificate, ret_reason);
	if (!says_what_to_ask(turn))
		return flow_server_create(turn->flow, authority, turn->actor, turn->now_s,
					  ret_reason);
	if (!conf_server_enrolls(authority->conf))
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "server %s asks no CA for its certificate: what one wants "
					 "to know is of no use",
					 authority->conf->label);
	return create_asking(turn, authority, ret_reason);
}

json_t *control_server_create(const struct control_turn *turn)
{
	_cleanup_(freep) char *reason = NULL;
	json_t *error;
	struct authority *authority = control_authority(turn, "label", &error);
	int r;

	if (!authority)
		return error;
	r = create(turn, authority, &reason);
	return tell(turn, authority, r, reason);
}

json_t *control_server_start(const struct control_turn *turn)
{
	return act(turn, flow_server_start);
}

json_t *control_server_stop(const struct control_turn *turn)
{
	return act(turn, flow_server_stop);
}

json_t *control_server_delete(const struct control_turn *turn)
{
	if (json_is_true(json_object_get(turn->parameters, "look")))
		return control_server_show(turn);
	return act(turn, flow_server_delete);
}
