/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/key-words.h"
#include "daemon/base/crypto.h"
#include "daemon/base/text.h"
#include "daemon/conf/server-key.h"
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a word sets; @value: the word after it, where it takes one. */
static void set_usage(struct key_words *words, const char *word, const char *value)
{
	(void)value;
	words->usage = !strcmp(word, "usage-keys")   ? KEY_WORDS_BOTH
		       : !strcmp(word, "signature")  ? KEY_USAGE_SIGNATURE
		       : !strcmp(word, "encryption") ? KEY_USAGE_ENCRYPTION
						     : KEY_USAGE_GENERAL;
}

static void set_exportable(struct key_words *words, const char *word, const char *value)
{
	(void)word, (void)value;
	words->exportable = true;
}

static void set_label(struct key_words *words, const char *word, const char *value)
{
	(void)word;
	words->label = value;
}

static void set_bits(struct key_words *words, const char *word, const char *value)
{
	(void)word;
	if (text_read_number(span_of_text(value), 1, 65535, &words->bits) < 0)
		words->bits = -1;
}

static void set_format(struct key_words *words, const char *word, const char *value)
{
	(void)value;
	words->format = word;
}

static void set_form(struct key_words *words, const char *word, const char *value)
{
	(void)value;
	words->form = word;
}

static void set_terminal(struct key_words *words, const char *word, const char *value)
{
	(void)word, (void)value;
	words->terminal = true;
}

static void set_file(struct key_words *words, const char *word, const char *value)
{
	(void)word;
	if (words->n_files < (int)ELEMENTS(words->files))
		words->files[words->n_files++] = value;
}

/* The same name twice is one; another is set apart, to be refused. */
static void set_token(struct key_words *words, const char *word, const char *value)
{
	size_t size = strlen(value);

	(void)word;
	if (size && value[size - 1] == ':')
		size--;
	if (words->token &&
	    (strlen(words->token) != size || strncmp(words->token, value, size) != 0)) {
		words->token = "";
		return;
	}
	(void)snprintf(words->token_buffer, sizeof(words->token_buffer), "%.*s", (int)size, value);
	words->token = words->token_buffer;
}

static const struct row {
	const char *word;
	bool takes, for_files; /* takes a value; of import and export alone */
	void (*set)(struct key_words *words, const char *word, const char *value);
} rows[] = {
	{"general-keys", false, false, set_usage},
	{"usage-keys", false, false, set_usage},
	{"signature", false, false, set_usage},
	{"encryption", false, false, set_usage},
	{"exportable", false, false, set_exportable},
	{"label", true, false, set_label},
	{"modulus", true, false, set_bits},
	{"on", true, false, set_token},
	{"storage", true, false, set_token},
	{"pem", false, true, set_format},
	{"p12", false, true, set_format},
	{"pkcs12", false, true, set_format},
	{"3des", false, true, set_form},
	{"des", false, true, set_form},
	{"aes", false, true, set_form},
	{"terminal", false, true, set_terminal},
	{"url", true, true, set_file},
	{"file", true, true, set_file},
};

static const struct row *find_row(const char *word, bool files)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		if (!strcmp(rows[i].word, word) && (files || !rows[i].for_files))
			return &rows[i];
	}
	return NULL;
}

static enum command_status misuse(const char *format, const char *word)
{
	fputs("claviger: ", stderr);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	fprintf(stderr, format, word);
#pragma GCC diagnostic pop
	fputc('\n', stderr);
	return COMMAND_MISUSE;
}

/* A word that is no row's: the label, then files. */
static enum command_status take_bare(struct key_words *words, const char *word, bool files)
{
	if (!words->label)
		words->label = word;
	else if (files && words->n_files < (int)ELEMENTS(words->files))
		words->files[words->n_files++] = word;
	else
		return misuse("\"%s\" is no word of this command, and a label is there already",
			      word);
	return COMMAND_DONE;
}

static const char *const roles[] = {"", "ca", "exchange", "identity", "audit"};

