/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/server-rollover.h"
#include "daemon/base/text.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/parameters.h"
#include "daemon/cli/print.h"
#include <stdio.h>
#include <string.h>

static enum command_status call(const struct invocation *invocation, enum control_method method,
				const char *flag, json_t **ret)
{
	_cleanup_(control_jsonp) json_t *parameters =
		json_pack("{s:s}", "label", invocation->arguments[0]);

	if (parameters && flag)
		json_object_set_new(parameters, flag, json_true());
	return parameters ? connection_call(invocation, method, parameters, ret) : COMMAND_FAILED;
}

static bool agrees(const struct invocation *invocation, const char *question)
{
	if (invocation->yes || ask_yes(question, invocation->arguments[0]))
		return true;
	fputs("claviger: nothing was done\n", stderr);
	return false;
}

static json_int_t number_of(const json_t *answer, const char *member)
{
	return json_integer_value(json_object_get(answer, member));
}

/* Whom it hurts. How many fetched the certificate nobody knows: it is a file of the front end's. */
static void print_hurt(const json_t *look)
{
	json_int_t issued = number_of(look, "issued"), waiting = number_of(look, "waiting");

	if (json_is_true(json_object_get(look, "available")))
		fputs("% The rollover certificate was given out: clients that fetched it may need "
		      "to enrol again.\n"
		      "% To cancel a rollover then is discouraged.\n",
		      stderr);
	if (issued)
		fprintf(stderr,
			"%% %" JSON_INTEGER_FORMAT " rollover certificate%s issued: of no use any "
			"more\n",
			issued, issued == 1 ? " was" : "s were");
	if (waiting)
		fprintf(stderr, "%% %" JSON_INTEGER_FORMAT " rollover request%s: denied\n", waiting,
			waiting == 1 ? " waits" : "s wait");
}

static enum command_status destroy_key(const struct invocation *invocation, const json_t *answer)
{
	_cleanup_(bytes_done) struct bytes key = {};
	const char *token = json_string_value(json_object_get(answer, "token"));

	if (!token)
		return COMMAND_DONE; /* none was made yet */
	if (text_read_hex(span_of_text(print_text_of(answer, "key")), &key) < 0) {
		fputs("claviger: an answer that can't be read\n", stderr);
		return COMMAND_FAILED;
	}
	if (connection_zeroize(invocation, token, span_of(key))) {
		fprintf(stderr,
			"claviger: the rollover is cancelled, but its key is still on token %s: "
			"claviger server rollover %s cancel again\n",
			token, invocation->arguments[0]);
		return COMMAND_FAILED;
	}
	return COMMAND_DONE;
}

static enum command_status cancel(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *look = NULL, *answer = NULL;
	enum command_status status =
		call(invocation, CONTROL_SERVER_ROLLOVER_CANCEL, "look", &look);

	if (status)
		return status;
	print_hurt(look);
	if (!agrees(invocation, "Cancel the rollover of server %s? Its key and certificate are "
				"destroyed; that can't be undone."))
		return COMMAND_FAILED;
	status = call(invocation, CONTROL_SERVER_ROLLOVER_CANCEL, NULL, &answer);
	if (!status)
		status = destroy_key(invocation, answer);
	if (status)
		return status;
	if (invocation->json)
		print_json(answer);
	else
		printf("The rollover of server %s is cancelled.\n", invocation->arguments[0]);
	return COMMAND_DONE;
}

static void print_stand(const struct invocation *invocation, const json_t *answer)
{
	const char *label = invocation->arguments[0], *reason = print_text_of(answer, "reason");

	if (invocation->now && json_is_true(json_object_get(answer, "available")))
		printf("Generation %" JSON_INTEGER_FORMAT " of server %s is active. Give routers "
		       "its certificate by hand (claviger server export %s): none of them knows it "
		       "yet.\n",
		       number_of(answer, "generation"), label, label);
	else if (invocation->now)
		printf("Server %s %s; what is granted takes over at once.\n", label,
		       *reason ? reason : "waits for its superior CA");
	else if (json_is_true(json_object_get(answer, "available")))
		printf("The rollover certificate of server %s is given out; it takes over at %s.\n",
		       label, print_text_of(answer, "takesOver"));
	else
		printf("The rollover of server %s waits%s%s; it goes on by itself.\n", label,
		       *reason ? ": " : "", reason);
}

static enum command_status print_begun(const struct invocation *invocation, const json_t *answer)
{
	if (invocation->json)
		print_json(answer);
	else
		print_stand(invocation, answer);
	return COMMAND_DONE;
}

static enum command_status begin(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *answer = NULL;
	enum command_status status = call(invocation, CONTROL_SERVER_ROLLOVER, NULL, &answer);

	return status ? status : print_begun(invocation, answer);
}

/* 0 for none: what is missing the daemon says. */
static json_int_t active_generation(const json_t *server)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(server, "generations"), i,
			   row) if (!strcmp(print_text_of(row, "phase"),
					    "active")) return number_of(row, "number");
	return 0;
}

/* The generation that the answer to the question is about is the one that is succeeded, or none:
 * another operator may be quicker. */
static enum command_status begin_now(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *server = NULL, *parameters = NULL, *answer = NULL;
	enum command_status status = call(invocation, CONTROL_SERVER_SHOW, NULL, &server);

	if (status)
		return status;
	if (!agrees(invocation,
		    "EMERGENCY: give server %s a new CA key and certificate at once? No router "
		    "knows it yet: all must be given the new CA certificate by hand and enrol "
		    "again. Only for a key that is lost or known to others. That can't be undone."))
		return COMMAND_FAILED;
	parameters = json_pack("{s:s, s:b, s:I}", "label", invocation->arguments[0], "now", 1,
			       "generation", active_generation(server));
	if (!parameters)
		return COMMAND_FAILED;
	status = connection_call(invocation, CONTROL_SERVER_ROLLOVER, parameters, &answer);
	return status ? status : print_begun(invocation, answer);
}

enum command_status server_rollover_run(const struct invocation *invocation)
{
	if (invocation->n_arguments == 1)
		return (invocation->now ? begin_now : begin)(invocation);
	if (invocation->now || strcmp(invocation->arguments[1], "cancel") != 0) {
		fputs("claviger: server rollover LABEL, server rollover LABEL cancel or server "
		      "rollover LABEL --now\n",
		      stderr);
		return COMMAND_MISUSE;
	}
	return cancel(invocation);
}
