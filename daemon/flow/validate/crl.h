/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A CRL for one certificate of a path that is sound, from whoever should have one: a server of this
 * machine, or one source after the other (validate-sources.h) until one has it. One that is at hand
 * is taken while it is in force; what comes from elsewhere is held against the certificate's issuer
 * before it is kept. Inside validate.h; nobody else's.
 */

#include "daemon/flow/validate/domains.h"
#include "daemon/flow/validate/validate.h"

struct crl_search {
	struct flow *flow;
	const struct domain_anchor *anchor; /* of the path */
	const struct x509_path *path;
	size_t at; /* which item of it is meant; not the last */
	int64_t now_s;
};
enum crl_search_outcome {
	CRL_SEARCH_REVOKED = 1,
	CRL_SEARCH_NONE = 2, /* nothing that can be believed is to be had: *ret_reason, the
				caller's, tells why, source after source */
};
/* Looks; 0 where the certificate is not revoked; an outcome; -errno. @ret gets what it was found
 * by.
 */
_checked_ int crl_search(const struct crl_search *search, struct validation_step *ret,
			 char **ret_reason);

/* Holds @crl against the certificate and its issuer: 0; CRL_SEARCH_REVOKED; CRL_SEARCH_NONE with
 * *ret_fault, constant; -errno. */
_checked_ int crl_search_judge(const struct crl_search *search, struct span crl,
			       const char **ret_fault);
