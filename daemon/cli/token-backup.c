/* SPDX-License-Identifier: Apache-2.0 */
/* `token backup` and `token restore`, of token-backup.h. */
#include "daemon/cli/token-backup.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/key.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MOST 65536

/* clavigerd records what the tokens' processes did; who is away makes nothing of it undone. */
static enum command_status tell(const struct invocation *invocation, enum control_method method,
				json_t *parameters, const char *what_to_do)
{
	json_auto_t *given = parameters;
	json_auto_t *answer = NULL;
	enum command_status status =
		given ? connection_call(invocation, method, given, &answer) : COMMAND_FAILED;

	if (status)
		fprintf(stderr, "claviger: it is done, but clavigerd has not recorded it: %s\n",
			what_to_do);
	return COMMAND_DONE;
}

static enum command_status tell_backed_up(const struct invocation *invocation,
					  const struct key_words *words,
					  const struct key_entry *entry, const char *to)
{
	_cleanup_(buffer_done) struct buffer hex = {};

	text_append_hex(&hex, SPAN_ARRAY(entry->sha256), false);
	return tell(invocation, CONTROL_TOKEN_BACKED_UP,
		    hex.error ? NULL
			      : json_pack("{s:s, s:s%, s:s}", "token", words->token, "key",
					  (const char *)hex.data, hex.size, "to", to),
		    "run the same again, to another file where it was one");
}

static enum command_status find(const struct invocation *invocation, const struct key_words *words,
				struct key_entry *ret)
{
	int status = key_entry_find(invocation, words->token, words->label, 0, ret);

	if (status == KEY_ENTRY_NONE)
		fprintf(stderr, "claviger: no key named %s on token %s (claviger key list)\n",
			words->label, words->token);
	return status ? COMMAND_FAILED : COMMAND_DONE;
}

/* Whether the other token holds the key already: then only the record is wanting. */
static bool is_there(const struct invocation *invocation, const char *token,
		     const struct key_entry *entry)
{
	for (unsigned i = 0;; i++) {
		_cleanup_(key_entry_done) struct key_entry one = {0};

		if (key_entry_at(invocation, token, i, &one))
			return false;
		if (one.info.present && !memcmp(one.sha256, entry->sha256, sizeof(entry->sha256)))
			return true;
	}
}

/* The whole backup of this key, in @packet. */
static enum command_status back_up(const struct invocation *invocation,
				   const struct key_words *words, const struct key_entry *entry,
				   struct ipc_packet *packet, struct span *ret)
{
	struct ipc_token_backed_up backed_up;
	struct ipc_token_backup ask = {SPAN_ARRAY(entry->sha256)};

	if (connection_ask_token(invocation, words->token, IPC_TOKEN_BACKUP, &ask, packet))
		return connection_token_failed(words->token, packet);
	if (ipc_decode(packet->content, IPC_TOKEN_BACKED_UP, &backed_up) < 0)
		return COMMAND_FAILED;
	*ret = backed_up.content;
	return COMMAND_DONE;
}

static enum command_status restore(const struct invocation *invocation, const char *token,
				   struct span content, struct buffer *ret_label)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_token_restore ask = {content};
	struct ipc_token_restored restored = {};

	if (connection_ask_token(invocation, token, IPC_TOKEN_RESTORE, &ask, &packet))
		return connection_token_failed(token, &packet);
	if (ipc_decode(packet.content, IPC_TOKEN_RESTORED, &restored) < 0)
		return COMMAND_FAILED;
	printf("restored %.*s to token %s, wrappable as it was\n", (int)restored.label.size,
	       (const char *)restored.label.data, token);
	buffer_append(ret_label, restored.label);
	return COMMAND_DONE;
}

/* What is there may be the only backup of another key; asked before one is made. */
static bool is_in_the_way(const char *path)
{
	struct stat st;

	if (!path || stat(path, &st) < 0)
		return false;
	fprintf(stderr, "claviger: %s: is there already, and is not written over\n", path);
	return true;
}

static enum command_status write_file(const struct key_words *words, struct span content)
{
	const char *path = words->files[0];
	int r = file_write_atomically(path, content, 0600);

	if (r < 0) {
		fprintf(stderr, "claviger: %s: %s\n", path, file_error_text(r));
		return COMMAND_FAILED;
	}
	printf("backed up %s to %s: it opens on tokens that share the wrapping key of %s alone\n",
	       words->label, path, words->token);
	return COMMAND_DONE;
}

static enum command_status to_file(const struct invocation *invocation,
				   const struct key_words *words, const struct key_entry *entry)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct span content = {};
	enum command_status status = back_up(invocation, words, entry, &packet, &content);

	if (!status)
		status = write_file(words, content);
	return status ? status : tell_backed_up(invocation, words, entry, words->files[0]);
}

static enum command_status to_token(const struct invocation *invocation,
				    const struct key_words *words, const struct key_entry *entry)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	_cleanup_(buffer_done) struct buffer label = {};
	_cleanup_(freep) char *to = NULL;
	enum command_status status = COMMAND_DONE;
	struct span content = {};

	if (text_format(&to, "token %s", invocation->to) < 0)
		return COMMAND_FAILED;
	if (is_there(invocation, invocation->to, entry)) {
		printf("%s is on token %s already\n", words->label, invocation->to);
	} else {
		status = back_up(invocation, words, entry, &packet, &content);
		if (!status)
			status = restore(invocation, invocation->to, content, &label);
	}
	return status ? status : tell_backed_up(invocation, words, entry, to);
}

enum command_status token_backup_run(const struct invocation *invocation)
{
	_cleanup_(key_entry_done) struct key_entry entry = {0};
	struct key_words words;
	enum command_status status = key_words_read(invocation, true, &words);

	if (!status && (!words.label || (words.n_files == 1) == (invocation->to != NULL))) {
		fputs("claviger: which key, and whereto? LABEL FILE, or LABEL --to TOKEN\n",
		      stderr);
		return COMMAND_MISUSE;
	}
	if (!status)
		status = key_words_default_token(invocation, &words);
	if (!status && invocation->to && !strcmp(invocation->to, words.token)) {
		fprintf(stderr, "claviger: the key is on token %s already\n", words.token);
		return COMMAND_FAILED;
	}
	if (!status && is_in_the_way(words.files[0]))
		return COMMAND_FAILED;
	if (!status)
		status = find(invocation, &words, &entry);
	if (status)
		return status;
	return invocation->to ? to_token(invocation, &words, &entry)
			      : to_file(invocation, &words, &entry);
}

enum command_status token_restore_run(const struct invocation *invocation)
{
	_cleanup_(bytes_done) struct bytes content = {};
	_cleanup_(buffer_done) struct buffer label = {};
	const char *token = invocation->arguments[0];
	int r = file_read(invocation->arguments[1], FILE_MOST, &content);
	enum command_status status;

	if (r < 0) {
		fprintf(stderr, "claviger: %s: %s\n", invocation->arguments[1],
			r == -EFBIG ? "is no backup of a key" : file_error_text(r));
		return COMMAND_FAILED;
	}
	status = restore(invocation, token, span_of(content), &label);
	if (status)
		return status;
	return tell(invocation, CONTROL_TOKEN_RESTORED,
		    label.error ? NULL
				: json_pack("{s:s, s:s%}", "token", token, "label",
					    (const char *)label.data, label.size),
		    "the audit lacks it");
}
