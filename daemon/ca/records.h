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
	int64_t crl_generation_id;    /* whose key signed it; 0: not known, or elsewhere */
	uint64_t crl_revision;	      /* counts revocations: what the newest CRL holds … */
	uint64_t revocation_revision; /* … and what the database holds */
	uint64_t crl_last_number;     /* the highest that was ever signed, ahead or not */
	/* CRLs signed ahead: the wish, 0 for none, and what of it waits to be published. */
	int64_t ahead_wish_s;
	int64_t ahead_first_s;	     /* thisUpdate of the first; 0 without one */
	int64_t ahead_last_s;	     /* thisUpdate of the last */
	int64_t ahead_next_update_s; /* nextUpdate of the last */
	uint64_t ahead_revision;     /* as crl_revision, of the last */
	int64_t rollover_wish_s; /* since when a shadow is wanted, by hand or begun; 0: it is not */
	int64_t rollover_cancelled_s; /* the newest cancel; 0 for none */
};
void ca_server_record_done(struct ca_server_record *record);

/* A CRL, in force or signed ahead. */
struct ca_crl_record {
	uint64_t number; /* 0: there is none */
	int64_t this_update_s, next_update_s;
	uint64_t revision;
	int64_t generation_id; /* whose key signed it; 0: elsewhere (an imported one) */
	struct bytes der;
};
void ca_crl_record_done(struct ca_crl_record *record);

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
	uint64_t counter;    /* of its own certificate's serial; 0 where another CA gave that */
	struct bytes serial; /* magnitude */
	struct bytes issuer; /* DER Name of the certificate's issuer */
	/* The certificates of the CAs above it, upwards, DER after DER; empty for a root. */
	struct bytes superiors;

	/* What was done for it; 0: not yet. The first generation of a server is born with all done.
	 */
	int64_t archived_s;	/* the archive of its key, where it is to have one */
	int64_t backed_up_s;	/* the newest backup of its key; 0 also of the first */
	int64_t available_s;	/* its certificate is given out ahead (GetNextCACert) */
	int64_t changed_over_s; /* its taking over was recorded and published */
	int64_t relabelled_s;	/* its key's label lost the `#` */

	int64_t issued_until_s; /* latest notAfter of what it issued for others; 0 for nothing */
	/* Latest notAfter of its own certificates: `--now` gives a shadow's key another, and its
	 * token keeps it up to the end of both. */
	int64_t certified_until_s;
	/* The newest CRL that its own key signed after another took over early; 0 before any. */
	uint64_t own_crl_number;
	int64_t own_crl_this_update_s, own_crl_next_update_s;
	uint64_t own_crl_revision;
};
void ca_generation_record_done(struct ca_generation_record *record);
/* An array of them, as store_generations_load() gives it; NULL is let through. */
void ca_generation_records_free(struct ca_generation_record *records, size_t n);

/* A key on a token, as identities, enrolments and exchanges name it. */
struct ca_key_place {
	char *token;	    /* name of its [Token] section */
	char *token_serial; /* NULL where not known */
	char *label;	    /* as it was made; "LABEL#" until it is relabelled */
	struct bytes spki;
	uint8_t key_sha256[SHA256_SIZE];
};
void ca_key_place_done(struct ca_key_place *place);

/*
 * A key and its certificate that open envelopes and sign CertReps in the stead of a CA's own key
 * (RFC 8894 §2.1.2): of a server with ExchangeKey=, whose certificate its own generation issued,
 * and of an RA, whose certificate came from its CA. An RA's generations are the CA certificates
 * that it speaks for: they have no key here, so that token and key_id are empty.
 */
struct ca_exchange_record {
	int64_t id;
	int64_t generation_id;	 /* of the CA certificate that it speaks for */
	struct ca_key_place key; /* its label is "LABEL-exchange", "…#" until it is relabelled; an
				    RA's as its trustpoint calls it */
	struct bytes certificate; /* whole DER */
	int64_t not_before_s, not_after_s;
	/* From then on it signs, and GetCACert gives it out: the later of when it was made and when
	 * its generation takes over. It opens envelopes from the first on to its notAfter. */
	int64_t takes_over_s;
	int64_t relabelled_s; /* its key's label lost the `#`, or never had one; 0: not yet */
	int64_t destroyed_s;  /* 0 while its key stands */
};
void ca_exchange_record_done(struct ca_exchange_record *record);
/* An array of them, as store_exchanges_load() gives it; NULL is let through. */
void ca_exchange_records_free(struct ca_exchange_record *records, size_t n);

/* Numbers of generations, both ends included. */
struct ca_generation_range {
	unsigned first, last;
};

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
	unsigned generation;  /* the number of the one that it is for: where that has not taken over
				 yet, this is a rollover request */
	int64_t signer_id;    /* the certificate of ours that signed it; 0: a stranger, or nobody */
	struct bytes renewed; /* of an RA's: the CA's certificate that signed a renewal, whole DER;
				 else empty */
	struct bytes csr;
	uint8_t csr_sha256[SHA256_SIZE];
	uint8_t key_sha256[SHA256_SIZE]; /* of the CSR's key */
	struct bytes subject;		 /* DER Name */
	struct bytes sender_nonce;	 /* of the message that made it */
	struct bytes answered_nonce;	 /* of the newest that got its certificate again */
	char *peer;
	uint64_t peer_bucket; /* of its address: whose share of what may wait it takes; 0: an
				 operator's, which takes none */
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
