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

/* What makes a subordinate CA's certificate one. */
struct x509_authority {
	int64_t path_length; /* of basicConstraints; -1: none is said */
	uint16_t key_usage;  /* enum x509_key_usage bits, keyCertSign and cRLSign among them */
};
/*
 * A certificate for a client: what it asked for, byte-exact and in order, then what is added where
 * absent (what may be asked is policy's; here is the order): keyUsage (critical), AKI, SKI, CDP.
 * For a subordinate CA basicConstraints (critical) and keyUsage (critical) stand before all these.
 */
struct x509_client_certificate {
	struct span serial; /* magnitude */
	struct span issuer, subject;
	int64_t not_before_s, not_after_s;
	struct span spki;
	const struct x509_authority *authority;	 /* NULL: it is no CA's */
	const struct x509_extensions *requested; /* copied as they are; of an authority's neither
						    basicConstraints nor keyUsage */
	uint16_t add_key_usage;			 /* 0: none is added */
	struct span authority_key_identifier;	 /* 20 bytes; always added */
	struct span cdp;			 /* a URL, or the empty span */
	enum digest digest;
};
_checked_ int x509_build_client_certificate(const struct x509_client_certificate *from,
					    struct bytes *ret_to_be_signed);

/* Where the entries go while the CRL is built. */
struct x509_crl_sink;
/* Writes one entry; -EINVAL, -ENOMEM. */
_checked_ int x509_crl_put(struct x509_crl_sink *sink, const struct x509_crl_entry *entry);
/* Puts every entry, in ascending order of serial as a number. 0, -errno. */
typedef int (*x509_crl_list)(void *context, struct x509_crl_sink *sink);
struct x509_crl_content {
	struct span issuer;
	int64_t this_update_s, next_update_s;
	struct span authority_key_identifier;
	uint64_t number;
	enum digest digest;
	x509_crl_list list;
	void *context;
};
/* Version 2, with AKI and cRLNumber. The entries stream into one buffer, which is all that their
 * number costs; a fault of @list comes out as it is. */
_checked_ int x509_build_crl(const struct x509_crl_content *from, struct bytes *ret_to_be_signed);

/* What a client signs by itself for its first message (RFC 8894 §2.3): keyUsage (critical), AKI,
 * SKI, issuer and subject the same. */
struct x509_self_signed {
	struct span serial; /* magnitude; a small number will do */
	struct span name;   /* DER, not empty */
	int64_t not_before_s, not_after_s;
	struct span spki;
	uint16_t key_usage; /* enum x509_key_usage bits, not 0 */
	enum digest digest;
};
_checked_ int x509_build_self_signed(const struct x509_self_signed *from,
				     struct bytes *ret_to_be_signed);

/*
 * A CertificationRequestInfo (RFC 2986 §4.1), with its attributes where they have something to say:
 * challengePassword as PrintableString where it can be, else UTF8String; extensionRequest.
 */
struct x509_request_content {
	struct span subject; /* DER Name */
	struct span spki;
	struct span challenge;	/* UTF-8, at most 256 bytes; empty for none */
	struct span extensions; /* DER, a whole `Extensions`; empty for none */
};
/* As it may hold a challenge, a request is built and sealed in secret memory, and every place where
 * it stood meanwhile is wiped. -EINVAL also where the challenge or the extensions are none. */
_checked_ int x509_build_request(const struct x509_request_content *from,
				 struct secret *ret_to_be_signed);
_checked_ int x509_seal_request(struct span to_be_signed, enum digest digest, struct span signature,
				struct secret *ret);

/* SEQUENCE { @to_be_signed, shaNWithRSAEncryption, BIT STRING signature }: certificates, requests
 * and CRLs alike. */
_checked_ int x509_seal(struct span to_be_signed, enum digest digest, struct span signature,
			struct bytes *ret);
