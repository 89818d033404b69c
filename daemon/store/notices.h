/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When somebody was told last that something expires. What it is, is the caller's: a SHA-256 that
 * is another for each certificate and CRL.
 */

#include "daemon/store/store.h"

/* @ret_s is 0 where it was not told of yet. -errno. */
_checked_ int store_notice_load(struct store *store, const uint8_t thing[static SHA256_SIZE],
				int64_t *ret_s);

struct store_notice {
	uint8_t thing[SHA256_SIZE];
	int64_t until_s; /* its end: what has ended is forgotten with the next record */
	int64_t told_s;
};
/* Durable when it returns. -errno. */
_checked_ int store_notice_save(struct store *store, const struct store_notice *notice);
