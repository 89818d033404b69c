/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/local.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/connection.h"
#include <stdio.h>
#include <string.h>

static bool has_pad(const struct conf *conf, const char *token)
{
	const struct conf_token *row = conf_find_token(conf, token);

	return row && row->pin && !strcmp(row->pin, "pinpad");
}

static int get_pin(bool by_pad, struct secret *ret)
{
	int r;

	if (by_pad) {
		fputs("claviger: type the PIN on the token's own pad now\n", stderr);
		return 0;
	}
	r = ask_secret("PIN", ret);
	return r == 0 && !ret->size ? -ENODATA : r;
}

enum command_status local_token_login(const struct invocation *invocation)
{
	_cleanup_(secret_done) struct secret pin = {};
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	struct ipc_token_login message;
	int r;

	if (connection_load_config(invocation, &conf))
		return COMMAND_FAILED;
	r = get_pin(has_pad(conf, invocation->arguments[0]), &pin);
	if (r < 0) {
		fprintf(stderr, "claviger: %s\n",
			r == -ENODATA ? "no PIN was given: nothing was done" : strerror(-r));
		return COMMAND_FAILED;
	}
	message = (struct ipc_token_login){.pin = span_of_secret(pin)};
	return connection_call_token(invocation, invocation->arguments[0], IPC_TOKEN_LOGIN,
				     &message);
}
