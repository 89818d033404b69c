/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Persistence: the one place that knows SQLite. Reads give records; every change is a
 * `store_change`, applied as a whole or not at all, in one durable transaction (WAL,
 * synchronous=FULL) that concurrent changes share (group commit). Audit records are written in the
 * transaction of the change they record.
 *
 * Thread-safe: any thread may read and commit; one of those that commit at the same time writes for
 * all.
 */

#include "daemon/ca/records.h"

struct store;

/* Opens or creates the database file @path (0600), brings it to the newest schema by numbered
 * migrations. -EUCLEAN where the file is another program's, of a newer version or damaged; -errno.
 * Blocks. */
_checked_ int store_open(const char *path, struct store **ret);
/* Nobody may be using it. */
struct store *store_close(struct store *store);
void store_closep(struct store **store);

/* 32 random bytes made at the database's birth, key of the passwords' MACs; locked memory,
 * borrowed. */
struct span store_password_key(struct store *store);
/* The audit chain's head: SHA-256 of the newest record; zeros before any. */
void store_audit_head(struct store *store, uint8_t ret[static SHA256_SIZE]);

enum store_outcome {
	STORE_NOT_FOUND = 1,
	STORE_EXISTS = 2,  /* a unique value stands already: label, serial */
	STORE_CHANGED = 3, /* what the change was decided on is no longer so: decide again */
};

/*
 * Reading never waits for a commit. Records given to @ret are whole and the caller's; a callback's
 * record is borrowed for the call. A callback ends its list by another value than 0; a negative one
 * is handed on.
 */

/* Servers and generations. Outcomes: STORE_NOT_FOUND. Generations come in the order of their
 * numbers; a server that isn't there has none. */
_checked_ int store_server_load(struct store *store, const char *label,
				struct ca_server_record *ret);
_checked_ int store_generations_load(struct store *store, const char *label,
				     struct ca_generation_record **ret, size_t *ret_n);

/* Reserves @n serial counters durably and gives the first. A crash loses at most what was reserved.
 */
_checked_ int store_serials_reserve(struct store *store, const char *label, unsigned n,
				    uint64_t *ret_first);
/* Gives back the unused end of the newest block, at a clean stop; nothing happens where another
 * block followed. */
_checked_ int store_serials_return(struct store *store, const char *label, uint64_t next,
				   uint64_t end);

/* Requests. The newest of a transaction; by id; STORE_NOT_FOUND. */
_checked_ int store_request_find(struct store *store, const char *label, struct span transaction_id,
				 struct span requester, struct ca_request_record *ret);
_checked_ int store_request_load(struct store *store, const char *label, int64_t id,
				 struct ca_request_record *ret);
/* Gives each request, newest first; the callback returns 0 to go on. */
typedef int (*store_request_visit)(void *context, const struct ca_request_record *record);
struct store_request_filter {
	int state;	   /* 0: any */
	int64_t before_id; /* paging: ids below this; 0 from the newest */
	unsigned limit;	   /* 0: all */
};
_checked_ int store_request_list(struct store *store, const char *label,
				 const struct store_request_filter *filter,
				 store_request_visit visit, void *context);
/* How many wait for an operator, in all and of this peer_bucket. */
_checked_ int store_request_count_pending(struct store *store, const char *label, uint64_t bucket,
					  unsigned *ret_all, unsigned *ret_of_bucket);
/* How many denied and malformed ones are kept. */
_checked_ int store_request_count_refused(struct store *store, const char *label, unsigned *ret);
/* When the next request that got no certificate ends by itself; 0 for none. */
_checked_ int store_request_first_expiry(struct store *store, const char *label, int64_t *ret_s);
/* Removes what has expired at @now_s and got no certificate; how many. Granted requests stay: a
 * message that was answered is answered again for as long as its certificate lasts. */
_checked_ int store_request_expire(struct store *store, const char *label, int64_t now_s,
				   unsigned *ret);

/* Certificates. STORE_NOT_FOUND. */
_checked_ int store_certificate_load(struct store *store, int64_t id,
				     struct ca_certificate_record *ret);
_checked_ int store_certificate_find(struct store *store, const char *label, struct span serial,
				     struct ca_certificate_record *ret);
_checked_ int store_certificate_find_counter(struct store *store, const char *label,
					     uint64_t counter, struct ca_certificate_record *ret);
typedef int (*store_certificate_visit)(void *context, const struct ca_certificate_record *record);
/* Newest first; @before_counter 0 from the newest, @limit 0 all. */
_checked_ int store_certificate_list(struct store *store, const char *label,
				     uint64_t before_counter, unsigned limit,
				     store_certificate_visit visit, void *context);
