/* SPDX-License-Identifier: Apache-2.0 */
/* `token share`, of token-backup.h. */
#include "daemon/base/files.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/token-backup.h"
#include <stdio.h>
#include <string.h>

/* What a token says of its wrapping key; or, where it has none and not only that is asked, its
 * offer. Borrows from @packet. */
static enum command_status ask_offer(const struct invocation *invocation, const char *token,
				     bool look_only, struct ipc_packet *packet,
				     struct ipc_token_offered *ret)
{
	struct ipc_token_offer ask = {.look_only = look_only};

	if (connection_ask_token(invocation, token, IPC_TOKEN_OFFER, &ask, packet))
		return connection_token_failed(token, packet);
	return ipc_decode(packet->content, IPC_TOKEN_OFFERED, ret) < 0 ? COMMAND_FAILED
								       : COMMAND_DONE;
}

static int ask_so_pin(const char *token, struct secret *ret)
{
	_cleanup_(freep) char *prompt = NULL;
	int r = text_format(&prompt, "SO PIN of token %s", token);

	if (r == 0)
		r = ask_secret(prompt, ret);
	if (r == 0 && ret->size == 0)
		r = -ENODATA;
	if (r < 0)
		fprintf(stderr, "claviger: %s: nothing was done\n",
			r == -ENODATA ? "no SO PIN" : strerror(-r));
	return r;
}

/* Both have one: the same or not. */
static enum command_status tell_standing(const struct invocation *invocation, const char *first,
					 const char *second, struct span check)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_token_offered other = {};

	if (ask_offer(invocation, first, true, &packet, &other))
		return COMMAND_FAILED;
	if (span_equal(other.check, check)) {
		printf("tokens %s and %s share a wrapping key already\n", first, second);
		return COMMAND_DONE;
	}
	if (other.check.size)
		fprintf(stderr,
			"claviger: tokens %s and %s have a wrapping key each, and not the same: "
			"name another label with WrappingKey= in both their sections\n",
			first, second);
	else
		fprintf(stderr,
			"claviger: token %s has a wrapping key, and %s none: claviger token share "
			"%s --to %s\n",
			second, first, second, first);
	return COMMAND_FAILED;
}

static enum command_status carry(const struct invocation *invocation, const char *first,
				 const char *second, struct span spki)
{
	_cleanup_(secret_done) struct secret first_pin = {}, second_pin = {};
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_token_given given;
	struct ipc_token_give give;
	struct ipc_token_take take;

	if (ask_so_pin(first, &first_pin) < 0 || ask_so_pin(second, &second_pin) < 0)
		return COMMAND_FAILED;
	give = (struct ipc_token_give){span_of_secret(first_pin), spki};
	if (connection_ask_token(invocation, first, IPC_TOKEN_GIVE, &give, &packet))
		return connection_token_failed(first, &packet);
	if (ipc_decode(packet.content, IPC_TOKEN_GIVEN, &given) < 0)
		return COMMAND_FAILED;
	take = (struct ipc_token_take){span_of_secret(second_pin), given.content, given.check};
	if (connection_call_token(invocation, second, IPC_TOKEN_TAKE, &take))
		return COMMAND_FAILED;
	printf("tokens %s and %s share a wrapping key: what was made with Backup=wrapped on one "
	       "can "
	       "be backed up to the other\n",
	       first, second);
	return COMMAND_DONE;
}

enum command_status token_share_run(const struct invocation *invocation)
{
	const char *first = invocation->arguments[0], *second = invocation->to;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_token_offered offered = {};

	if (!second || !strcmp(first, second)) {
		fputs("claviger: which two tokens? TOKEN --to TOKEN\n", stderr);
		return COMMAND_MISUSE;
	}
	if (ask_offer(invocation, second, false, &packet, &offered))
		return COMMAND_FAILED;
	if (offered.check.size)
		return tell_standing(invocation, first, second, offered.check);
	return carry(invocation, first, second, offered.spki);
}
