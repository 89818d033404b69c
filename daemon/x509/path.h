/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Certification paths: does a certificate come from a CA that is trusted, and is it revoked? The
 * one place of this folder that leaves reading to OpenSSL: what is verified here was issued by
 * others, with algorithms and extensions of theirs, and is verified seldom. Pure: CRLs come in as
 * bytes, the time as a number. No purpose is asked for: what a certificate is good for is for whom
 * it is shown to. Source: RFC 5280 §6.
 */

#include "daemon/base/bytes.h"

#define X509_PATH_MAX	    10 /* certificates, the one asked about and the anchor among them */
#define X509_CRL_PLACES_MAX 8

struct x509_path_item {
	struct bytes whole, subject, issuer; /* DER */
	struct bytes serial;		     /* magnitude */
	int64_t not_before_s, not_after_s;
};

/* From the certificate asked about to its anchor; on a fault as far as it was found. */
struct x509_path {
	struct x509_path_item items[X509_PATH_MAX];
	size_t n;
};
void x509_path_done(struct x509_path *path);

struct x509_path_question {
	const struct span *anchors; /* whole DER each, as the following */
	size_t n_anchors;
	const struct span *others; /* not trusted, but a path may go by them */
	size_t n_others;
	struct span certificate;
	struct span crl; /* empty: revocation is not looked at */
	int64_t now_s;
};

struct x509_path_fault {
	size_t at;	  /* which item of the path */
	const char *rule; /* "RFC 5280 §6.1.3 (a)(2)" */
	const char *text; /* what is wrong with it, for people: "it has ended"; constant */
};

enum x509_path_outcome {
	X509_PATH_REFUSED = 1, /* no path, or one with a fault */
	X509_PATH_REVOKED = 2, /* the CRL is good, and lists the certificate */
	X509_PATH_CRL = 3,     /* the CRL is none for this certificate: nothing follows from it */
};
/*
 * A path from the certificate to one of the anchors, which may be any CA's, not only a root's; all
 * of it in force at @now_s, signed by nothing that MD5 or older is part of. With a CRL that one's
 * issuer, signature, scope, dates (nextUpdate is a must) and critical extensions as well, and
 * whether it lists the certificate itself.
 *
 * @ret_path   the caller's in every case but -errno
 * @ret_fault  set where something positive is returned
 * 0, an outcome; -EBADMSG where the certificate asked about is none, -ENOMEM.
 */
_checked_ int x509_path_find(const struct x509_path_question *question, struct x509_path *ret_path,
			     struct x509_path_fault *ret_fault);

/* When a CRL was signed and when the next is. -EBADMSG where it is none, or doesn't tell. */
_checked_ int x509_crl_dates(struct span crl, int64_t *ret_this_update_s,
			     int64_t *ret_next_update_s);

/* Where a certificate says that the CRL of its own issuer for all reasons is (RFC 5280 §4.2.1.13):
 * URLs of printable ASCII, in their order; others are left out. */
struct x509_crl_places {
	char *urls[X509_CRL_PLACES_MAX];
	size_t n;
};
/* -EBADMSG where the certificate, or this extension, can't be read; -ENOMEM. */
_checked_ int x509_crl_places_read(struct span certificate, struct x509_crl_places *ret);
void x509_crl_places_done(struct x509_crl_places *places);
