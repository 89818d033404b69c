/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an IOS running-config says about certificate servers and trustpoints, as options of ours,
 * and each line that can't be one. Pure but for the heap.
 */

#include "daemon/base/bytes.h"
#include "daemon/cli/ios-line.h"
#include "daemon/conf/conf.h"

struct import_setting {
	unsigned line; /* of the running-config */
	char *text;    /* that line */
	const char *option;
	char *value;
};

/* A password that the running-config holds. */
struct import_secret {
	unsigned line;
	const char *option; /* that names its file: "ArchivePassword" */
	struct secret secret;
};

/* A [Server] or a [Trustpoint]. */
struct import_section {
	enum ios_block block;
	char *label;
	struct import_setting *settings;
	size_t n_settings;
	struct import_secret secrets[2];
	size_t n_secrets;
	bool is_shut;	 /* of a server */
	bool is_dropped; /* nothing of it can be had here: it is not written */
};

/* A line that could not be turned. */
struct import_left {
	unsigned line;
	char *text; /* passwords in it replaced */
	char *why;
};

struct import {
	struct import_section *sections;
	size_t n_sections;
	struct import_left *left;
	size_t n_left;
	unsigned n_ignored; /* lines about other things */
};

/* Reads @text. 0; IMPORT_NOTHING where it holds no server and no trustpoint; IMPORT_NO_TEXT;
 * -ENOMEM. @ret is the caller's in any case. */
enum import_outcome { IMPORT_NOTHING = 1, IMPORT_NO_TEXT };
_checked_ int import_read(struct span text, struct import *ret);
void import_done(struct import *import);

/* Takes the setting of this line out of @section: it is left, because of @why. -ENOMEM. */
_checked_ int import_leave(struct import *import, struct import_section *section, size_t setting,
			   const char *why);
/* Where a secret's file goes: FOLDER/LABEL.archive-password. -ENOMEM. */
_checked_ int import_secret_path(const struct import_section *section,
				 const struct import_secret *secret, const char *folder,
				 char **ret);

/* How many there are of one block, but for what is dropped. */
size_t import_count(const struct import *import, enum ios_block block);
/* What the section says of @option, the last of it; NULL. Borrowed. */
const char *import_find_value(const struct import_section *section, const char *option);
/* The server that a trustpoint of this name is of; NULL. */
const struct import_section *import_find_server(const struct import *import, const char *label);

/* How the sections are written. */
struct import_style {
	const char *token;  /* that holds their keys, but where a section says another; NULL where
			       nobody said */
	const char *folder; /* where the files with their secrets go */
	bool has_secrets;   /* they are written there */
};
/* Writes the sections. @ret_lines: for each line of the text the running-config's line, 0 for one
 * of ours; the caller's, as many as there are lines. -ENOMEM. */
_checked_ int import_write(const struct import *import, const struct import_style *style,
			   struct buffer *out, unsigned **ret_lines, size_t *ret_n);
