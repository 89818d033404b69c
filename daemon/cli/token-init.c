/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/token-init.h"
#include "daemon/base/files.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/print.h"
#include "daemon/ipc/pin-rule.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What was found, and what is to be made of it. */
struct birth {
	const char *token, *label;
	struct ipc_packet packet; /* what @there borrows from */
	struct ipc_token_surveyed there;
	struct secret so_pin, pin;
};

static void birth_done(struct birth *birth)
{
	ipc_packet_done(&birth->packet);
	secret_done(&birth->so_pin);
	secret_done(&birth->pin);
}

static enum command_status look(const struct invocation *invocation, struct birth *birth)
{
	const struct ipc_token_survey message = {};
	enum command_status status;

	status = connection_ask_token(invocation, birth->token, IPC_TOKEN_SURVEY, &message,
				      &birth->packet);
	if (status)
		return connection_token_failed(birth->token, &birth->packet);
	if (ipc_decode(birth->packet.content, IPC_TOKEN_SURVEYED, &birth->there) == 0)
		return COMMAND_DONE;
	fprintf(stderr, "claviger: token %s: an answer that can't be read\n", birth->token);
	return COMMAND_FAILED;
}

static void tell_what_is_there(const struct birth *birth)
{
	const struct ipc_token_surveyed *there = &birth->there;
	_cleanup_(buffer_done) struct buffer text = {};

	print_append(&text, there->model);
	buffer_append_text(&text, " of ");
	print_append(&text, there->manufacturer);
	if (there->serial.size) {
		buffer_append_text(&text, ", serial ");
		print_append(&text, there->serial);
	}
	if (there->initialised) {
		buffer_append_text(&text, ", label ");
		print_append(&text, there->label);
	}
	fprintf(stderr, "Token %s: %.*s\n", birth->token, (int)text.size,
		text.data ? (const char *)text.data : "");
}

/* What lies on it can't be known without its PIN, and would be gone for ever. */
static bool may_begin(const struct invocation *invocation, const struct birth *birth)
{
	bool initialised = birth->there.initialised;

	if (initialised && !invocation->wipe) {
		fprintf(stderr,
			"claviger: it is initialised already, with %u keys of ours on it: all of "
			"that would be destroyed. Where it is meant: --wipe\n",
			birth->there.keys);
		return false;
	}
	if (initialised)
		fputs("It is initialised: ALL that is on it will be destroyed, whoever's it is\n",
		      stderr);
	else
		fputs("It is empty: nothing that could be lost is on it\n", stderr);
	if (invocation->yes ||
	    ask_yes(initialised ? "Destroy what is on token %s?" : "Initialise token %s?",
		    birth->token))
		return true;
	fputs("claviger: nothing was done\n", stderr);
	return false;
}

/* The same twice, as the token wants it; -EINVAL where it doesn't, -EKEYREJECTED. */
static int ask_twice(const char *what, const struct pin_rule *rule, struct secret *ret)
{
	_cleanup_(secret_done) struct secret first = {}, second = {};
	_cleanup_(freep) char *words = NULL, *prompt = NULL;
	int r;

	r = pin_rule_text(rule, &words);
	if (r == 0)
		r = text_format(&prompt, "%s (%s)", what, words);
	if (r == 0)
		r = ask_secret(prompt, &first);
	if (r < 0)
		return r;
	if (!pin_rule_fits(rule, span_of_secret(first))) {
		fprintf(stderr, "claviger: the token wants %s\n", words);
		return -EINVAL;
	}
	r = ask_secret("Once more", &second);
	if (r < 0)
		return r;
	if (!span_equal_secretly(span_of_secret(first), span_of_secret(second))) {
		fputs("claviger: the two are not the same\n", stderr);
		return -EKEYREJECTED;
	}
	*ret = TAKE_STRUCT(first);
	return 0;
}

#define ATTEMPTS 3

