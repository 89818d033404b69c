/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * IOS EXEC commands turned into ours, by the rows of commands-ios.def; lines of a server's or a
 * trustpoint's configuration after `crypto pki server LABEL` or `crypto pki trustpoint NAME` become
 * `config set`. Pure but for the heap.
 */

#include "daemon/base/bytes.h"

#define IOS_COMMAND_WORDS 40

struct ios_command {
	char *words[IOS_COMMAND_WORDS]; /* ours, options among them; into text */
	int n_words;
	char *text;
	struct buffer why; /* what is wrong, one line or more, where it isn't one of ours */
};

/*
 * Reads @words as IOS would.
 *
 * Returns 0; IOS_COMMAND_OTHER where the first word is none of IOS's, IOS_COMMAND_WRONG where it is
 * and `why` of @ret says what is wrong or what to do instead; -ENOMEM. @ret is the caller's in any
 * case, by ios_command_done().
 */
enum ios_command_outcome { IOS_COMMAND_OTHER = 1, IOS_COMMAND_WRONG };
_checked_ int ios_command_read(char *const *words, int n, struct ios_command *ret);
void ios_command_done(struct ios_command *command);

/* A row of commands-ios.def; template NULL where it is done elsewhere. */
struct ios_command_row {
	const char *pattern;
	const char *template;
	const char *why;
};
/* The rows in their order; NULL from their number on. Borrowed. */
const struct ios_command_row *ios_command_at(size_t i);
