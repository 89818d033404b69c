/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/local.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/connection.h"
#include <stdio.h>
#include <string.h>

/* Asked twice where a person types it. */
static int ask_new_pin(const char *prompt, struct secret *ret)
{
	_cleanup_(secret_done) struct secret first = {}, second = {};
	int r;

	r = ask_secret(prompt, &first);
	if (r >= 0)
		r = ask_secret("Once more", &second);
	if (r < 0)
		return r;
	if (!span_equal_secretly(span_of_secret(first), span_of_secret(second)))
		return -EKEYREJECTED;
	*ret = TAKE_STRUCT(first);
	return 0;
}

enum command_status local_token_init(const struct invocation *invocation)
{
	_cleanup_(secret_done) struct secret so_pin = {}, pin = {};
	struct ipc_token_init message = {.label = span_of_text(invocation->arguments[1])};
	int r;

	if (message.label.size > 32) {
		fputs("claviger: a token's label has at most 32 bytes\n", stderr);
		return COMMAND_MISUSE;
	}
	r = ask_new_pin("New SO PIN", &so_pin);
	if (r >= 0)
		r = ask_new_pin("New PIN", &pin);
	if (r < 0) {
		fprintf(stderr, "claviger: %s\n",
			r == -EKEYREJECTED ? "the two are not the same: nothing was done"
					   : strerror(-r));
		return COMMAND_FAILED;
	}
	message.so_pin = span_of_secret(so_pin);
	message.pin = span_of_secret(pin);
	return connection_call_token(invocation, invocation->arguments[0], IPC_TOKEN_INIT,
				     &message);
}

enum command_status local_token_login(const struct invocation *invocation)
{
	_cleanup_(secret_done) struct secret pin = {};
	struct ipc_token_login message;
	int r;

	r = ask_secret("PIN", &pin);
	if (r < 0) {
		fprintf(stderr, "claviger: %s\n", strerror(-r));
		return COMMAND_FAILED;
	}
	message = (struct ipc_token_login){.pin = span_of_secret(pin)};
	return connection_call_token(invocation, invocation->arguments[0], IPC_TOKEN_LOGIN,
				     &message);
}

enum command_status local_config_check(const struct invocation *invocation)
{
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	enum command_status status = connection_load_config(invocation, &conf);

	if (status)
		return status;
	if (invocation->json)
		printf("{\"good\": true, \"servers\": %zu, \"tokens\": %zu}\n", conf->n_servers,
		       conf->n_tokens);
	else
		printf("%s: good; %zu server%s, %zu token%s\n", invocation->config, conf->n_servers,
		       conf->n_servers == 1 ? "" : "s", conf->n_tokens,
		       conf->n_tokens == 1 ? "" : "s");
	return COMMAND_DONE;
}
