/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A last look at a client's TBSCertificate as it was built, read back from its bytes: whatever made
 * it, nothing is signed that says more or else than it may. Pure. Source: RFC 5280 §4.
 */

#include "daemon/x509/build.h"

struct x509_lint_facts {
	struct span to_be_signed;
	const struct x509_request *request;	/* what it was made for */
	const struct x509_certificate *issuer;	/* what it is to be signed by */
	const struct x509_authority *authority; /* what a subordinate CA may be; NULL: it is none */
	size_t least_bits;			/* of an RSA key */
};
/* The rule that is broken, and a sentence about it; constant. */
struct x509_complaint {
	const char *rule; /* NULL: none */
	const char *reason;
};
struct x509_complaint x509_lint_client(const struct x509_lint_facts *facts);
