/* SPDX-License-Identifier: Apache-2.0 */
/* `key import` and `key export`. */
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/cli/key-files.h"
#include "daemon/cli/key.h"
#include <stdio.h>
#include <string.h>

static enum command_status import_one(const struct invocation *invocation,
				      const struct key_words *words, int usage,
				      struct span passphrase)
{
	_cleanup_(buffer_done) struct buffer content = {};
	struct ipc_token_import message = {
		.role = (uint8_t)words->role,
		.usage = (uint8_t)usage,
		.exportable = words->exportable ? KEY_EXPORTABLE_ALWAYS : KEY_EXPORTABLE_NEVER,
		.label = span_of_text(words->label),
		.passphrase = passphrase,
	};
	enum command_status status;
	int r = key_files_read(words, usage, &content);

	if (r < 0 || content.size > KEY_FILES_MOST) {
		fputs("claviger: nothing was imported\n", stderr);
		return COMMAND_FAILED;
	}
	message.content = span_of_buffer(&content);
	status = connection_call_token(invocation, words->token, IPC_TOKEN_IMPORT, &message);
	if (!status)
		printf("imported %s%s to token %s%s\n", words->label, key_usage_suffix(usage),
		       words->token,
		       words->exportable ? ", exportable" : ", not exportable from here on");
	return status;
}

/* As generate's: another key under the label is not replaced by an import. */
static enum command_status check_free(const struct invocation *invocation,
				      const struct key_words *words, int usage)
{
	_cleanup_(key_entry_done) struct key_entry entry = {0};
	int status = key_entry_find(invocation, words->token, words->label, usage, &entry);

	if (status == KEY_ENTRY_NONE)
		return COMMAND_DONE;
	if (!status)
		fprintf(stderr,
			"claviger: there is a key named %s on token %s already: claviger key "
			"zeroize %s\n",
			words->label, words->token, words->label);
	return COMMAND_FAILED;
}

static enum command_status misuse(const char *text)
{
	fprintf(stderr, "claviger: %s\n", text);
	return COMMAND_MISUSE;
}

enum command_status key_import(const struct invocation *invocation)
{
	_cleanup_(secret_done) struct secret passphrase = {};
	struct key_words words;
	enum command_status status = key_words_read(invocation, true, &words);
	int first, last;

	if (status)
		return status;
	if (!words.label || strlen(words.label) > 128 || (!words.terminal && !words.n_files))
		return misuse(
			"which key, and from where? LABEL pem FILE…, LABEL p12 FILE, or LABEL "
			"pem terminal");
	status = key_words_default_token(invocation, &words);
	if (status)
		return status;
	if (!words.role)
		words.role = 3; /* identity: a CA's comes by `restore` */
	first = words.usage == KEY_WORDS_BOTH ? KEY_USAGE_SIGNATURE
		: words.usage		      ? words.usage
					      : KEY_USAGE_GENERAL;
	last = words.usage == KEY_WORDS_BOTH ? KEY_USAGE_ENCRYPTION : first;
	for (int usage = first; usage <= last && !status; usage++)
		status = check_free(invocation, &words, usage);
	if (!status &&
	    key_ask_passphrase(invocation, "Passphrase of the private key", false, &passphrase) < 0)
		return COMMAND_FAILED;
	for (int usage = first; usage <= last && !status; usage++)
		status = import_one(invocation, &words, usage, span_of_secret(passphrase));
	return status;
}

/* Export. */

static enum command_status write_out(const struct key_words *words, const struct key_entry *entry,
				     struct span private)
{
	_cleanup_(buffer_done) struct buffer public = {};

	text_append_pem(&public, "PUBLIC KEY", entry->info.spki);
	if (!words->n_files) {
		printf("%% Key name: %s\n   Usage: %s\n   Key data:\n%.*s%.*s", words->label,
		       key_usage_words(entry->info.usage), (int)public.size,
		       (const char *)public.data, (int)private.size, (const char *)private.data);
		return COMMAND_DONE;
	}
	if (key_files_write(words->files[0], entry->info.usage, "pub", span_of_buffer(&public),
			    0644) < 0 ||
	    (private.size &&
	     key_files_write(words->files[0], entry->info.usage, "prv", private, 0600) < 0))
		return COMMAND_FAILED;
	return COMMAND_DONE;
}

static enum command_status export_one(const struct invocation *invocation,
				      const struct key_words *words, const struct key_entry *entry,
				      struct span passphrase)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_token_export message = {
		.key = SPAN_ARRAY(entry->sha256),
		.form = (uint8_t)(words->form ? key_form_find(span_of_text(words->form))
					      : KEY_FORM_PEM_AES),
		.passphrase = passphrase,
	};
	struct ipc_token_exported exported;

	if (invocation->public_only)
		return write_out(words, entry, (struct span){});
	if (connection_ask_token(invocation, words->token, IPC_TOKEN_EXPORT, &message, &packet))
		return connection_token_failed(words->token, &packet);
	if (ipc_decode(packet.content, IPC_TOKEN_EXPORTED, &exported) < 0)
		return COMMAND_FAILED;
	return write_out(words, entry, exported.content);
}

/* The public half of every key may be known; a private one is refused before its passphrase is
 * asked. */
static bool may_leave(const struct invocation *invocation, const struct key_entry *entry)
{
	if (invocation->public_only || entry->info.exportable == KEY_EXPORTABLE_ALWAYS)
		return true;
	fprintf(stderr, "claviger: %.*s: %s %s; --public writes its public key\n",
		(int)entry->info.label.size, (const char *)entry->info.label.data,
		key_exportable_words(entry->info.exportable),
		entry->info.exportable == KEY_EXPORTABLE_WRAPPED
			? "claviger token backup makes such a copy"
			: "It never leaves its token, and no copy of it can be made");
	return false;
}

/* Each pair with this label. */
static enum command_status export_all(const struct invocation *invocation,
				      const struct key_words *words)
{
	_cleanup_(secret_done) struct secret passphrase = {};
	unsigned found = 0;

	for (unsigned i = 0;; i++) {
		_cleanup_(key_entry_done) struct key_entry entry = {0};
		int status = key_entry_at(invocation, words->token, i, &entry);

		if (status == KEY_ENTRY_NONE)
			break;
		if (status)
			return (enum command_status)status;
		if (!key_entry_has_label(&entry, words->label))
			continue;
		if (!may_leave(invocation, &entry))
			return COMMAND_FAILED;
		if (!found++ && !invocation->public_only &&
		    key_ask_passphrase(invocation, "Passphrase to protect the private key", true,
				       &passphrase) < 0)
			return COMMAND_FAILED;
		status = (int)export_one(invocation, words, &entry, span_of_secret(passphrase));
		if (status)
			return (enum command_status)status;
	}
	if (!found)
		fprintf(stderr, "claviger: no key named %s on token %s (claviger key list)\n",
			words->label, words->token);
	return found ? COMMAND_DONE : COMMAND_FAILED;
}

enum command_status key_export(const struct invocation *invocation)
{
	struct key_words words;
	enum command_status status = key_words_read(invocation, true, &words);

	if (status)
		return status;
	if (!words.label || (!words.terminal && !words.n_files))
		return misuse("which key, and whereto? LABEL pem {terminal|FILE} [3des|des|aes]");
	if (words.format && strcmp(words.format, "pem") != 0)
		return misuse("a key is exported as pem; a server's archive can be PKCS#12 "
			      "(Archive=)");
	status = key_words_default_token(invocation, &words);
	return status ? status : export_all(invocation, &words);
}
