/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The words of `key generate` and its like, as IOS has them, "usage-keys label NAME exportable
 * modulus 2048 on usbtoken0:", and the options that mean the same; which token is meant, and what
 * is on it.
 */

#include "daemon/cli/connection.h"
#include "daemon/ipc/keys.h"

/* Two pairs under one label: for signatures, and for encryption. */
#define KEY_WORDS_BOTH 100

struct key_words {
	int usage;		   /* enum key_usage; KEY_WORDS_BOTH; 0 where none was said */
	int role;		   /* of policy/charter.h; 0: what the configuration says */
	const char *label, *token; /* NULL where none was said */
	int64_t bits;		   /* 0 where none was said */
	bool exportable;
	/* import and export */
	const char *format; /* "pem", "p12"; NULL */
	const char *form;   /* "3des", "des", "aes"; NULL */
	bool terminal;
	const char *files[8];
	int n_files;
	char label_buffer[256]; /* the host's name, where it is the label */
	char token_buffer[65];
};

/* Reads the words from @invocation's argument number @first on, and the options. @files: words that
 * are no others are files once a label is there. COMMAND_MISUSE, with what is wrong printed. */
enum command_status key_words_read(const struct invocation *invocation, bool files,
				   struct key_words *ret);
/* Sets the label to this host's full name where none was said. COMMAND_FAILED. */
enum command_status key_words_default_label(struct key_words *words);
/* Sets the token where none was said: that of the server with this label, else the only one of the
 * configuration. COMMAND_FAILED, printed. */
enum command_status key_words_default_token(const struct invocation *invocation,
					    struct key_words *words);

/* A key on a token, as its process tells. Its members are the caller's to free by
 * key_entry_done(). */
struct key_entry {
	struct ipc_packet packet; /* what @info borrows from */
	struct ipc_token_key_info info;
	uint8_t sha256[32]; /* the key's name between programs */
};
void key_entry_done(struct key_entry *entry);
/* The key at this position from 0; KEY_ENTRY_NONE past the last, else a command_status. */
#define KEY_ENTRY_NONE 100
int key_entry_at(const struct invocation *invocation, const char *token, unsigned position,
		 struct key_entry *ret);
/* The key with this label, and of this usage where it isn't 0. The same. */
int key_entry_find(const struct invocation *invocation, const char *token, const char *label,
		   int usage, struct key_entry *ret);
bool key_entry_has_label(const struct key_entry *entry, const char *label);
