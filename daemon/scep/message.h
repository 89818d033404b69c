/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SCEP messages on the server's side, pure: a request is opened in two calls, with the token's
 * unwrapping of the content key between them; an answer is built in two, with the token's signature
 * between. Own strict reading over schema tables; BER from a client is turned into DER once.
 * Source: RFC 8894 §3, RFC 5652.
 */

#include "daemon/x509/certificate.h"

enum scep_message_type {
	SCEP_TYPE_UNKNOWN = -1,
	SCEP_CERT_REP = 3,
	SCEP_RENEWAL_REQ = 17,
	SCEP_PKCS_REQ = 19,
	SCEP_CERT_POLL = 20,
	SCEP_GET_CERT = 21,
	SCEP_GET_CRL = 22,
};
const char *scep_message_type_name(enum scep_message_type type); /* "PKCSReq"; "unknown" */

enum scep_status { SCEP_SUCCESS = 0, SCEP_FAILURE = 2, SCEP_PENDING = 3 };

enum scep_fail_info {
	SCEP_BAD_ALG = 0,
	SCEP_BAD_MESSAGE_CHECK = 1,
	SCEP_BAD_REQUEST = 2,
	SCEP_BAD_TIME = 3,
	SCEP_BAD_CERT_ID = 4,
};
const char *scep_fail_info_name(enum scep_fail_info info); /* "badAlg" */

enum scep_trouble {
	SCEP_TROUBLE_NONE,
#define FAIL_INFO(NAME, info, text) SCEP_TROUBLE_##NAME,
#include "daemon/scep/failinfo.def"
#undef FAIL_INFO
};
enum scep_fail_info scep_trouble_fail_info(enum scep_trouble trouble);
const char *scep_trouble_text(enum scep_trouble trouble); /* failInfoText for the client */
const char *scep_trouble_name(enum scep_trouble trouble); /* "SIGNATURE", for the log */

/* What a server takes besides the floor that RFC 8894 §2.9 prescribes (AES, SHA-2). */
struct scep_allowance {
	bool sha1, des_ede3; /* Clients=standard, legacy */
	bool md5, des;	     /* Clients=legacy */
};

#define SCEP_RECIPIENTS_MAX   8
#define SCEP_CERTIFICATES_MAX 8

struct scep_recipient {
	struct span issuer; /* DER Name */
	struct span serial; /* magnitude */
	struct span encrypted_key;
	bool rsa_pkcs1; /* key transport is rsaEncryption */
};

struct scep_request {
	struct bytes storage;	    /* what everything below borrows from */
	struct span transaction_id; /* its characters, 1…128 octets */
	uint8_t transaction_id_tag; /* the string type it came in, and goes back in */
	struct span sender_nonce;   /* 1…64 octets */
	enum scep_message_type type;
	uint8_t digest_of_message[SHA256_SIZE]; /* SHA-256 of the message as it came */
	enum digest digest;			/* of the signer */
	struct x509_certificate signer;
	bool signer_is_known; /* signer was read; its key is RSA */
	struct scep_recipient recipients[SCEP_RECIPIENTS_MAX];
	size_t n_recipients;
	enum cipher cipher;
	struct span iv, encrypted_content;

	struct bytes envelope_storage;	 /* what recipients, iv and encrypted_content borrow from */
	struct rsa_public *signer_key;	 /* imported once; NULL unless signer_is_known */
	struct scep_allowance allowance; /* what it was opened with: bounds the answer too */
};

/*
 * Opens the outer SignedData: signer found, attributes each exactly once, messageDigest and
 * signature verified, envelope parsed; nothing is decrypted.
 *
 * @message       DER or BER, as the client sent it; borrowed for the call
 * @ret           owned by the caller (scep_request_done()), filled as far as could be read even
 * where there is trouble
 * @ret_trouble   SCEP_TROUBLE_NONE, or what a signed FAILURE must say; transaction and nonce are
 * then still valid Returns 0; SCEP_UNREADABLE where no transaction could be read (an HTTP 400: no
 * signed answer is possible); -ENOMEM.
 */
enum scep_open_outcome { SCEP_UNREADABLE = 1 };
_checked_ int scep_request_open(struct span message, const struct scep_allowance *allowance,
				struct scep_request *ret, enum scep_trouble *ret_trouble);
void scep_request_done(struct scep_request *request);

/* The recipient that names this certificate; NULL where none does, or more than one: no
 * client needs a second try at our key. */
