/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The certificates that a client is given of a CA, in their order: what speaks for it first, where
 * that is not the CA itself, then the CA, then those above it up to the root (RFC 8894 §4.2.1).
 */

#include "daemon/flow/generations.h"

#define CA_CHAIN_MOST 20

/* Borrowed from the generations. */
struct ca_chain {
	struct span items[CA_CHAIN_MOST]; /* whole DER each */
	size_t n;
};

/* What GetCACert gives of @generation: [exchange,] CA, CAs above. -EUCLEAN where those above are
 * not certificates, or too many. */
_checked_ int ca_chain_of(const struct generations *generations, const struct conf_server *conf,
			  const struct generation *generation, int64_t now_s, struct ca_chain *ret);
/* What GetNextCACert gives of the @shadow, the CA's own first (RFC 8894 §4.7.1.1). Likewise. */
_checked_ int ca_chain_of_next(const struct generations *generations,
			       const struct conf_server *conf, const struct generation *shadow,
			       int64_t now_s, struct ca_chain *ret);
