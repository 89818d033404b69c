/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * CRLs of others, kept for as long as they are in force: what was fetched to verify somebody's
 * certificate. A cache, no record of what was done: what doesn't fit, or has ended, goes. Whoever
 * puts one in has verified it; whoever takes one out verifies it again, since it costs little.
 */

#include "daemon/store/store.h"

#define STORE_PEER_CRLS_MOST	  64
#define STORE_PEER_CRL_BYTES_MOST (INT64_C(256) << 20)

struct store_peer_crl {
	const char *source;    /* its URL, or another name of where it came from */
	struct span issuer;    /* SHA-256 of the issuing CA's certificate */
	int64_t next_update_s; /* it is not given out from then on */
	struct span der;
};
/* The one of this source and issuer that is in force at @now_s; STORE_NOT_FOUND. */
_checked_ int store_peer_crl_load(struct store *store, const char *source, struct span issuer,
				  int64_t now_s, struct bytes *ret);
/* The one of this issuer that is in force longest, whatever its source. STORE_NOT_FOUND. */
_checked_ int store_peer_crl_find(struct store *store, struct span issuer, int64_t now_s,
				  struct bytes *ret);
/* Instead of the one of the same source and issuer. What has ended at @now_s goes, and then the
 * ones that end first until the bounds are kept. Durable when it returns. */
_checked_ int store_peer_crl_save(struct store *store, const struct store_peer_crl *crl,
				  int64_t now_s);
