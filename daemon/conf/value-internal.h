/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the readers of values share. One reader per kind: it leaves the member alone and says why
 * where the text is wrong.
 */

#include "daemon/conf/value.h"

struct reading {
	const struct conf_option *option;
	struct span text;
	struct buffer *why;
};

/* Begins the reason with the assignment, as much of it as is worth reading. */
void conf_why_begin(const struct reading *r);
/* The whole reason; returns CONF_VALUE_WRONG. */
int conf_wrong(const struct reading *r, const char *what);
/* A bound as a number; @otherwise where the option has none. */
int64_t conf_bound(const struct conf_option *option, const char *bound, int64_t otherwise);

int conf_read_text(const struct reading *r, void *member);
int conf_read_path(const struct reading *r, void *member);
int conf_read_label(const struct reading *r, void *member);
int conf_read_pin(const struct reading *r, void *member);
int conf_read_pkcs11_uri(const struct reading *r, void *member);
int conf_read_http_url(const struct reading *r, void *member);
int conf_read_listeners(const struct reading *r, void *member);
