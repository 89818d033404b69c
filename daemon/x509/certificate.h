/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Certificates, requests and CRLs read strictly (RFC 5280 §4, §5; RFC 2986). Values borrow from the
 * input. A signer's certificate may be of version 1, may have no keyUsage, any lifetime and any
 * serial: what a structure *says* is read here, what is *allowed* is policy's.
 */

#include "daemon/base/crypto.h"
#include "daemon/base/der.h"

enum x509_key_kind { X509_KEY_OTHER, X509_KEY_RSA, X509_KEY_EC };

struct x509_key {
	enum x509_key_kind kind;
	struct span spki;	       /* DER SubjectPublicKeyInfo */
	struct span key_bits;	       /* what SKI method 1 hashes: contents of the BIT STRING */
	struct span modulus, exponent; /* RSA: big-endian, no leading zeros */
};
/* @spki is a whole SubjectPublicKeyInfo. -EBADMSG. */
_checked_ int x509_key_read(struct span spki, struct x509_key *ret);
/* SHA-256 of the SubjectPublicKeyInfo. */
void x509_key_sha256(const struct x509_key *key, uint8_t ret[static SHA256_SIZE]);
/* SHA-1 of the key bits: RFC 5280 §4.2.1.2 method (1). */
void x509_key_identifier(const struct x509_key *key, uint8_t ret[static 20]);

struct x509_extension {
	enum oid oid; /* OID_UNKNOWN for others */
	struct span oid_content;
	bool critical;
	struct span value; /* contents of the OCTET STRING */
	struct span whole; /* the Extension SEQUENCE */
};

#define X509_EXTENSIONS_MAX 32

struct x509_extensions {
	struct x509_extension items[X509_EXTENSIONS_MAX];
	size_t n;
	/* What is asked for most, read out; unset where absent. */
	bool has_basic_constraints, ca; /* ca: also by Netscape's certificate type */
	int64_t path_length;		/* -1 where absent */
	bool has_key_usage;
	uint16_t key_usage; /* enum x509_key_usage bits */
};
enum x509_key_usage {
	X509_DIGITAL_SIGNATURE = 0x8000,
	X509_NON_REPUDIATION = 0x4000,
	X509_KEY_ENCIPHERMENT = 0x2000,
	X509_DATA_ENCIPHERMENT = 0x1000,
	X509_KEY_AGREEMENT = 0x0800,
	X509_KEY_CERT_SIGN = 0x0400,
	X509_CRL_SIGN = 0x0200,
	X509_ENCIPHER_ONLY = 0x0100,
	X509_DECIPHER_ONLY = 0x0080,
};
/* @sequence is the whole `Extensions` SEQUENCE; each at most once, at most X509_EXTENSIONS_MAX.
 * -EBADMSG. */
_checked_ int x509_extensions_read(struct span sequence, struct x509_extensions *ret);
const struct x509_extension *x509_extension_find(const struct x509_extensions *extensions,
						 enum oid oid);

struct x509_certificate {
	struct span whole, to_be_signed;
	uint64_t version;	     /* 0: version 1, 2: version 3 */
	struct span serial;	     /* magnitude, without leading zeros */
	struct span issuer, subject; /* DER Names */
	int64_t not_before_s, not_after_s;
	struct x509_key key;
	struct x509_extensions extensions;
	enum digest digest; /* of its signature; DIGEST_NONE where it is not RSA PKCS#1 v1.5 with
			       one we know */
	struct span signature;
};
/* -EBADMSG. Does not verify the signature. */
_checked_ int x509_certificate_read(struct span der, struct x509_certificate *ret);

/* How its key is called in what it signs: its own subject key identifier, else what method (1) of
 * RFC 5280 §4.2.1.2 gives, in @storage. */
struct span x509_certificate_identifier(const struct x509_certificate *certificate,
					uint8_t storage[static 20]);

struct x509_request {
	struct span whole, to_be_signed;
	struct span subject;
	struct x509_key key;
	struct x509_extensions extensions; /* of extensionRequest; empty without one */
	struct span challenge; /* challengePassword's bytes, 1…256; empty without one */
	bool has_challenge;    /* an empty password is none */
	enum digest digest;
	struct span signature;
};
/* Each attribute at most once; unknown attributes are ignored. -EBADMSG. Does not verify the
 * signature. */
_checked_ int x509_request_read(struct span der, struct x509_request *ret);

struct x509_crl {
	struct span whole, to_be_signed;
	uint64_t version; /* 0: version 1, 1: version 2 */
	struct span issuer;
	int64_t this_update_s, next_update_s;
	struct span
		revoked;    /* contents of revokedCertificates: well-formed entries, in any order */
	struct span number; /* magnitude of cRLNumber; empty without one */
	enum digest digest;
	struct span signature;
};
struct x509_crl_entry {
	struct span serial;
	int64_t revoked_s;
	int reason; /* RFC 5280 §5.3.1; 0, unspecified, is left out */
};
/* Takes the next entry off @revoked, contents of a CRL that was read. 0; -ENODATA at the end;
 * -EBADMSG where it has a critical extension (RFC 5280 §5.3) or a reason that is none. */
_checked_ int x509_crl_next(struct span *revoked, struct x509_crl_entry *ret);

/* -EBADMSG also without nextUpdate and with a critical extension, which is never one we know. */
_checked_ int x509_crl_read(struct span der, struct x509_crl *ret);

/* Checks @signature over @to_be_signed by @key. 0, -EBADMSG, or -EKEYREJECTED where the key is not
 * RSA or rsa_public_new() refuses it. */
_checked_ int x509_verify(const struct x509_key *key, enum digest digest, struct span to_be_signed,
			  struct span signature);
