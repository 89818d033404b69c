/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The lines of an INI file as systemd writes them (systemd.syntax(7)): comments only at the start
 * of a line, a backslash at the end joins the next line with a blank, comments between joined
 * lines are left out. Knows nothing of sections' or options' meaning. Values are UTF-8 without
 * control characters.
 */

#include "daemon/base/bytes.h"

#define INI_LINE_MAX 65536 /* bytes of a line, joined lines together */

enum ini_kind {
	INI_END,
	INI_SECTION,	/* [key] */
	INI_ASSIGNMENT, /* key=value */
	INI_MALFORMED,	/* value says what is wrong; reading can go on */
};

struct ini {
	struct span rest;
	unsigned line;	      /* of the line last taken */
	struct buffer joined; /* what backslashes joined */
};

/* Blanks around @key and @value are gone. They borrow from the reader or the file, until the next
 * step. */
struct ini_item {
	enum ini_kind kind;
	unsigned line; /* where it begins */
	struct span key;
	struct span value;
};

void ini_init(struct ini *ini, struct span file);
/* The next item; INI_END for ever after the last. -ENOMEM. */
_checked_ int ini_next(struct ini *ini, struct ini_item *ret);
void ini_done(struct ini *ini);