const struct scep_recipient *scep_request_find_recipient(const struct scep_request *request,
							 const struct x509_certificate *ours);
/* Whether an answer can be enveloped to the signer: RSA, keyUsage absent or with keyEncipherment.
 */
bool scep_request_can_be_answered(const struct scep_request *request);
/*
 * Checks the CSR's own signature, with the signer's key as it was imported where it is the same
 * key. 0, -EBADMSG, or -EKEYREJECTED where the CSR's key is not RSA or none that can be used.
 * Source: RFC 2986 §4.2, RFC 8894 §7.6.
 */
_checked_ int scep_request_verify_csr(const struct scep_request *request,
				      const struct x509_request *csr);

/* What was in the envelope: which members are set goes by the message's type. */
struct scep_content {
	struct bytes storage;
	struct x509_request request; /* PKCSReq, RenewalReq */
	struct span issuer, subject; /* CertPoll: IssuerAndSubject; GetCert, GetCRL: issuer */
	struct span serial;	     /* GetCert, GetCRL: magnitude */
};
/*
 * Decrypts with the content key and reads what the type says. A wrong key ends as trouble like any
 * garbage: SCEP_TROUBLE_UNDECRYPTABLE or _CONTENT, one answer for all.
 * Returns 0 with *ret_trouble set, or -ENOMEM.
 */
_checked_ int scep_request_read_content(const struct scep_request *request, struct span content_key,
					struct scep_content *ret, enum scep_trouble *ret_trouble);
void scep_content_done(struct scep_content *content);

/* An answer. Random values come from the caller, so that building is pure. */
struct scep_answer {
	enum scep_status status;
	enum scep_fail_info fail_info; /* FAILURE */
	const char *fail_text;	       /* FAILURE; NULL for none */
	const struct scep_request
		*request; /* whose transaction, nonce, digest, cipher and signer it answers */
	struct span sender_nonce; /* 16 fresh bytes */
	struct span signer;	  /* the exchange certificate, whole DER; sent along */
	struct span signer_issuer, signer_serial;
	const struct span *certificates; /* SUCCESS: whole DER each, the leaf first */
	size_t n_certificates;
	struct span crl;	 /* SUCCESS to GetCRL: whole DER */
	struct span content_key; /* SUCCESS: fresh, cipher_key_size() bytes */
	struct span iv;		 /* SUCCESS: fresh, cipher_block_size() bytes */
};

struct scep_draft {
	struct bytes to_be_signed; /* DER SET OF signed attributes: what the exchange key signs */
	struct bytes content;	   /* pkcsPKIEnvelope; empty without one */
	struct bytes signer, signer_issuer, signer_serial;
	enum digest digest;
};
/* The digest and cipher an answer uses: the request's own, but SHA-1 for MD5 and 3DES for DES;
 * SHA-256 and AES-128 where the request named none that we know or where policy does not take it.
 */
enum digest scep_answer_digest(const struct scep_request *request);
enum cipher scep_answer_cipher(const struct scep_request *request);
/* -ENOMEM; -EKEYREJECTED where the signer's key can't be enveloped to. */
_checked_ int scep_answer_build(const struct scep_answer *from, struct scep_draft *ret);
/* The CertRep, or what else was drafted. SignerInfo's signatureAlgorithm is rsaEncryption
 * (strongSwan and old routers want it). */
_checked_ int scep_answer_seal(const struct scep_draft *draft, struct span signature,
			       struct bytes *ret);
void scep_draft_done(struct scep_draft *draft);

/* Degenerate certs-only SignedData, content omitted (RFC 8894 §3.4). */
_checked_ int scep_certificates_only(const struct span *certificates, size_t n, struct span crl,
				     struct bytes *ret);

/* The answer to GetNextCACert: what follows the CA's certificate, signed by the CA's own key. */
struct scep_next_ca {
	const struct span *certificates; /* whole DER each: the next CA's first, the next exchange
					    certificate where there is one */
	size_t n_certificates;
	const struct x509_certificate *signer; /* the CA that is active; sent along */
	enum digest digest;
};
/* A draft for the CA's key to sign and for scep_answer_seal(). -ENOMEM. Source: RFC 8894 §4.7.1. */
_checked_ int scep_next_ca_build(const struct scep_next_ca *from, struct scep_draft *ret);

/* The GetCACaps text: one keyword a line, the RFC's letter case (§3.5.2). */
void scep_append_capabilities(struct buffer *out, const struct scep_allowance *allowance);
