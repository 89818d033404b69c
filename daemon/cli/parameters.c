/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/parameters.h"
#include "daemon/base/text.h"
#include "daemon/cli/object-file.h"
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

json_t *parameters_name(const struct invocation *invocation)
{
	return first_as(invocation, "name");
}

json_t *parameters_label(const struct invocation *invocation)
{
	return first_as(invocation, "label");
}

json_t *parameters_token(const struct invocation *invocation)
{
	json_t *parameters =
		invocation->on ? json_pack("{s:s}", "token", invocation->on) : json_object();

	if (!parameters)
		fputs("claviger: --on is no UTF-8 text\n", stderr);
	return parameters;
}

json_t *parameters_server(const struct invocation *invocation)
{
	return first_as(invocation, "server");
}

json_t *parameters_server_or_none(const struct invocation *invocation)
{
	return invocation->n_arguments ? parameters_server(invocation)
				       : parameters_none(invocation);
}

/* A number of the request database; NULL with a message where it is none. */
static json_t *number_from(int64_t least, const char *text, const char *what)
{
	int64_t value;

	if (text_read_number(span_of_text(text), least, INT64_MAX, &value) < 0) {
		fprintf(stderr, "claviger: \"%s\" is no %s\n", text, what);
		return NULL;
	}
	return json_integer(value);
}

static json_t *number(const char *text, const char *what)
{
	return number_from(1, text, what);
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

json_t *parameters_level(const struct invocation *invocation)
{
	json_t *parameters = first_as(invocation, "level");

	return invocation->n_arguments < 2
		       ? parameters
		       : with(parameters, "area", json_string(invocation->arguments[1]));
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

json_t *parameters_crl_show(const struct invocation *invocation)
{
	json_t *parameters = parameters_server(invocation);

	if (invocation->n_arguments == 2)
		parameters = with(parameters, "number",
				  number(invocation->arguments[1], "number of a CRL"));
	return invocation->pem ? with(parameters, "pem", json_true()) : parameters;
}

json_t *parameters_create(const struct invocation *invocation)
{
	json_t *parameters = parameters_label(invocation);

	return invocation->certificate
		       ? with(parameters, "certificate",
			      object_file_read(invocation->certificate, "CERTIFICATE"))
		       : parameters;
}

json_t *parameters_crl_import(const struct invocation *invocation)
{
	const char *path = invocation->n_arguments > 1 ? invocation->arguments[1] : "-";

	return with(parameters_server(invocation), "crl", object_file_read(path, "X509 CRL"));
}

json_t *parameters_preview(const struct invocation *invocation)
{
	json_t *parameters = parameters_label(invocation);

	return invocation->until ? with(parameters, "until", json_string(invocation->until))
				 : parameters;
}

json_t *parameters_crl_issue(const struct invocation *invocation)
{
	json_t *parameters = parameters_server(invocation);

	return invocation->until ? with(parameters, "until", json_string(invocation->until))
				 : parameters;
}

json_t *parameters_password(const struct invocation *invocation)
{
	json_t *parameters = parameters_server(invocation);

	/* The daemon says which are too few, as it says which are too many. */
	if (invocation->n_arguments > 1)
		parameters = with(parameters, "minutes",
				  number_from(0, invocation->arguments[1], "number of minutes"));
	if (invocation->subject)
		parameters = with(parameters, "subject", json_string(invocation->subject));
	return parameters;
}
