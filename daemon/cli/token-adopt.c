/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/token-adopt.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/print.h"
#include <stdio.h>
#include <string.h>

/* An empty line, or no more input, leaves it to PIN=. */
static int ask_pin(struct secret *ret)
{
	int r = ask_secret("PIN of the token that is there now (empty: as PIN= has it)", ret);

	return r == -ENODATA ? 0 : r;
}

static enum command_status prove(const struct invocation *invocation, const char *token)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	_cleanup_(secret_done) struct secret pin = {};
	struct ipc_token_adopt message;
	struct ipc_token_adopted adopted;
	int r = ask_pin(&pin);

	if (r < 0) {
		fprintf(stderr, "claviger: %s\n", strerror(-r));
		return COMMAND_FAILED;
	}
	message = (struct ipc_token_adopt){.pin = span_of_secret(pin)};
	if (connection_ask_token(invocation, token, IPC_TOKEN_ADOPT, &message, &packet))
		return connection_token_failed(token, &packet);
	if (ipc_decode(packet.content, IPC_TOKEN_ADOPTED, &adopted) < 0) {
		fprintf(stderr, "claviger: token %s: its process speaks another language\n", token);
		return COMMAND_FAILED;
	}
	if (!invocation->json)
		printf("token %s: serial %.*s, %u keys proved\n", token, (int)adopted.serial.size,
		       (const char *)adopted.serial.data, adopted.keys);
	return COMMAND_DONE;
}

enum command_status token_adopt(const struct invocation *invocation)
{
	const char *token = invocation->arguments[0];
	json_auto_t *parameters = json_pack("{s:s}", "token", token);
	json_auto_t *answer = NULL;
	enum command_status status = parameters ? prove(invocation, token) : COMMAND_FAILED;

	if (status)
		return status;
	status = connection_call(invocation, CONTROL_TOKEN_ADOPTED, parameters, &answer);
	if (status) {
		fputs("claviger: the token is adopted, but clavigerd has not recorded it: again\n",
		      stderr);
		return status;
	}
	if (invocation->json) {
		print_json(answer);
		return COMMAND_DONE;
	}
	printf("recorded in %lld places\n",
	       (long long)json_integer_value(json_object_get(answer, "records")));
	return COMMAND_DONE;
}