/* Revoked ones that the next CRL must list, in ascending order of serial as a number; only serial,
 * revoked_s and revocation_reason are set. @previous_crl_s: thisUpdate of the CRL before, 0 without
 * one: an entry stays until it was on one CRL after its certificate's end (RFC 5280 §3.3). */
_checked_ int store_revoked_list(struct store *store, const char *label, int64_t previous_crl_s,
				 store_certificate_visit visit, void *context);
/* What is known of a public key among this server's certificates. */
struct store_key_history {
	bool compromised;	    /* revoked with reason keyCompromise (1) */
	bool certified_for_another; /* an unexpired certificate of another subject */
};
_checked_ int store_key_history(struct store *store, const char *label, struct span key_sha256,
				struct span subject, int64_t now_s, struct store_key_history *ret);

/* Passwords: by MAC; id 0 in @ret where there is none. */
_checked_ int store_password_find(struct store *store, const char *label, struct span mac,
				  struct ca_password_record *ret);

/* An audit event: @details is a JSON object's text. */
struct store_audit {
	const char *type;  /* "certificate.issue", "request.pending", "server.create" … */
	const char *actor; /* "scep 192.0.2.1", "uid 1000" … */
	const char *details;
};

/* A record of the chain as it stands. seq rises by one from 1; server is NULL for events of none.
 */
struct store_audit_record {
	int64_t seq, time_s;
	const char *server, *type, *actor, *details;
	uint8_t previous[SHA256_SIZE], hash[SHA256_SIZE];
};
typedef int (*store_audit_visit)(void *context, const struct store_audit_record *record);
/* Oldest first; @after_seq 0 from the first, @limit 0 all. */
_checked_ int store_audit_list(struct store *store, int64_t after_seq, unsigned limit,
			       store_audit_visit visit, void *context);
/* 0 where the chain is whole, STORE_CHANGED where it is broken; @ret_good is the last record up to
 * which it is whole. */
_checked_ int store_audit_verify(struct store *store, int64_t *ret_good);

/*
 * One change. Members that are NULL, empty or 0 are no part of it; all that are, happen together.
 *
 * server	the label of the server it is about; NULL for audit events of none
 * create_server	makes a new one, not enabled; its first counter is 1
 * generation	inserted; no certificate gets its counter again
 * request	inserted where its id is 0, else updated where its revision still is what the record
 *		says; what the client sent is never changed, but its nonces
 * expected_newest	with an insert: the id that store_request_find() gave for its transaction
 *		(0: none); STORE_CHANGED where another stands there now
 * superseded	a waiting request that this one supersedes: denied; STORE_CHANGED where it is
 *		decided already
 * remove_request	with all that its transaction had before it; certificates stay.
 *		STORE_CHANGED where it is gone
 * certificate	inserted and tied to the request; of the new generation where there is one
 * password_used	a password that must still be unused and live: marked used; STORE_CHANGED
 *		where it is not
 * revoke_certificate	counts revocation_revision up. STORE_CHANGED where it is revoked already
 * crl	whole DER of a new CRL; STORE_CHANGED where its number is not above the newest one's
 * password_mac	a new password; it supersedes the one before it for the same subject, a general
 *		one (no subject) the general one
 *
 * Ids and revisions are filled into the records once the change is durable.
 */
struct store_change {
	const char *server;
	int64_t now_s;
	const char *create_server;
	struct ca_generation_record *generation;
	const bool *enabled;
	struct ca_request_record *request;
	int64_t expected_newest;
	int64_t superseded;
	int64_t remove_request;
	struct ca_certificate_record *certificate;
	int64_t password_used;
	int64_t revoke_certificate;
	int revocation_reason;
	struct span crl;
	uint64_t crl_number, crl_revision;
	int64_t crl_this_update_s, crl_next_update_s;
	struct span password_mac;
	struct span password_subject;
	int64_t password_expires_s;
	const struct store_audit *audit;
	size_t n_audit;
};
/* Commits durably; blocks until it is on the disk. Outcomes STORE_EXISTS, STORE_CHANGED,
 * STORE_NOT_FOUND (the server): nothing was changed. -EIO, -ENOSPC, -EROFS. */
_checked_ int store_commit(struct store *store, struct store_change *change);

/* Writes something of no meaning durably, to see whether the database takes writes (again). Blocks.
 */
_checked_ int store_probe(struct store *store);
/* Whether the newest commit or probe could be written; the reason where not, constant, else "". */
bool store_is_writable(struct store *store, const char **ret_reason);
