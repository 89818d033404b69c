/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/server-show.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/print-server.h"
#include "daemon/cli/print.h"
#include <stdio.h>

static enum command_status ask(const struct invocation *invocation, const char *label, json_t **ret)
{
	_cleanup_(control_jsonp) json_t *parameters = json_pack("{s:s}", "label", label);

	if (!parameters) {
		fputs("claviger: the argument is no UTF-8 text\n", stderr);
		return COMMAND_MISUSE;
	}
	return connection_call(invocation, CONTROL_SERVER_SHOW, parameters, ret);
}

static enum command_status show_one(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *answer = NULL;
	enum command_status status = ask(invocation, invocation->arguments[0], &answer);

	return status ? status : command_tell(invocation, answer, print_server);
}

enum command_status server_show_run(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *all = NULL;
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	json_t *servers = json_array();

	if (invocation->n_arguments) {
		json_decref(servers);
		return show_one(invocation);
	}
	all = json_pack("{s:o}", "servers", servers);
	if (connection_load_config(invocation, &conf))
		return COMMAND_FAILED;
	for (size_t i = 0; i < conf->n_servers; i++) {
		json_t *answer = NULL;
		enum command_status status = ask(invocation, conf->servers[i].label, &answer);

		if (status)
			return status;
		json_array_append_new(servers, answer);
		if (!invocation->json)
			print_server(answer);
	}
	if (invocation->json)
		print_json(all);
	return COMMAND_DONE;
}
