/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/server-delete.h"
#include "daemon/base/text.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/parameters.h"
#include "daemon/cli/print-server.h"
#include "daemon/cli/print.h"
#include <stdio.h>

static enum command_status call(const struct invocation *invocation, enum control_method method,
				json_t **ret)
{
	_cleanup_(control_jsonp) json_t *parameters = parameters_label(invocation);

	return parameters ? connection_call(invocation, method, parameters, ret) : COMMAND_MISUSE;
}

/* Whether it may be done (TwoPersons=), before a key is destroyed for it. */
static enum command_status ask_leave(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *parameters = parameters_label(invocation), *answer = NULL;

	if (!parameters || json_object_set_new(parameters, "look", json_true()))
		return COMMAND_MISUSE;
	return connection_call(invocation, CONTROL_SERVER_DELETE, parameters, &answer);
}

static enum command_status stop(const struct invocation *invocation, const json_t *shown)
{
	_cleanup_(control_jsonp) json_t *answer = NULL;

	if (!json_is_true(json_object_get(shown, "locked")))
		return COMMAND_DONE;
	if (!invocation->yes && !ask_yes("Server %s is enabled. Stop it, and delete it then?",
					 invocation->arguments[0])) {
		fputs("claviger: nothing was done\n", stderr);
		return COMMAND_FAILED;
	}
	return call(invocation, CONTROL_SERVER_STOP, &answer);
}

static enum command_status destroy_key(const struct invocation *invocation, const json_t *holder)
{
	_cleanup_(bytes_done) struct bytes key = {};
	const char *token = json_string_value(json_object_get(holder, "token"));
	const char *digits = json_string_value(json_object_get(holder, "key"));

	if (!token || !digits || text_read_hex(span_of_text(digits), &key) < 0) {
		fputs("claviger: an answer that can't be read\n", stderr);
		return COMMAND_FAILED;
	}
	return connection_zeroize(invocation, token, span_of(key));
}

/* Of generations or exchanges. */
static enum command_status destroy_keys(const struct invocation *invocation, const json_t *holders)
{
	enum command_status status = COMMAND_DONE;
	const json_t *holder;
	size_t i;

	json_array_foreach(holders, i, holder)
	{
		/* An RA's generations are its CA's certificates. */
		if (!status && *print_text_of(holder, "token"))
			status = destroy_key(invocation, holder);
	}
	return status;
}

enum command_status server_delete_run(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *shown = NULL, *answer = NULL;
	enum command_status status = call(invocation, CONTROL_SERVER_SHOW, &shown);

	if (!status)
		status = ask_leave(invocation);
	if (!status)
		status = stop(invocation, shown);
	if (!status)
		status = destroy_keys(invocation, json_object_get(shown, "exchanges"));
	if (!status)
		status = destroy_keys(invocation, json_object_get(shown, "generations"));
	if (!status)
		status = call(invocation, CONTROL_SERVER_DELETE, &answer);
	return status ? status : command_tell(invocation, answer, print_server);
}
