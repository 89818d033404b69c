/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SCEP's client side, pure: what a CA gave is read, a request is drafted for a key to sign, an
 * answer is opened in two calls with the key's unwrapping of the content key between them. Whom to
 * trust is not decided here but told: anchors come in as certificates. Same strict readers as the
 * server's side; BER is turned into DER once. Source: RFC 8894 §3, §4, RFC 5652.
 */

#include "daemon/scep/message.h"

/* What GetCACaps told, as bits (RFC 8894 §3.5.2; SHA-384 is told by some). */
enum scep_capability {
	SCEP_CAN_AES = 1 << 0,
	SCEP_CAN_DES3 = 1 << 1,
	SCEP_CAN_NEXT_CA = 1 << 2,
	SCEP_CAN_POST = 1 << 3,
	SCEP_CAN_RENEWAL = 1 << 4,
	SCEP_CAN_SHA1 = 1 << 5,
	SCEP_CAN_SHA256 = 1 << 6,
	SCEP_CAN_SHA384 = 1 << 7,
	SCEP_CAN_SHA512 = 1 << 8,
	SCEP_CAN_STANDARD = 1 << 9, /* SCEPStandard */
};
/* One keyword a line, or several with blanks between, as IOS has them; LF or CRLF, letters in
 * either case, any order; others are passed over, and so is a line that begins with none.
 * SCEPStandard says AES, POST and SHA-256 too. Never fails: a page of HTML has none. */
unsigned scep_capabilities_read(struct span text);
/* The keyword of one bit. */
const char *scep_capability_name(enum scep_capability capability);

/* AES-256 where AES is told: the keyword promises AES-128 alone (RFC 8894 §3.5.2), but no server
 * was found that has the one without the other. Else 3DES; the strongest digest that was told up to
 * @wished, else the next above it that was told. Never DES or MD5: where a server tells neither AES
 * nor DES3 it is 3DES, no SHA it is SHA-1: those from before the list take them (§7.5). */
struct scep_algorithms {
	enum cipher cipher;
	enum digest digest;
};
struct scep_algorithms scep_capabilities_choose(unsigned capabilities, enum digest wished);

/* The certificates of a GetCACert answer, one DER certificate or a degenerate SignedData (told
 * apart by what it is, since servers mistake the type), in the order in which they came; at most
 * SCEP_CERTIFICATES_MAX. Those that can't be read are passed over, a signature around them too.
 * Spans borrow from @storage. */
struct scep_ca_answer {
	struct bytes storage;
	struct span certificates[SCEP_CERTIFICATES_MAX];
	size_t n;
};
/* -EBADMSG where it is neither, or has none, or too many; -ENOMEM. */
_checked_ int scep_ca_answer_read(struct span body, struct scep_ca_answer *ret);
void scep_ca_answer_done(struct scep_ca_answer *answer);

/* GetNextCACert: a SignedData by @ca's key itself, named by its issuer and serial or its
 * subjectKeyIdentifier (no certificate that is enclosed counts), over a degenerate one. -EBADMSG
 * where it is none of this shape; -EKEYREJECTED where the signature is not this CA's, or over MD5;
 * -ENOMEM. Source: RFC 8894 §4.7.1. */
_checked_ int scep_next_ca_read(struct span body, const struct x509_certificate *ca,
				struct scep_ca_answer *ret);

/* What a message is made of. Random values come from the caller. */
struct scep_question {
	enum scep_message_type type; /* PKCSReq, RenewalReq, CertPoll, GetCert, GetCRL */
	struct span transaction_id;  /* PrintableString */
	struct span sender_nonce;    /* 16 bytes */
	struct scep_algorithms algorithms;
	struct span signer;    /* certificate, whole DER; sent along */
	struct span recipient; /* certificate, whole DER, that is enveloped to */
	/* What is in the envelope: a PKCS#10 (PKCSReq, RenewalReq); else issuer with subject
	 * (CertPoll) or with serial (GetCert, GetCRL). */
	struct span request;
	struct span issuer, subject, serial;
	struct span content_key, iv; /* fresh, of the cipher's sizes */
};
/* A draft for the signer's key and for scep_answer_seal(). -EINVAL where a certificate is none or
 * the recipient's key can't be enveloped to (not RSA, too short; its keyUsage is not asked: IOS's
 * own CA has no keyEncipherment); -ENOMEM. */
_checked_ int scep_question_build(const struct scep_question *from, struct scep_draft *ret);
/* The MD5 of the SubjectPublicKeyInfo in upper case hex, as routers name their transactions. */
#define SCEP_TRANSACTION_ID_SIZE 32
void scep_transaction_id(struct span spki, char ret[static SCEP_TRANSACTION_ID_SIZE + 1]);

/* What an answer is held against. */
struct scep_expectation {
	struct span transaction_id;
	struct span sender_nonce; /* that recipientNonce must repeat */
	/* Who may have signed: the CA and what came with it; each whole DER. That the others follow
	 * from the CA is the caller's to know. */
	const struct span *signers;
	size_t n_signers;
	const struct x509_certificate *recipient; /* the certificate that our message carried */
};

/* What is wrong with an answer; a sentence each by scep_fault_text(). */
enum scep_fault {
	SCEP_FAULT_NONE,
	SCEP_FAULT_SHAPE,	/* no SCEP answer at all: HTML, an empty body, garbage */
	SCEP_FAULT_SIGNATURE,	/* messageDigest or signature wrong */
	SCEP_FAULT_SIGNER,	/* by nobody who may */
	SCEP_FAULT_TYPE,	/* no CertRep */
	SCEP_FAULT_TRANSACTION, /* of another transaction */
	SCEP_FAULT_NONCE,	/* to another question */
	SCEP_FAULT_STATUS,	/* pkiStatus none of the three, or contradicts what is there */
	SCEP_FAULT_RECIPIENT,	/* enveloped to somebody else */
	SCEP_FAULT_ALGORITHM,	/* MD5, or what we don't know */
	SCEP_FAULT_CONTENT,	/* what was enveloped can't be opened or is no certs-only message */
};
const char *scep_fault_text(enum scep_fault fault); /* "the answer is signed by …" */

struct scep_reply {
	struct bytes storage;
	enum scep_status status;
	enum scep_fail_info fail_info; /* FAILURE */
	char *fail_text;	       /* FAILURE; may be NULL; UTF-8, escaped where it is shown */
	/* SUCCESS: what key_unwrap() takes, and what follows it. They borrow from @storage. */
	struct span encrypted_key;
	enum cipher cipher;
	struct span iv, encrypted_content;
};
/* Opens the outer message and holds it against what is expected. 0 with *ret_fault, @ret being the
 * caller's; where there is a fault nothing in it means anything. -ENOMEM. */
_checked_ int scep_reply_open(struct span message, const struct scep_expectation *expected,
			      struct scep_reply *ret, enum scep_fault *ret_fault);
/* Decrypts SUCCESS: the certificates in it, and the CRL of an answer to GetCRL (empty without one),
 * which borrows from @ret. At least one of either. 0 with *ret_fault; -ENOMEM. */
_checked_ int scep_reply_read(const struct scep_reply *reply, struct span content_key,
			      struct scep_ca_answer *ret, struct span *ret_crl,
			      enum scep_fault *ret_fault);
void scep_reply_done(struct scep_reply *reply);
