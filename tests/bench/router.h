/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One router with its key, and the two ends of an enrolment by it, both by OpenSSL's CMS and X509:
 * the PKCSReq, and what a CertRep brings. Source: RFC 8894 §3.
 */

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

struct router {
	EVP_PKEY *key;
	X509 *signer; /* self-signed */
	unsigned char *csr;
	int csr_size;
};

struct message {
	const struct router *router;
	char transaction[33];
	unsigned char nonce[16];
	unsigned char *data;
	int size;
};

/* Self-signed certificate and CSR of number @i. The key stays the caller's. */
void router_init(struct router *router, EVP_PKEY *key, unsigned i);
void router_done(struct router *router);

/* A PKCSReq under a transactionID never used before. */
void message_init(struct message *message, const struct router *router, X509 *ca);
void message_done(struct message *message);

/* What is wrong with an answer to @message; NULL: it is a SUCCESS, signed by @ca, with a
 * certificate of the router's key signed by @ca, whose serial is written in hex. */
const char *message_judge(const struct message *message, X509 *ca, const unsigned char *answer,
			  long size, char ret_serial[static 65]);
