/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Certificates and CRLs are built in two calls: the to-be-signed from values, then the whole,
 * sealed with its signature. Both are pure; between them stands the token.
 *
 * Each gives 0; -EINVAL where a name, the SubjectPublicKeyInfo, an empty serial, a validity that
 * ends before it begins, a URL or a reason is none, or an extension would stand there twice;
 * -EOVERFLOW past the year 9999; -ENOMEM. The digest is never DIGEST_NONE.
 */

#include "daemon/x509/certificate.h"

/* A certificate authority's own certificate: basicConstraints (critical), keyUsage (critical), AKI,
 * SKI, in that order. */
struct x509_ca_certificate {
	struct span serial; /* magnitude */
	struct span name;   /* issuer and subject, DER */
	int64_t not_before_s, not_after_s;
	struct span spki;
	uint16_t key_usage; /* enum x509_key_usage bits */
	enum digest digest;
};
_checked_ int x509_build_ca_certificate(const struct x509_ca_certificate *from,
					struct bytes *ret_to_be_signed);

/*
 * A certificate for a client: what it asked for, byte-exact and in order, then what is added where
 * absent (what may be asked is policy's; here is the order): keyUsage (critical), AKI, SKI, CDP.
 */
struct x509_client_certificate {
	struct span serial; /* magnitude */
	struct span issuer, subject;
	int64_t not_before_s, not_after_s;
	struct span spki;
	const struct x509_extensions *requested; /* copied as they are */
	uint16_t add_key_usage;			 /* 0: none is added */
	struct span authority_key_identifier;	 /* 20 bytes; always added */
	struct span cdp;			 /* a URL, or the empty span */
	enum digest digest;
};
_checked_ int x509_build_client_certificate(const struct x509_client_certificate *from,
					    struct bytes *ret_to_be_signed);

struct x509_crl_entry {
	struct span serial;
	int64_t revoked_s;
	int reason; /* RFC 5280 §5.3.1, 0 (unspecified) is left out */
};
/* Gives the next entry, in ascending order of serial as a number; 0 with an entry, 1 at the end,
 * -errno. */
typedef int (*x509_crl_next)(void *context, struct x509_crl_entry *ret);
struct x509_crl_content {
	struct span issuer;
	int64_t this_update_s, next_update_s;
	struct span authority_key_identifier;
	uint64_t number;
	enum digest digest;
	x509_crl_next next;
	void *context;
};
/* Version 2, with AKI and cRLNumber. Streams the entries into one buffer; a fault of @next comes
 * out as it is. */
_checked_ int x509_build_crl(const struct x509_crl_content *from, struct bytes *ret_to_be_signed);

/* A self-signed certificate of a client or a test is built by x509_build_client_certificate() with
 * its own name. */

/* SEQUENCE { @to_be_signed, shaNWithRSAEncryption, BIT STRING signature }: certificates, requests
 * and CRLs alike. */
_checked_ int x509_seal(struct span to_be_signed, enum digest digest, struct span signature,
			struct bytes *ret);