static enum command_status read_options(const struct invocation *invocation,
					struct key_words *words)
{
	if (invocation->on)
		set_token(words, "on", invocation->on);
	if (invocation->bits)
		set_bits(words, "bits", invocation->bits);
	words->exportable = words->exportable || invocation->exportable;
	for (int i = 1; invocation->role && i < (int)ELEMENTS(roles); i++) {
		if (!strcmp(roles[i], invocation->role))
			words->role = i;
	}
	if (invocation->role && !words->role)
		return misuse("--role %s: must be ca, exchange, identity or audit",
			      invocation->role);
	if (words->bits < 0)
		return misuse("%s: must be a number of bits", "modulus");
	if (words->token && !*words->token)
		return misuse("%s", "a key is kept where it was made: \"on\" and \"storage\" must "
				    "name the same token");
	return COMMAND_DONE;
}

enum command_status key_words_read(const struct invocation *invocation, bool files,
				   struct key_words *ret)
{
	enum command_status status = COMMAND_DONE;

	*ret = (struct key_words){0};
	for (int i = 0; i < invocation->n_arguments && !status; i++) {
		const char *word = invocation->arguments[i];
		const struct row *row = find_row(word, files);

		if (!row)
			status = take_bare(ret, word, files);
		else if (row->takes && i + 1 == invocation->n_arguments)
			status = misuse("\"%s\" needs a word after it", word);
		else
			row->set(ret, word, row->takes ? invocation->arguments[++i] : NULL);
	}
	return status ? status : read_options(invocation, ret);
}

enum command_status key_words_default_label(struct key_words *words)
{
	struct addrinfo hints = {.ai_flags = AI_CANONNAME}, *found = NULL;
	char name[sizeof(words->label_buffer)];

	if (words->label)
		return COMMAND_DONE;
	if (gethostname(name, sizeof(name)) < 0)
		return COMMAND_FAILED;
	name[sizeof(name) - 1] = 0;
	if (getaddrinfo(name, NULL, &hints, &found) == 0 && found->ai_canonname)
		(void)snprintf(name, sizeof(name), "%s", found->ai_canonname);
	if (found)
		freeaddrinfo(found);
	memcpy(words->label_buffer, name, sizeof(name));
	words->label = words->label_buffer;
	return COMMAND_DONE;
}

enum command_status key_words_default_token(const struct invocation *invocation,
					    struct key_words *words)
{
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	const struct conf_server *server;
	enum command_status status;
	const char *token = NULL;

	if (words->token)
		return COMMAND_DONE;
	status = connection_load_config(invocation, &conf);
	if (status)
		return status;
	server = words->label ? conf_find_server_of_key(conf, words->label) : NULL;
	if (server)
		token = conf_server_first_token(server);
	else if (conf->n_tokens == 1)
		token = conf->tokens[0].name;
	if (!token) {
		fputs("claviger: which token? name it with --on\n", stderr);
		return COMMAND_MISUSE;
	}
	set_token(words, "token", token);
	return COMMAND_DONE;
}

void key_entry_done(struct key_entry *entry)
{
	ipc_packet_done(&entry->packet);
	*entry = (struct key_entry){0};
}

int key_entry_at(const struct invocation *invocation, const char *token, unsigned position,
		 struct key_entry *ret)
{
	struct ipc_token_key ask = {.position = (uint16_t)position};
	struct key_entry entry = {0};
	int status = connection_ask_token(invocation, token, IPC_TOKEN_KEY, &ask, &entry.packet);

	if (status && connection_token_has_none(&entry.packet))
		status = KEY_ENTRY_NONE;
	else if (status)
		status = connection_token_failed(token, &entry.packet);
	else if (ipc_decode(entry.packet.content, IPC_TOKEN_KEY_INFO, &entry.info) < 0)
		status = COMMAND_FAILED;
	if (status) {
		key_entry_done(&entry);
		return status;
	}
	sha256(entry.info.spki, entry.sha256);
	*ret = entry;
	return COMMAND_DONE;
}

bool key_entry_has_label(const struct key_entry *entry, const char *label)
{
	return span_equal(entry->info.label, span_of_text(label));
}

int key_entry_find(const struct invocation *invocation, const char *token, const char *label,
		   int usage, struct key_entry *ret)
{
	for (unsigned i = 0;; i++) {
		struct key_entry entry;
		int status = key_entry_at(invocation, token, i, &entry);

		if (status)
			return status;
		if (key_entry_has_label(&entry, label) && (!usage || entry.info.usage == usage)) {
			*ret = entry;
			return COMMAND_DONE;
		}
		key_entry_done(&entry);
	}
}
