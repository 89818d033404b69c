/* SPDX-License-Identifier: Apache-2.0 */
/* TwoPersons=: what one operator proposes and another confirms, by giving the same command. */
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/proposals.h"
#include <stdio.h>
#include <string.h>

/* The methods that are such an act, and the parameter that names the server. One that only looks is
 * none, but for what the command does elsewhere before it asks for the act itself. */
static const struct act_row {
	unsigned act; /* a bit of TwoPersons= */
	const char *server;
	bool looks_too;
} acts[CONTROL_COUNT_] = {
	[CONTROL_SERVER_CREATE] = {CONF_BIT(CONF_TWO_PERSONS_CREATE), "label", false},
	[CONTROL_SERVER_DELETE] = {CONF_BIT(CONF_TWO_PERSONS_DELETE), "label", true},
	[CONTROL_SERVER_RESTORE] = {CONF_BIT(CONF_TWO_PERSONS_RESTORE), "label", false},
	[CONTROL_SERVER_ROLLOVER] = {CONF_BIT(CONF_TWO_PERSONS_ROLLOVER), "label", false},
	[CONTROL_SERVER_ROLLOVER_CANCEL] = {CONF_BIT(CONF_TWO_PERSONS_ROLLOVER), "label", false},
	[CONTROL_CERTIFICATE_REVOKE] = {CONF_BIT(CONF_TWO_PERSONS_REVOKE), "server", false},
	[CONTROL_CERTIFICATE_RELEASE] = {CONF_BIT(CONF_TWO_PERSONS_REVOKE), "server", false},
	[CONTROL_LOG] = {},
};

static bool is_look(const struct control_turn *turn)
{
	return json_is_true(json_object_get(turn->parameters, "look"));
}

/* NULL where one person is enough. */
static const struct conf_server *find_server(const struct control_turn *turn,
					     enum control_method method)
{
	const struct act_row *row = &acts[method];
	const struct conf_server *server;

	if (!row->act || (is_look(turn) && !row->looks_too))
		return NULL;
	server = conf_find_server(turn->flow->conf, control_text(turn, row->server));
	return server && server->two_persons & row->act ? server : NULL;
}

/* Of the method and all that it is about: both give the same command. What is secret is no part of
 * it, and each may type it. */
static int make_digest(const struct control_turn *turn, const char *method,
		       uint8_t ret[static SHA256_SIZE])
{
	_cleanup_(control_jsonp) json_t *about = json_copy(turn->parameters);
	_cleanup_(freep) char *text = NULL;
	_cleanup_(buffer_done) struct buffer whole = {};

	json_object_del(about, "look");
	json_object_del(about, "password");
	text = json_dumps(about, JSON_SORT_KEYS | JSON_COMPACT);
	if (!text)
		return -ENOMEM;
	buffer_append_text(&whole, method);
	buffer_append_text(&whole, text);
	sha256(SPAN(whole.data, whole.size), ret);
	return whole.error;
}

static int describe(const struct control_turn *turn, const struct conf_server *server,
		    enum control_method method, struct proposal *ret)
{
	const char *name = control_describe(method)->name;

	*ret = (struct proposal){.method = name, .until_s = turn->now_s + PROPOSAL_LASTS_S};
	(void)snprintf(ret->server, sizeof(ret->server), "%s", server->label);
	(void)snprintf(ret->actor, sizeof(ret->actor), "%s", turn->actor);
	return make_digest(turn, name, ret->digest);
}

/* "certificate.revoke 0x12", "server.rollover now", and whose it was. */
static int write_note(const struct control_turn *turn, const struct proposal *proposal,
		      const char *proposer, char **ret)
{
	const char *serial = control_text(turn, "serial");
	bool now = json_is_true(json_object_get(turn->parameters, "now"));

	return text_format(ret, "%s%s%s%s%s%s", proposal->method, serial ? " " : "",
			   serial ? serial : "", now ? " now" : "",
			   proposer ? ", proposed by " : "", proposer ? proposer : "");
}

static int record(const struct control_turn *turn, enum audit_type type,
		  const struct proposal *proposal, const char *proposer)
{
	_cleanup_(audit_done) struct audit_event event = {};
	_cleanup_(freep) char *note = NULL;
	struct store_change change = {.server = proposal->server,
				      .now_s = turn->now_s,
				      .audit = &event.row,
				      .n_audit = 1};
	int r = write_note(turn, proposal, proposer, &note);

	if (r >= 0)
		r = audit_of_act(type, turn->actor, proposal->server, note, &event);
	if (r >= 0)
		r = store_commit(turn->flow->store, &change);
	if (r != STORE_NOT_FOUND)
		return r > 0 ? -EBUSY : r;
	/* It is to be created, or restored. */
	change.server = NULL;
	r = store_commit(turn->flow->store, &change);
	return r > 0 ? -EBUSY : r;
}

static json_t *propose(const struct control_turn *turn, const struct proposal *proposal)
{
	int r = record(turn, AUDIT_ACT_PROPOSE, proposal, NULL);

	if (r < 0)
		return control_failure(r, NULL);
	proposals_add(turn->flow->proposals, proposal);
	log_notice(LOG_FIELDS(log_text("SERVER", proposal->server),
			      log_text("ACTOR", proposal->actor),
			      log_text("METHOD", proposal->method)),
		   "an operator proposed what another has to confirm");
	return control_error_new(CONTROL_ERROR_REFUSED, "TwoPersons",
				 "proposed, and not done yet: server %s wants two persons for it "
				 "(TwoPersons=), so another operator has to give the same command "
				 "within an hour",
				 proposal->server);
}

json_t *control_await_second(const struct control_turn *turn, enum control_method method)
{
	const struct conf_server *server = find_server(turn, method);
	struct proposal proposal, before;
	int r = server ? describe(turn, server, method, &proposal) : 0;
	char until[32];

	if (r < 0)
		return control_failure(r, NULL);
	if (!server)
		return NULL;
	if (!proposals_find(turn->flow->proposals, &proposal, turn->now_s, &before))
		return propose(turn, &proposal);
	if (strcmp(before.actor, turn->actor) != 0)
		return NULL;
	return control_error_new(CONTROL_ERROR_REFUSED, "TwoPersons",
				 "proposed by you already: until %s another operator may give the "
				 "same command for server %s",
				 text_format_time(before.until_s, until), before.server);
}

void control_note_second(const struct control_turn *turn, enum control_method method,
			 const json_t *answer)
{
	const struct conf_server *server = find_server(turn, method);
	struct proposal proposal, before;

	if (!server || is_look(turn) || !answer || json_object_get(answer, "error") ||
	    describe(turn, server, method, &proposal) < 0 ||
	    !proposals_find(turn->flow->proposals, &proposal, turn->now_s, &before))
		return;
	proposals_remove(turn->flow->proposals, &proposal);
	if (record(turn, AUDIT_ACT_CONFIRM, &proposal, before.actor) < 0)
		log_error(LOG_FIELDS(log_text("SERVER", before.server),
				     log_text("PROPOSER", before.actor),
				     log_text("ACTOR", turn->actor)),
			  "the audit could not be told who proposed %s", before.method);
}

json_t *control_json_proposals(struct flow *flow, const struct authority *authority, int64_t now_s)
{
	struct proposal items[PROPOSALS_MOST];
	size_t n = proposals_of(flow->proposals, authority->conf->label, now_s, items);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:o?}", "method", items[i].method,
						      "actor", items[i].actor, "until",
						      control_json_time(items[i].until_s)));
	return list;
}
