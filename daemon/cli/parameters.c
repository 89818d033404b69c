/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/parameters.h"
#include "daemon/base/text.h"
#include <stdio.h>
#include <string.h>

json_t *parameters_none(const struct invocation *invocation)
{
	(void)invocation;
	return json_object();
}

static json_t *first_as(const struct invocation *invocation, const char *name)
{
	json_t *parameters = json_pack("{s:s}", name, invocation->arguments[0]);

	if (!parameters)
		fputs("claviger: the argument is no UTF-8 text\n", stderr);
	return parameters;
}

json_t *parameters_label(const struct invocation *invocation)
{
	return first_as(invocation, "label");
}

json_t *parameters_level(const struct invocation *invocation)
{
	return first_as(invocation, "level");
}

json_t *parameters_server(const struct invocation *invocation)
{
	return first_as(invocation, "server");
}

/* A number of the request database; NULL with a message where it is none. */
static json_t *number(const char *text, const char *what)
{
	int64_t value;

	if (text_read_number(span_of_text(text), 1, INT64_MAX, &value) < 0) {
		fprintf(stderr, "claviger: \"%s\" is no %s\n", text, what);
		return NULL;
	}
	return json_integer(value);
}

/* Adds what may be NULL because it was wrong: the whole is NULL then. */
static json_t *with(json_t *parameters, const char *name, json_t *value)
{
	if (!parameters)
		json_decref(value);
	else if (value && !json_object_set_new(parameters, name, value))
		return parameters;
	json_decref(parameters);
	return NULL;
}

json_t *parameters_server_id(const struct invocation *invocation)
{
	return with(parameters_server(invocation), "id",
		    number(invocation->arguments[1], "request's number"));
}

json_t *parameters_server_ids(const struct invocation *invocation)
{
	json_t *ids;

	if (invocation->n_arguments == 2 && !strcmp(invocation->arguments[1], "all"))
		return with(parameters_server(invocation), "all", json_true());
	ids = json_array();
	for (int i = 1; i < invocation->n_arguments; i++) {
		json_t *id = number(invocation->arguments[i], "request's number, nor \"all\"");

		if (!id) {
			json_decref(ids);
			return NULL;
		}
		json_array_append_new(ids, id);
	}
	return with(parameters_server(invocation), "ids", ids);
}

json_t *parameters_server_serial(const struct invocation *invocation)
{
	return with(parameters_server(invocation), "serial", json_string(invocation->arguments[1]));
}

json_t *parameters_revoke(const struct invocation *invocation)
{
	json_t *parameters = parameters_server_serial(invocation);

	return invocation->reason ? with(parameters, "reason", json_string(invocation->reason))
				  : parameters;
}

json_t *parameters_password(const struct invocation *invocation)
{
	json_t *parameters = parameters_server(invocation);

	if (invocation->n_arguments > 1)
		parameters = with(parameters, "minutes",
				  number(invocation->arguments[1], "number of minutes"));
	if (invocation->subject)
		parameters = with(parameters, "subject", json_string(invocation->subject));
	return parameters;
}
