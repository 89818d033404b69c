/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/key.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/print.h"
#include <stdio.h>
#include <string.h>

const char *key_usage_suffix(int usage)
{
	return usage == KEY_USAGE_SIGNATURE    ? " (signature)"
	       : usage == KEY_USAGE_ENCRYPTION ? " (encryption)"
					       : "";
}

static int ask_twice(const char *prompt, struct secret *ret)
{
	_cleanup_(secret_done) struct secret first = {}, second = {};
	int r = ask_secret(prompt, &first);

	if (r == 0 && first.size)
		r = ask_secret("Re-enter password", &second);
	if (r == 0 && first.size &&
	    !span_equal_secretly(span_of_secret(first), span_of_secret(second))) {
		fputs("claviger: the two are not the same: nothing was done\n", stderr);
		return -EKEYREJECTED;
	}
	if (r == 0)
		*ret = TAKE_STRUCT(first);
	return r;
}

int key_ask_passphrase(const struct invocation *invocation, const char *prompt, bool new_one,
		       struct secret *ret)
{
	int r;

	if (invocation->passphrase_file) {
		r = file_read_secret(invocation->passphrase_file, 256, ret);
		if (r < 0)
			fprintf(stderr, "claviger: %s: %s\n", invocation->passphrase_file,
				file_error_text(r));
		return r;
	}
	r = new_one ? ask_twice(prompt, ret) : ask_secret(prompt, ret);
	if (r == -ENODATA || (r == 0 && ret->size == 0)) {
		fputs("claviger: no passphrase: nothing was done\n", stderr);
		return -ECANCELED;
	}
	if (r < 0 && r != -EKEYREJECTED)
		fprintf(stderr, "claviger: the passphrase: %s\n", strerror(-r));
	return r;
}

/* The server whose generations hold this key; NULL where there is none. */
static const char *find_user(const json_t *answer, const struct key_entry *entry)
{
	_cleanup_(buffer_done) struct buffer name = {};
	const json_t *key;
	size_t i;

	text_append_hex(&name, SPAN_ARRAY(entry->sha256), false);
	json_array_foreach(json_object_get(answer, "keys"), i, key)
	{
		const char *sha256 = json_string_value(json_object_get(key, "sha256"));

		if (sha256 && span_equal(span_of_text(sha256), span_of_buffer(&name)))
			return json_string_value(json_object_get(key, "server"));
	}
	return NULL;
}

bool key_is_in_use(const struct invocation *invocation, const char *token,
		   const struct key_entry *entry)
{
	_cleanup_(control_jsonp) json_t *parameters = json_pack("{s:s}", "token", token);
	_cleanup_(control_jsonp) json_t *answer = NULL;
	const char *server;

	if (!entry->info.not_after_s)
		return false;
	if (connection_call(invocation, CONTROL_KEY_LIST, parameters, &answer)) {
		fprintf(stderr,
			"claviger: %.*s signed a CA certificate, and clavigerd can't be asked "
			"whether a server still uses it\n",
			(int)entry->info.label.size, (const char *)entry->info.label.data);
		return true;
	}
	server = find_user(answer, entry);
	if (server)
		fprintf(stderr,
			"claviger: this is the CA key of server %s: delete the server first "
			"(claviger server delete %s)\n",
			server, server);
	return server;
}

/* Which pairs are made: one, or the two of usage-keys. */
struct pairs {
	int usages[2];
	int n;
};

static struct pairs pairs_of(const struct key_words *words)
{
	if (words->usage == KEY_WORDS_BOTH)
		return (struct pairs){{KEY_USAGE_SIGNATURE, KEY_USAGE_ENCRYPTION}, 2};
	return (struct pairs){{words->usage ? words->usage : KEY_USAGE_GENERAL}, 1};
}

/* Whether a key that is there stands in the way of one of this usage. */
static bool stands_in_way(const struct key_entry *entry, const struct key_words *words)
{
	if (!key_entry_has_label(entry, words->label))
		return false;
	return entry->info.usage == KEY_USAGE_GENERAL ||
	       pairs_of(words).usages[0] == KEY_USAGE_GENERAL || words->usage == KEY_WORDS_BOTH ||
	       entry->info.usage == words->usage;
}

