/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who is asked for the CRL of a certificate, in this order: the places that it names, QueryURL=,
 * the CA itself by SCEP (GetCRL). Inside validate-crl.h; nobody else's.
 */

#include "daemon/flow/validate/crl.h"

#define VALIDATE_CRL_TIMEOUT_S 15 /* of one place */

typedef int crl_source_function(const struct crl_search *search, const char *name,
				struct bytes *ret, char **ret_reason);

struct crl_source {
	char *name; /* a URL, or what else it is called in the cache */
	crl_source_function *fetch;
};
struct crl_sources {
	struct crl_source items[X509_CRL_PLACES_MAX + 2];
	size_t n;
	const char *lack; /* why there may be none; constant */
};
void crl_sources_done(struct crl_sources *sources);
/* Tells them, and asks nobody. 0; -errno. */
_checked_ int crl_sources_find(const struct crl_search *search, struct crl_sources *ret);
