/* SPDX-License-Identifier: Apache-2.0 */
/* `trustpoint import`: a certificate that comes by hand. */
#include "daemon/cli/connection.h"
#include "daemon/cli/print-trustpoint.h"
#include "daemon/cli/restore.h"
#include "daemon/cli/trustpoint.h"
#include <stdio.h>
#include <string.h>

static enum command_status import_certificate(const struct invocation *invocation)
{
	const char *name = invocation->arguments[0],
		   *source = invocation->n_arguments > 2 ? invocation->arguments[2] : "-";
	_cleanup_(control_jsonp) json_t *parameters = json_pack("{s:s}", "name", name);
	_cleanup_(control_jsonp) json_t *answer = NULL;
	_cleanup_(bytes_done) struct bytes der = {};
	const json_t *one;
	enum command_status status;
	size_t i;

	if (!parameters)
		return COMMAND_MISUSE;
	status = trustpoint_read_certificates(invocation, "certificate",
					      strcmp(source, "terminal") ? source : "-", &der);
	if (!status && trustpoint_add_base64(parameters, "certificates", span_of(der)) < 0)
		status = COMMAND_FAILED;
	if (!status)
		status =
			connection_call(invocation, CONTROL_TRUSTPOINT_IMPORT, parameters, &answer);
	if (status)
		return status;
	if (invocation->json) {
		print_json(answer);
		return COMMAND_DONE;
	}
	puts("% Router Certificate successfully imported");
	json_array_foreach(json_object_get(answer, "granted"), i, one)
		print_trustpoint_certificate(name, one);
	return COMMAND_DONE;
}

/* What IOS says in the same words of a saved server: it is put back under its label. */
static enum command_status import_key(const struct invocation *invocation)
{
	struct invocation saved = *invocation;
	int n = 1;

	if (!trustpoint_is_server(invocation))
		return trustpoint_carry_in(invocation);
	for (int i = 2; i < invocation->n_arguments; i++)
		if (strcmp(invocation->arguments[i], "usage-keys") != 0)
			saved.arguments[n++] = invocation->arguments[i];
	saved.n_arguments = n;
	return restore_run(&saved);
}

enum command_status trustpoint_import(const struct invocation *invocation)
{
	static const struct {
		const char *word;
		int least, most; /* arguments */
		enum command_status (*run)(const struct invocation *invocation);
	} rows[] = {
		{"certificate", 2, 3, import_certificate},
		{"pkcs12", 3, 3, import_key},
		{"pem", 3, 12, import_key},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (!strcmp(rows[i].word, invocation->arguments[1]) &&
		    invocation->n_arguments >= rows[i].least &&
		    invocation->n_arguments <= rows[i].most)
			return rows[i].run(invocation);
	fputs("claviger: import what? NAME certificate [FILE|-], NAME pkcs12 FILE, NAME pem "
	      "FILE…\n",
	      stderr);
	return COMMAND_MISUSE;
}