/* Who mistypes at a terminal is asked again. */
static int ask_new_pin(const char *what, const struct pin_rule *rule, struct secret *ret)
{
	int attempts = isatty(STDIN_FILENO) ? ATTEMPTS : 1, r;

	do
		r = ask_twice(what, rule, ret);
	while ((r == -EINVAL || r == -EKEYREJECTED) && --attempts);
	return r;
}

static enum command_status ask_pins(struct birth *birth)
{
	const struct ipc_token_surveyed *there = &birth->there;
	const struct pin_rule so_rule = {there->so_least, there->so_most, there->so_hex};
	const struct pin_rule rule = {there->pin_least, there->pin_most, there->pin_hex};
	int r;

	if (there->pad) {
		fputs("Type what the token's own pad asks for: the SO PIN, the same once more to "
		      "log in, and the new PIN\n",
		      stderr);
		return COMMAND_DONE;
	}
	r = ask_new_pin(there->initialised ? "SO PIN that it has" : "New SO PIN", &so_rule,
			&birth->so_pin);
	if (r == 0)
		r = ask_new_pin("New PIN", &rule, &birth->pin);
	if (r == 0)
		return COMMAND_DONE;
	if (r == -EINVAL || r == -EKEYREJECTED)
		fputs("claviger: nothing was done\n", stderr);
	else
		fprintf(stderr, "claviger: %s: nothing was done\n",
			r == -ENODATA ? "a PIN is missing" : strerror(-r));
	return COMMAND_FAILED;
}

static const struct {
	const char *pin; /* as PIN= has it; NULL: a path or a credential */
	const char *next;
} nexts[] = {
	{"ask", "It is logged in. After each start: claviger token login %s, or enable "
		"claviger-token-ask@%s.path, which has systemd's agents ask\n"},
	{"pinpad", "Next: claviger token login %s, then type the PIN on its pad\n"},
	{NULL, "It is logged in. For each later start the PIN must lie where PIN= of [Token %s] "
	       "says, read by nobody else\n"},
};

static void tell_what_is_next(const struct birth *birth, const struct conf *conf)
{
	const struct conf_token *row = conf_find_token(conf, birth->token);
	const char *pin = row && row->pin ? row->pin : "ask";
	size_t i = 0;

	while (nexts[i].pin && strcmp(nexts[i].pin, pin) != 0)
		i++;
	printf("Token %s is initialised, its label is %s. Its SO PIN is needed only to unlock a "
	       "locked PIN: keep it apart.\n",
	       birth->token, birth->label);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	printf(nexts[i].next, birth->token, birth->token);
#pragma GCC diagnostic pop
	puts("Then: claviger server create LABEL");
}

static enum command_status deliver(const struct invocation *invocation, const struct birth *birth)
{
	const struct ipc_token_init message = {
		.so_pin = span_of_secret(birth->so_pin),
		.pin = span_of_secret(birth->pin),
		.label = span_of_text(birth->label),
		.wipe = birth->there.initialised ? birth->there.serial : (struct span){},
	};
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	enum command_status status;

	status = connection_call_token(invocation, birth->token, IPC_TOKEN_INIT, &message);
	if (status || invocation->json)
		return status;
	status = connection_load_config(invocation, &conf);
	if (!status)
		tell_what_is_next(birth, conf);
	return status;
}

enum command_status token_init_run(const struct invocation *invocation)
{
	_cleanup_(birth_done) struct birth birth = {
		.token = invocation->arguments[0],
		.label = invocation->arguments[1],
	};
	enum command_status status;

	if (strlen(birth.label) > 32) {
		fputs("claviger: a token's label has at most 32 bytes\n", stderr);
		return COMMAND_MISUSE;
	}
	status = look(invocation, &birth);
	if (status)
		return status;
	tell_what_is_there(&birth);
	if (!may_begin(invocation, &birth))
		return COMMAND_FAILED;
	status = ask_pins(&birth);
	return status ? status : deliver(invocation, &birth);
}
