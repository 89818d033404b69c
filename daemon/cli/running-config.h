/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The lines of an IOS running-config, each with the block that it stands in. Pure. Certificates in
 * hex and the text of banners are nobody's lines; what is not of a server or a trustpoint is passed
 * over and counted.
 */

#include "daemon/base/bytes.h"
#include "daemon/cli/ios-line.h"

#define RUNNING_CONFIG_MOST	  ((size_t)4 << 20) /* bytes; IOS itself has room for far less */
#define RUNNING_CONFIG_LINE_WORDS 64

enum running_block { RUNNING_OTHER, RUNNING_SERVER, RUNNING_TRUSTPOINT };
/* Of one of the latter two. */
enum ios_block running_block_of(enum running_block block);

struct running_line {
	unsigned number;  /* from 1 */
	struct span text; /* without the blanks around it */
	enum running_block block;
	bool opens;				/* it names the block: `crypto pki server LABEL` */
	char *words[RUNNING_CONFIG_LINE_WORDS]; /* NUL-ended, into the reader; the rest is cut off
						 */
	int n_words;
};

struct running_config {
	struct span rest;
	unsigned number;
	enum running_block block;
	char banner[3]; /* what ends the banner that is being passed over; "" where there is none */
	struct buffer scratch;
	unsigned n_ignored; /* lines of no interest so far */
};

/* Whether this can be a running-config at all: text without NUL bytes. */
bool running_config_is_text(struct span text);
/* Begins with @text, which outlives the reader. */
void running_config_init(struct running_config *reader, struct span text);
/* The next line of a server's or a trustpoint's block. 0; RUNNING_END; -ENOMEM. What @ret points to
 * stays until the next call. */
enum running_outcome { RUNNING_END = 1 };
_checked_ int running_config_next(struct running_config *reader, struct running_line *ret);
void running_config_done(struct running_config *reader);
