/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A configuration while it is being read: the snapshot so far, where each value was said, and what
 * is wrong. Reading goes on after an error, so that all come out at once.
 */

#include "daemon/base/bytes.h"
#include "daemon/conf/option.h"

struct draft {
	struct conf *conf;
	struct conf_origin *current; /* NULL: outside, or in a section that is wrong */
	bool lost;		     /* in a section that is wrong: its lines are passed over */
	bool unread;		     /* a file could not be read at all */
	struct buffer errors;
	struct buffer warnings; /* what is right, but not what an operator may think */
};

/* An empty configuration with its defaults. -ENOMEM. */
_checked_ int draft_init(struct draft *draft);
void draft_done(struct draft *draft);

/* Reads one file into the draft; what is wrong with it, or that it can't be read, becomes errors.
 * -ENOMEM. */
_checked_ int draft_read(struct draft *draft, const char *path);

/* The same of a text that is to stand in @path. */
_checked_ int draft_read_text(struct draft *draft, const char *path, struct span content);

/* The struct that @section fills. */
void *draft_struct(const struct draft *draft, const struct conf_origin *section);
/* Makes this file the one that lines are of, outside any section. -ENOMEM. */
_checked_ int draft_open_file(struct draft *draft, const char *path);
/* Makes the section of this name the current one, adding it with its defaults where it is new. The
 * name is right. -ENOMEM. */
_checked_ int draft_open_section(struct draft *draft, enum conf_section kind, struct span name,
				 unsigned line);

/* One line of error at @line of the current file; 0 for the whole of it. */
_printf_(3, 4) void draft_error_here(struct draft *draft, unsigned line, const char *format, ...);
/* The same at an option of @section, at its header where the option was not set or is NULL, or at
 * the first file where not even that was written. */
_printf_(4, 5) void draft_error(struct draft *draft, const struct conf_origin *section,
				const char *option, const char *format, ...);
/* The same for what is let through. */
_printf_(4, 5) void draft_warning(struct draft *draft, const struct conf_origin *section,
				  const char *option, const char *format, ...);
