/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys on tokens, by hand: the command speaks to the token's process itself, since clavigerd may
 * neither let a key out nor destroy one before its time. A private key comes and goes encrypted;
 * the passphrase is asked, or read from a file, and is on no command line.
 */

#include "daemon/cli/key-words.h"

enum command_status key_generate(const struct invocation *invocation);
enum command_status key_zeroize(const struct invocation *invocation);
enum command_status key_import(const struct invocation *invocation);
enum command_status key_export(const struct invocation *invocation);

/* "LABEL" or, for the second of two pairs under one label, "LABEL encryption" in words for people.
 */
const char *key_usage_suffix(int usage);

/* The passphrase from --passphrase-file, else asked: @prompt; twice where it is a new one. An empty
 * one gives up: -ECANCELED. What went wrong is printed. */
_checked_ int key_ask_passphrase(const struct invocation *invocation, const char *prompt,
				 bool new_one, struct secret *ret);
/* Whether a server uses this key, as clavigerd says; its label is printed with what to do. A key
 * that never signed a CA certificate is used by none. */
bool key_is_in_use(const struct invocation *invocation, const char *token,
		   const struct key_entry *entry);
