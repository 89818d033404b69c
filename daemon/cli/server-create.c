/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/server-create.h"
#include "daemon/cli/archive.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/parameters.h"
#include "daemon/cli/print-server.h"
#include "daemon/cli/trustpoint.h"
#include "daemon/conf/server-mode.h"
#include "daemon/conf/superior.h"
#include <stdio.h>
#include <string.h>

static enum command_status nothing_done(void)
{
	fputs("claviger: nothing was done\n", stderr);
	return COMMAND_FAILED;
}

bool server_exists(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *parameters = parameters_label(invocation);
	_cleanup_(control_jsonp) json_t *answer = NULL;
	const char *state;

	if (!parameters || connection_call(invocation, CONTROL_SERVER_SHOW, parameters, &answer))
		return true;
	state = json_string_value(json_object_get(answer, "state"));
	return state && strcmp(state, "absent") != 0;
}

static bool is_agreed(const struct invocation *invocation, const char *question)
{
	return invocation->yes || ask_yes(question, invocation->arguments[0]);
}

static enum command_status call(const struct invocation *invocation, json_t *parameters)
{
	_cleanup_(control_jsonp) json_t *answer = NULL;
	enum command_status status =
		connection_call(invocation, CONTROL_SERVER_CREATE, parameters, &answer);

	return status ? status : command_tell(invocation, answer, print_server);
}

/* Whom it asks: accepted already, or now. */
static enum command_status authenticate(const struct invocation *invocation,
					const struct conf_server *server, json_t **ret_shown)
{
	const char *label = server->label;
	enum command_status status = trustpoint_ask(invocation, label, ret_shown);

	if (status || json_is_object(json_object_get(*ret_shown, "ca")))
		return status;
	if (conf_trustpoint_is_by_hand(server->trustpoint)) {
		fprintf(stderr,
			"claviger: the CA above server %s is not authenticated: claviger "
			"trustpoint "
			"authenticate %s FILE, with its certificate in FILE\n",
			label, label);
		return COMMAND_FAILED;
	}
	return trustpoint_authenticate_for(invocation);
}

/* What stands in an RA's certificate, and what its CA wants to know (RA-16). */
static enum command_status ask_for_ra(const struct invocation *invocation,
				      const struct conf_server *server, const json_t *shown,
				      json_t *parameters)
{
	const struct conf_trustpoint *own = server->trustpoint;
	enum command_status status = trustpoint_gather(invocation, shown, parameters);

	if (status || invocation->yes)
		return status;
	if (own->subject_name)
		fprintf(stderr, "%% The subject name in the certificate will include: %s\n",
			own->subject_name);
	else
		fprintf(stderr,
			"%% The subject name in the certificate will be: CN=%s,OU=ioscs RA\n",
			server->label);
	return ask_yes("Request certificate from CA?%s", "") ? COMMAND_DONE : nothing_done();
}

static void tell_what_follows(const struct invocation *invocation, const struct conf_server *server)
{
	const char *label = server->label;

	if (invocation->json)
		return;
	if (conf_trustpoint_is_by_hand(server->trustpoint)) {
		fprintf(stderr,
			"%% Its request for the CA above it: claviger trustpoint enroll %s\n"
			"%% What comes back: claviger trustpoint import %s certificate FILE\n",
			label, label);
		return;
	}
	fprintf(stderr,
		"%% Enrollment in progress...\n"
		"%% The CA's operator grants it; then it goes on by itself (claviger server show "
		"%s)\n",
		label);
	if (server->archive != CONF_ARCHIVE_OFF)
		fprintf(stderr,
			"%% Once its certificate is in, archive its key: claviger server archive "
			"%s\n",
			label);
}

static enum command_status create_enrolling(const struct invocation *invocation,
					    const struct conf_server *server)
{
	_cleanup_(control_jsonp) json_t *parameters = parameters_label(invocation);
	_cleanup_(control_jsonp) json_t *shown = NULL;
	enum command_status status =
		parameters ? authenticate(invocation, server, &shown) : COMMAND_MISUSE;

	if (status)
		return status;
	if (!is_agreed(invocation,
		       "%% Ready to request the CA certificate of server %s.\n"
		       "%% Some server settings cannot be changed after the CA certificate has "
		       "been requested.\nAre you sure you want to do this?"))
		return nothing_done();
	if (conf_server_is_ra(server))
		status = ask_for_ra(invocation, server, shown, parameters);
	if (!status && server->archive != CONF_ARCHIVE_OFF)
		status = archive_make_key(invocation, server);
	if (!status)
		status = call(invocation, parameters);
	if (!status)
		tell_what_follows(invocation, server);
	return status;
}

/* What needs no question: it has no key, or the daemon refuses it in its own words. */
static enum command_status create_plainly(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *parameters = parameters_label(invocation);

	return parameters ? call(invocation, parameters) : COMMAND_MISUSE;
}

enum command_status server_create_run(const struct invocation *invocation)
{
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	const struct conf_server *server;

	if (connection_load_config(invocation, &conf))
		return COMMAND_FAILED;
	server = conf_find_server(conf, invocation->arguments[0]);
	if (server && invocation->certificate && !conf_server_is_ca(server)) {
		fputs("claviger: --certificate is for a CA: an RA has none to publish\n", stderr);
		return COMMAND_MISUSE;
	}
	if (server && conf_server_is_transparent(server))
		return create_plainly(invocation);
	if (server && conf_server_enrolls(server) && !invocation->certificate)
		return server_exists(invocation) ? create_plainly(invocation)
						 : create_enrolling(invocation, server);
	if (!is_agreed(invocation, "Make the CA key and certificate of server %s? Its name and "
				   "lifetime are fixed then."))
		return nothing_done();
	return archive_server_create(invocation);
}
