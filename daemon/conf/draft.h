/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A configuration while it is being read: the snapshot so far, where each value was said, and what
 * is wrong. Reading goes on after an error, so that all come out at once.
 */

#include "daemon/base/bytes.h"
#include "daemon/conf/option.h"

struct draft_place {
	unsigned file; /* index into the draft's files */
	unsigned line; /* 0: nowhere */
};

/* One section, however often its header was written. */
struct draft_section {
	enum conf_section kind;
	size_t index;		     /* among the tokens or servers */
	struct draft_place place;    /* of its first header */
	struct draft_place *options; /* where each row of conf_options was last set */
};

struct draft {
	struct conf *conf;
	char **files;
	size_t n_files;
	struct draft_section *sections;
	size_t n_sections;
	struct draft_section *current; /* NULL: outside, or in a section that is wrong */
	bool lost;		       /* in a section that is wrong: its lines are passed over */
	struct buffer errors;
};

/* An empty configuration with its defaults. -ENOMEM. */
_checked_ int draft_init(struct draft *draft);
void draft_done(struct draft *draft);

/* Reads one file into the draft; what is wrong with it, or that it can't be read, becomes errors.
 * -ENOMEM. */
_checked_ int draft_read(struct draft *draft, const char *path);

/* The struct that @section fills. */
void *draft_struct(const struct draft *draft, const struct draft_section *section);
/* Makes this file the one that lines are of, outside any section. -ENOMEM. */
_checked_ int draft_open_file(struct draft *draft, const char *path);
/* Makes the section of this name the current one, adding it with its defaults where it is new. The
 * name is right. -ENOMEM. */
_checked_ int draft_open_section(struct draft *draft, enum conf_section kind, struct span name,
				 unsigned line);

/* One line of error at @line of the current file; 0 for the whole of it. */
_printf_(3, 4) void draft_error_here(struct draft *draft, unsigned line, const char *format, ...);
/* The same at an option of @section, at its header where the option was not set, or at
 * the first file where not even that was written. */
_printf_(4, 5) void draft_error(struct draft *draft, const struct draft_section *section,
				const char *option, const char *format, ...);
