/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is asked of claviger-token: keys made, and things to be signed, all of them encoded by
 * OpenSSL, whose own functions verify what comes back.
 */

#include "tests/system/token/harness.h"
#include <openssl/evp.h>

struct made_key {
	struct bytes id, spki;
	uint8_t sha256[32];
	EVP_PKEY *public;
};
void made_key_done(struct made_key *key);

#define ROLE_CA	      1
#define ROLE_EXCHANGE 2
#define ROLE_IDENTITY 3
#define ROLE_AUDIT    4

/* DER of "CN=@common_name,O=Cisco" as IOS types it: O first in the DER. */
struct bytes request_name(const char *common_name);
/* Makes a key of 2048 bits, and asserts that it was made. */
struct made_key request_key(struct harness *h, uint8_t role, const char *issuer, const char *label);

struct certificate_facts {
	const char *issuer, *subject;  /* common names */
	EVP_PKEY *key;		       /* NULL: a key of nobody */
	long version;		       /* 0: version 1; 2: version 3 */
	const char *basic_constraints; /* as OpenSSL's configuration writes it; NULL: absent */
	const char *key_usage;
	int64_t not_after_s;
};
/* A TBSCertificate. */
struct bytes request_certificate(const struct certificate_facts *facts);
/* A TBSCertList, and a CertificationRequestInfo. */
struct bytes request_crl(const char *issuer);
struct bytes request_csr(const char *subject, EVP_PKEY *key);
/* CMS signed attributes: contentType and messageDigest. */
struct bytes request_cms(void);
/* What a TLS 1.3 server signs of a handshake (RFC 8446 §4.4.3). */
struct bytes request_tls(void);

/* SIGN with SHA-256. */
struct answer request_sign(struct harness *h, const struct made_key *key, struct span to_be_signed,
			   struct ipc_token_signature *ret);
/* Signs it, and asserts that OpenSSL finds the signature right. */
void request_signature(struct harness *h, const struct made_key *key, struct span to_be_signed);
/* Whether OpenSSL finds it right. */
bool request_verifies(const struct made_key *key, struct span to_be_signed, struct span signature);

/* RSAES-PKCS1-v1_5 by OpenSSL. */
struct bytes request_encrypt(const struct made_key *key, struct span content);
struct answer request_unwrap(struct harness *h, const struct made_key *key, struct span encrypted,
			     uint16_t size, struct ipc_token_content_key *ret);
