/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/server-export.h"
#include "daemon/base/files.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/parameters.h"
#include "daemon/cli/print.h"
#include <stdio.h>
#include <string.h>

static const json_t *find_phase(const json_t *answer, const char *phase)
{
	const json_t *certificate;
	size_t i;

	json_array_foreach(json_object_get(answer, "certificates"), i, certificate)
	{
		const char *it = json_string_value(json_object_get(certificate, "phase"));

		if (it && !strcmp(it, phase))
			return certificate;
	}
	return NULL;
}

static enum command_status tell_missing(const struct invocation *invocation)
{
	const char *server = invocation->arguments[0];

	if (invocation->rollover)
		fprintf(stderr,
			"claviger: server %s has no rollover certificate: claviger server show %s "
			"says when there will be one, claviger server rollover %s makes it now\n",
			server, server, server);
	else
		fprintf(stderr,
			"claviger: server %s has no CA certificate in force: claviger server show "
			"%s\n",
			server, server);
	return COMMAND_FAILED;
}

static enum command_status write_file(const char *path, const char *pem)
{
	int r = file_write_atomically(path, span_of_text(pem), 0644);

	if (r < 0) {
		fprintf(stderr, "claviger: %s: %s\n", path, file_error_text(r));
		return COMMAND_FAILED;
	}
	fprintf(stderr, "wrote %s\n", path);
	return COMMAND_DONE;
}

static enum command_status give(const struct invocation *invocation, const json_t *certificate)
{
	const char *pem = json_string_value(json_object_get(certificate, "pem"));

	if (invocation->n_arguments > 1)
		return write_file(invocation->arguments[1], pem ? pem : "");
	if (invocation->json)
		print_json(certificate);
	else
		fputs(pem ? pem : "", stdout);
	return COMMAND_DONE;
}

enum command_status server_export_run(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *parameters = parameters_server(invocation), *answer = NULL;
	const json_t *certificate;
	enum command_status status;

	if (!parameters)
		return COMMAND_MISUSE;
	if (invocation->n_arguments > 1 && strstr(invocation->arguments[1], "://")) {
		fprintf(stderr, "claviger: %s: a file's path is wanted\n",
			invocation->arguments[1]);
		return COMMAND_MISUSE;
	}
	status = connection_call(invocation, CONTROL_CERTIFICATE_CA, parameters, &answer);
	if (status)
		return status;
	certificate = find_phase(answer, invocation->rollover ? "shadow" : "active");
	return certificate ? give(invocation, certificate) : tell_missing(invocation);
}
