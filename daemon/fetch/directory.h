/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * LDAP as libcurl speaks it: which question an ldap or ldaps URL is, and the value out of the text
 * that libcurl makes of an entry. One entry is read by its name (scope base), without a login, and
 * no referral is followed. Pure but for directory_limit_memory().
 *
 * Source: RFC 4516 §2 (parts of a URL), RFC 4523 §2.6 (the attributes of CRLs, which are asked for
 * with ";binary").
 */

#include "daemon/base/bytes.h"
#include <curl/curl.h>

/* The most that an answer of a directory may take of memory, in bytes. */
#define DIRECTORY_ANSWER_MOST ((size_t)32 * 1024 * 1024)

/* Before libcurl or libldap is used: no answer, and not all together, takes more than a bound, and
 * libldap reads no ldap.conf and no environment. */
void directory_limit_memory(void);

/* Asks for what the URL names, or for CRLs where it names no attribute. NULL, or a constant text
 * that says why that is not asked. -ENOMEM shows as a text, too. */
const char *directory_complete_url(CURLU *parts);

enum directory_outcome {
	DIRECTORY_EMPTY = 1, /* the entry has no such attribute */
};
/* The first CRL in @entry, or its first value where it has none. @ret is the caller's.
 * DIRECTORY_EMPTY; -EBADMSG where it is no such text; -ENOMEM. */
_checked_ int directory_read_value(struct span entry, struct bytes *ret);
