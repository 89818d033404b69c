/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a key may sign and open: decided by the token's process from the key's charter and the outer
 * shape of what it is asked to sign, never from what the asker says about it. The charter is fixed
 * when the key is made. Pure.
 */

#include "daemon/base/bytes.h"
#include "daemon/base/crypto.h"

/* On the wire and on disk: numbers are for ever. */
enum charter_role {
	CHARTER_CA = 1,
	CHARTER_EXCHANGE = 2,
	CHARTER_IDENTITY = 3,
	CHARTER_AUDIT = 4,
};
const char *charter_role_name(enum charter_role role); /* "ca", "exchange", "identity", "audit" */
/* 0 where the name is unknown. */
enum charter_role charter_role_find(struct span name);

struct charter {
	enum charter_role role;
	struct span issuer;		 /* DER Name that it signs for */
	uint8_t key_sha256[SHA256_SIZE]; /* of its SubjectPublicKeyInfo */
	bool decrypts;
};

/* The outer shape of a to-be-signed, as x509/shape.h reads it. */
enum charter_shape {
	CHARTER_SHAPE_UNKNOWN,	      /* anything else: digests, DigestInfo, TLS blocks, garbage */
	CHARTER_SHAPE_CERTIFICATE,    /* TBSCertificate */
	CHARTER_SHAPE_CRL,	      /* TBSCertList */
	CHARTER_SHAPE_REQUEST,	      /* CertificationRequestInfo */
	CHARTER_SHAPE_CMS_ATTRIBUTES, /* SET OF Attribute with contentType and messageDigest (RFC
					 5652 §5.4) */
	CHARTER_SHAPE_CHECKPOINT,     /* our own audit checkpoint */
};

struct charter_ask {
	enum charter_shape shape;
	uint64_t version;    /* of a certificate: the value in it, 2 for version 3; 0 where it is
				absent */
	struct span issuer;  /* certificate, CRL: the issuer's DER Name */
	struct span subject; /* certificate, request: the subject's DER Name */
	uint8_t key_sha256[SHA256_SIZE]; /* certificate, request: SHA-256 of the
					    SubjectPublicKeyInfo inside */
	bool ca;			 /* basicConstraints cA TRUE */
	bool key_cert_sign;
	bool crl_sign;
	bool has_key_usage;
	bool unreadable_extensions; /* extensions that are malformed or repeated: never signed */
	bool issue_subordinates; /* the server's IssueSubordinates=yes, as the token's process read
				    it */
	bool separate_exchange;	 /* the server has ExchangeKey= set */
	enum digest digest;	 /* that the signature is over */
	bool allow_weak;	 /* the server's AllowWeak=yes, read likewise */
};

/* NULL where the key may sign this; else the rule that forbids it, a sentence for the log and the
 * answer. */
const char *charter_refuses_signature(const struct charter *charter, const struct charter_ask *ask);
/* The same for opening a content key. */
const char *charter_refuses_decryption(const struct charter *charter, bool separate_exchange);
/* The same for calling the key @wanted instead of @is, over NAME.sock: the marks (#) at its end
 * come and go, but by what stands before them [Use] sections name an identity key. */
const char *charter_refuses_label(const struct charter *charter, struct span is,
				  struct span wanted);
/* The same for destroying the key over NAME.sock. @last_not_after_s is of the key's own certificate
 * and of what it issued, whichever ends last; 0 where there is neither (then a ca key may be
 * destroyed: nothing hangs on it). */
const char *charter_refuses_destruction(const struct charter *charter, int64_t last_not_after_s,
					int64_t now_s);