/* The next key in the way, from @position on; KEY_ENTRY_NONE. */
static int next_in_way(const struct invocation *invocation, const struct key_words *words,
		       unsigned *position, struct key_entry *ret)
{
	for (;; (*position)++) {
		struct key_entry entry;
		int status = key_entry_at(invocation, words->token, *position, &entry);

		if (status)
			return status;
		if (stands_in_way(&entry, words)) {
			*ret = entry;
			return COMMAND_DONE;
		}
		key_entry_done(&entry);
	}
}

/* What is there under the label goes, once asked; a new key is in its place a moment later. */
static enum command_status make_way(const struct invocation *invocation,
				    const struct key_words *words)
{
	bool asked = false;
	unsigned position = 0;

	for (;;) {
		_cleanup_(key_entry_done) struct key_entry entry = {0};
		int status = next_in_way(invocation, words, &position, &entry);

		if (status)
			return status == KEY_ENTRY_NONE ? COMMAND_DONE
							: (enum command_status)status;
		if (key_is_in_use(invocation, words->token, &entry))
			return COMMAND_FAILED;
		if (!asked && !invocation->yes &&
		    !ask_yes("There are RSA keys named %s already. Replace them?", words->label)) {
			fputs("claviger: nothing was done\n", stderr);
			return COMMAND_FAILED;
		}
		asked = true;
		status =
			(int)connection_zeroize(invocation, words->token, SPAN_ARRAY(entry.sha256));
		if (status)
			return (enum command_status)status;
	}
}

static enum command_status generate(const struct invocation *invocation,
				    const struct key_words *words, int usage, struct buffer *spki)
{
	struct ipc_token_generate message = {
		.role = (uint8_t)words->role,
		.usage = (uint8_t)usage,
		.exportable = words->exportable ? KEY_EXPORTABLE_ALWAYS : KEY_EXPORTABLE_NEVER,
		.bits = (uint16_t)words->bits,
		.label = span_of_text(words->label),
	};
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_token_made made;
	enum command_status status = connection_ask_token(invocation, words->token,
							  IPC_TOKEN_GENERATE, &message, &packet);

	if (status)
		return connection_token_failed(words->token, &packet);
	if (ipc_decode(packet.content, IPC_TOKEN_MADE, &made) < 0)
		return COMMAND_FAILED;
	buffer_append(spki, made.spki);
	return COMMAND_DONE;
}

static void tell_made(const struct invocation *invocation, const struct key_words *words, int usage,
		      struct span spki)
{
	_cleanup_(control_jsonp) json_t *made = NULL;
	_cleanup_(buffer_done) struct buffer hex = {};

	text_append_hex(&hex, spki, false);
	made = json_pack("{s:s, s:s, s:s, s:s%}", "label", words->label, "token", words->token,
			 "usage", key_usage_name(usage), "publicKey", hex.data, hex.size);
	if (invocation->json)
		print_json(made);
	else
		printf("made %s%s on token %s%s\n", words->label, key_usage_suffix(usage),
		       words->token, words->exportable ? ", exportable" : "");
}

static bool label_fits(const char *label)
{
	if (strlen(label) <= 128)
		return true;
	fputs("claviger: a label has at most 128 bytes\n", stderr);
	return false;
}

enum command_status key_generate(const struct invocation *invocation)
{
	struct key_words words;
	enum command_status status = key_words_read(invocation, false, &words);
	struct pairs pairs;

	if (!status)
		status = key_words_default_label(&words);
	if (!status)
		status = key_words_default_token(invocation, &words);
	if (!status && !label_fits(words.label))
		return COMMAND_MISUSE;
	if (!status)
		status = make_way(invocation, &words);
	pairs = pairs_of(&words);
	for (int i = 0; i < pairs.n && !status; i++) {
		_cleanup_(buffer_done) struct buffer spki = {};

		status = generate(invocation, &words, pairs.usages[i], &spki);
		if (!status)
			tell_made(invocation, &words, pairs.usages[i], span_of_buffer(&spki));
	}
	return status;
}
