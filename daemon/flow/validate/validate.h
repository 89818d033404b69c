/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Is somebody's certificate to be believed? Its path to a CA that is trusted here, and whether that
 * CA, or one in between, revoked it. Whom to trust is what trustpoints recorded, and the servers of
 * this machine; each is a domain of its own, with its own RevocationCheck=. What can't be found out
 * is refused. Source: RFC 5280 §6.
 */

#include "daemon/flow/flow.h"
#include "daemon/x509/path.h"

#define VALIDATE_CERTIFICATES_MOST 32

enum validation_revocation {
	VALIDATION_NOT_CHECKED, /* RevocationCheck=none, the anchor, or not come to */
	VALIDATION_NOT_REVOKED, /* by a CRL in force */
	VALIDATION_REVOKED,
	VALIDATION_UNKNOWN, /* no CRL is to be had */
};
const char *validation_revocation_name(enum validation_revocation revocation); /* "good", … */

/* What was found out about one certificate of the path. */
struct validation_step {
	enum validation_revocation revocation;
	char *crl_from; /* its URL or another name of its source; NULL without a CRL */
	int64_t next_update_s;
};

struct validation {
	bool good;
	char *trustpoint; /* whose CA is at the end of the path, or that was named; NULL: none */
	char *server;	  /* the same of a server of this machine */
	struct x509_path path;
	struct validation_step steps[X509_PATH_MAX]; /* of the path's items */
	/* Where it is not good: about which item, why, and by which rule. */
	size_t at;
	char *reason;
	const char *rule;
};
void validation_done(struct validation *validation);

struct validate_question {
	const char *trustpoint;		 /* its domain alone; NULL: all of them, and the servers */
	const struct span *certificates; /* the one asked about, then what came along */
	size_t n;			 /* 1…VALIDATE_CERTIFICATES_MOST */
	int64_t now_s;
};
/*
 * Looks, and asks for CRLs where none in force is at hand, which may take minutes.
 *
 * @ret  the caller's in every case
 * Returns 0 with what was found; FLOW_REFUSED with ret->reason where the question is none: bytes
 * that are no certificate; -ENOENT where there is no such trustpoint; -errno.
 */
_checked_ int flow_validate(struct flow *flow, const struct validate_question *question,
			    struct validation *ret);
