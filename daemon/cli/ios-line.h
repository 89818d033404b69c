/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A line of an IOS certificate server's or trustpoint's configuration turned into options of ours,
 * by the rows of ios-lines.def and ios-lines-trustpoint.def. Pure. It doesn't judge the values: the
 * configuration's own reader does.
 */

#include "daemon/cli/grammar.h"
#include "daemon/conf/option.h"

/* Whose line it is: what it sets is an option of the section of the same name. */
enum ios_block { IOS_BLOCK_SERVER, IOS_BLOCK_TRUSTPOINT };
#define IOS_BLOCKS 2
enum conf_section ios_block_section(enum ios_block block);
/* The block of the words `crypto pki server LABEL` or `crypto pki trustpoint NAME`; false for
 * others. */
bool ios_block_find(char *const *words, int n, enum ios_block *ret);

enum ios_password { IOS_PASSWORD_NONE, IOS_PASSWORD_CLEAR, IOS_PASSWORD_OBSCURED };

/* Another option that the same line sets. */
struct ios_setting {
	const char *option;
	char *value; /* owned */
};

struct ios_line {
	const char *option; /* "CRLLifetime"; NULL: none is needed, note says why */
	char *value;	    /* as configured, owned; NULL: back to the default */
	const char *note;   /* of a line without option, or why one is refused */
	struct ios_setting also[2];
	size_t n_also;
	bool is_secret; /* nothing but a password: value says nothing */
	char *user;	/* that goes with it, owned, or NULL */
	enum ios_password password_kind;
	const char *password; /* borrowed from the words; as written, which may be obscured */
	const char *password_option; /* where its file is named: "ArchivePassword" */
};

/*
 * Reads the words of one line.
 *
 * Returns 0; IOS_LINE_UNKNOWN where no row is like it, IOS_LINE_REFUSED where note of @ret says why
 * it can't be had; -ENOMEM.
 */
enum ios_line_outcome { IOS_LINE_UNKNOWN = 1, IOS_LINE_REFUSED };
_checked_ int ios_line_read(enum ios_block block, char *const *words, int n, struct ios_line *ret);
void ios_line_done(struct ios_line *line);

/* The way back: the line that says @option=@value (one item, where it is a list), appended; a
 * rollover's overlap as "90d" or "0d 0h 10m". 0; IOS_LINE_NONE where IOS has no such line; -ENOMEM.
 */
enum ios_line_write_outcome { IOS_LINE_NONE = 1 };
_checked_ int ios_line_write(enum ios_block block, const char *option, struct span value,
			     struct buffer *out);

/* A row of one of the tables. */
struct ios_line_row {
	const char *pattern;
	const char *option; /* NULL: note alone */
	const char *value;  /* a template; NULL: back to the default */
	const char *note;
	const char *more[4];  /* further options, each with its value behind it; NULL: no more */
	const char *alike[2]; /* captures that must be the same word, else note refuses it; NULL:
				 none */
	bool is_refused, is_secret;
};
/* The rows in their order; NULL from their number on. Borrowed. */
const struct ios_line_row *ios_line_at(enum ios_block block, size_t i);
