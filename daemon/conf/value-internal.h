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
int conf_read_cdp_url(const struct reading *r, void *member);
int conf_read_store_url(const struct reading *r, void *member);
int conf_read_store_urls(const struct reading *r, void *member);
int conf_read_secret(const struct reading *r, void *member);
int conf_read_enroll_url(const struct reading *r, void *member);
int conf_read_fingerprint(const struct reading *r, void *member);
int conf_read_device_address(const struct reading *r, void *member);
int conf_read_dns_name(const struct reading *r, void *member);
int conf_read_ldap_url(const struct reading *r, void *member);
int conf_read_key_label(const struct reading *r, void *member);
int conf_read_words(const struct reading *r, void *member);
int conf_read_trap_sinks(const struct reading *r, void *member);
int conf_read_units(const struct reading *r, void *member);
int conf_read_program_units(const struct reading *r, void *member);
int conf_read_users(const struct reading *r, void *member);
/* Appends to a list, up to its row's most items. */
int conf_read_texts(const struct reading *r, void *member);
int conf_read_listeners(const struct reading *r, void *member);
