/* SPDX-License-Identifier: Apache-2.0 */
/* `trustpoint show`, and what the dialogues share. */
#include "daemon/cli/trustpoint.h"
#include "daemon/base/text.h"
#include "daemon/cli/certificate-text.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/print-trustpoint.h"
#include "daemon/cli/source.h"

enum command_status trustpoint_ask(const struct invocation *invocation, const char *name,
				   json_t **ret)
{
	_cleanup_(control_jsonp) json_t *parameters = json_pack("{s:s}", "name", name);

	if (!parameters) {
		fputs("claviger: the argument is no UTF-8 text\n", stderr);
		return COMMAND_MISUSE;
	}
	return connection_call(invocation, CONTROL_TRUSTPOINT_SHOW, parameters, ret);
}

int trustpoint_add_base64(json_t *parameters, const char *name, struct span content)
{
	_cleanup_(buffer_done) struct buffer text = {};
	int r;

	if (!content.size)
		return 0;
	text_append_base64(&text, content);
	r = text.error;
	if (r == 0 && json_object_set_new(parameters, name,
					  json_stringn((const char *)text.data, text.size)) < 0)
		r = -ENOMEM;
	if (text.data)
		wipe(text.data, text.size);
	return r;
}

enum command_status trustpoint_read_certificates(const struct invocation *invocation,
						 const char *what, const char *name,
						 struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes input = {};
	enum command_status status = source_read(invocation, what, name, &input);
	const char *reason = "there is no memory";

	if (status)
		return status;
	if (certificate_text_read(span_of(input), ret, &reason) == 0)
		return COMMAND_DONE;
	fprintf(stderr, "claviger: %s: no certificate: %s\n", name, reason);
	return COMMAND_FAILED;
}

enum command_status trustpoint_show(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *answer = NULL, *parameters = json_object();
	enum command_status status =
		invocation->n_arguments
			? trustpoint_ask(invocation, invocation->arguments[0], &answer)
			: connection_call(invocation, CONTROL_TRUSTPOINT_LIST, parameters, &answer);

	if (status)
		return status;
	if (invocation->json)
		print_json(answer);
	else if (invocation->n_arguments)
		print_trustpoint(answer);
	else
		print_trustpoints(answer);
	return COMMAND_DONE;
}

bool trustpoint_is_server(const struct invocation *invocation)
{
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	const char *name = invocation->arguments[0];

	return !connection_load_config(invocation, &conf) && conf_find_server(conf, name) &&
	       !conf_find_trustpoint(conf, name);
}
