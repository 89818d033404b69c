/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The text of a drop-in with one option set: what `claviger config set` writes. Pure but for the
 * heap. Other lines and comments stay as they are. Whether the values are right is for the reader
 * of the whole configuration to say.
 */

#include "daemon/conf/option.h"

/* The drop-in that is edited, after those that people number from 0. */
#define CONF_EDIT_NAME "90-set.conf"

struct conf_edit {
	const struct conf_option *option;
	const char *name; /* of the section; NULL where it takes none */
	const char *const *values;
	size_t n_values; /* 0: back to the default */
	bool add;	 /* to the list that is there, instead of in its place */
};

/* True where @value may stand in a file: no line break, nothing that would join the next line. */
bool conf_edit_takes(const char *value);
/* Appends @file, edited, to @out; each value is one that conf_edit_takes(). */
void conf_edit(struct span file, const struct conf_edit *edit, struct buffer *out);
