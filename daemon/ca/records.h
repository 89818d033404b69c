/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The recorded facts that every decision starts from, as values. The database holds them (store/),
 * the brain reads them, flow/ carries them between. No phase and no lifecycle state is among them:
 * those are derived (generation.h, lifecycle.h).
 */

#include "daemon/base/crypto.h"
#include "policy/grant.h"

/* Texts and bytes in records are owned; each record has its _done. */

struct ca_server_record {
	char *label;
	bool enabled; /* the operator's wish: start or stop */
	int64_t created_s;
	uint64_t next_counter; /* the first serial counter that no block holds */
	uint64_t last_counter; /* of the newest certificate; 0 before any */
	uint64_t crl_number;   /* of the newest CRL; 0 before any */
	int64_t crl_this_update_s, crl_next_update_s;
	struct bytes crl;	      /* whole DER of the newest; empty before any */
	uint64_t crl_revision;	      /* counts revocations: what the newest CRL holds … */
	uint64_t revocation_revision; /* … and what the database holds */
};
void ca_server_record_done(struct ca_server_record *record);

struct ca_generation_record {
	int64_t id;
	unsigned number;	  /* 1 for the first */
	struct bytes certificate; /* whole DER */
	int64_t not_before_s, not_after_s;
	int64_t takes_over_s;
	int64_t destroyed_s; /* 0 while its key stands */
	char *token;	     /* name of its [Token] section */
	char *token_serial;
	struct bytes key_id; /* CKA_ID */
	struct bytes spki;
	uint8_t key_sha256[SHA256_SIZE];
	uint64_t counter;    /* of its own certificate's serial */
	struct bytes serial; /* magnitude */
	struct bytes issuer; /* DER Name of the certificate's issuer */
};
void ca_generation_record_done(struct ca_generation_record *record);
/* An array of them, as store_generations_load() gives it; NULL is let through. */
void ca_generation_records_free(struct ca_generation_record *records, size_t n);

enum ca_request_state {
	CA_REQUEST_INITIAL = 1, /* recorded, not yet decided */
	CA_REQUEST_AUTHORIZED,	/* decided: to be issued */
	CA_REQUEST_PENDING,	/* waits for an operator */
	CA_REQUEST_DENIED,	/* refused by policy, an operator, or superseded */
	CA_REQUEST_GRANTED,	/* its certificate is in the database */
	CA_REQUEST_MALFORMED,	/* cryptographically invalid */
};
const char *ca_request_state_name(enum ca_request_state state); /* "initial" … */

struct ca_request_record {
	int64_t id;	   /* 0: not in the database */
	uint64_t revision; /* counts changes; for optimistic commits */
	struct bytes transaction_id;
	uint8_t requester[SHA256_SIZE]; /* SHA-256 of the signer's key, or of issuer
					   and serial of a certificate of ours */
	enum ca_request_state state;
	enum grant_class class;
	bool renewal;
	struct bytes csr;
	uint8_t csr_sha256[SHA256_SIZE];
	uint8_t key_sha256[SHA256_SIZE]; /* of the CSR's key */
	struct bytes subject;		 /* DER Name */
	struct bytes sender_nonce;	 /* of the message that made it */
	struct bytes answered_nonce;	 /* of the newest that got its certificate again */
	char *peer;
	uint64_t peer_bucket; /* of its address: whose share of what may wait it takes */
	char *rule, *reason;  /* of the last verdict */
	int64_t created_s, updated_s, expires_s;
	int64_t password_id;	/* the one-time password that authorised it; 0 for none */
	int64_t certificate_id; /* 0 without one */
};
void ca_request_record_done(struct ca_request_record *record);

struct ca_certificate_record {
	int64_t id;
	uint64_t counter;
	struct bytes serial; /* magnitude */
	int64_t generation_id;
	int64_t request_id; /* 0: the CA's own */
	enum grant_class class;
	struct bytes subject; /* DER Name */
	uint8_t key_sha256[SHA256_SIZE];
	int64_t not_before_s, not_after_s;
	struct bytes certificate; /* whole DER */
	int64_t revoked_s;	  /* 0: not revoked */
	int revocation_reason;	  /* RFC 5280 §5.3.1 */
};
void ca_certificate_record_done(struct ca_certificate_record *record);

struct ca_password_record {
	int64_t id; /* 0: not found */
	int64_t created_s, expires_s;
	int64_t used_s; /* 0: not used */
	bool superseded;
	struct bytes subject; /* DER Name of --for; empty for a general one */
};
void ca_password_record_done(struct ca_password_record *record);
