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

#include "daemon/ca/forward.h"
#include "daemon/ca/target.h"

struct store;
struct store_trustpoint_change;

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

/* The options that hold for a server, as texts, in the order of their names. */
struct store_setting {
	const char *option;
	const char *value;
};
typedef int (*store_setting_visit)(void *context, const struct store_setting *setting);
_checked_ int store_setting_list(struct store *store, const char *label, store_setting_visit visit,
				 void *context);

/* Reserves @n serial counters durably and gives the first. A crash loses at most what was reserved.
 */
_checked_ int store_serials_reserve(struct store *store, const char *label, unsigned n,
				    uint64_t *ret_first);
/* The counter that a new server of this label begins with: 1, or what follows all that servers of
 * this label, deleted since, ever took. */
_checked_ int store_serials_first(struct store *store, const char *label, uint64_t *ret);
/* What servers with this key, deleted ones too, took of counters: @ret_next is the first that none
 * has, 0 where there was no such server; @ret_label (heap) one that still stands, or NULL. */
_checked_ int store_serials_of_key(struct store *store, struct span key_sha256, uint64_t *ret_next,
				   char **ret_label);
/* Gives back the unused end of the newest block, at a clean stop; nothing happens where another
 * block followed. */
_checked_ int store_serials_return(struct store *store, const char *label, uint64_t next,
				   uint64_t end);

/* Requests. The newest of a transaction among those for generations of @range; by id;
 * STORE_NOT_FOUND. */
struct store_transaction {
	struct span transaction_id, requester;
	struct ca_generation_range range;
};
_checked_ int store_request_find(struct store *store, const char *label,
				 const struct store_transaction *transaction,
				 struct ca_request_record *ret);
_checked_ int store_request_load(struct store *store, const char *label, int64_t id,
				 struct ca_request_record *ret);
/* Gives each request, newest first; the callback returns 0 to go on. */
typedef int (*store_request_visit)(void *context, const struct ca_request_record *record);
/* As operators see them listed. */
struct store_request_section {
	enum grant_class class;
	bool rollover;
	unsigned shadow; /* its number: what is for it is rollover; 0 without one */
};
struct store_request_filter {
	const struct store_request_section *section; /* NULL: all */
	int state;				     /* 0: any */
	int64_t before_id;			     /* paging: ids below this; 0 from the newest */
	unsigned limit;				     /* 0: all */
};
_checked_ int store_request_list(struct store *store, const char *label,
				 const struct store_request_filter *filter,
				 store_request_visit visit, void *context);
/* How many wait for an operator or for an RA's CA, over all servers, in all and of this
 * peer_bucket; those an operator brought himself don't count. */
_checked_ int store_request_count_pending(struct store *store, uint64_t bucket, unsigned *ret_all,
					  unsigned *ret_of_bucket);
/* The peer_bucket of which most wait, over all servers: how many (0: none wait), and the newest of
 * them with its server's label. */
struct store_most_pending {
	unsigned n;
	int64_t newest;
	char *server;
};
_checked_ int store_request_most_pending(struct store *store, struct store_most_pending *ret);
void store_most_pending_done(struct store_most_pending *most);
/* Whether somebody else with another key uses this record's transactionID. */
_checked_ int store_request_has_others(struct store *store, const char *label,
				       const struct ca_request_record *record, bool *ret);
/* How many denied and malformed ones are kept. */
_checked_ int store_request_count_refused(struct store *store, const char *label, unsigned *ret);
/* How many are authorised and have no certificate yet. */
_checked_ int store_request_count_authorized(struct store *store, const char *label, unsigned *ret);
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
/* Those of the same subject, byte for byte, from other generations of the server, neither revoked
 * nor at their end at @now_s. */
_checked_ int store_certificate_list_beside(struct store *store, const char *label,
					    const struct ca_certificate_record *certificate,
					    int64_t now_s, store_certificate_visit visit,
					    void *context);
/* In the order in which they were committed, those after the one with @after_id; at most @limit. */
_checked_ int store_certificate_list_after(struct store *store, const char *label, int64_t after_id,
					   unsigned limit, store_certificate_visit visit,
					   void *context);
/* Revoked ones that the next CRL must list, in ascending order of serial as a number; only serial,
 * revoked_s and revocation_reason are set. @previous_crl_s: thisUpdate of the CRL before, 0 without
 * one: an entry stays until it was on one CRL after its certificate's end (RFC 5280 §3.3). */
_checked_ int store_revoked_list(struct store *store, const char *label, int64_t previous_crl_s,
				 store_certificate_visit visit, void *context);
/* The same with those that this database knows from imported CRLs alone: what a CRL lists. */
_checked_ int store_revoked_list_all(struct store *store, const char *label, int64_t previous_crl_s,
				     store_certificate_visit visit, void *context);
/* What is known of a public key among this server's certificates. */
struct store_key_question {
	struct span key_sha256;
	struct span subject; /* DER Name of whoever wants it certified */
	bool (*same_name)(struct span a, struct span b);
	int64_t now_s;
};
struct store_key_history {
	bool compromised;	    /* revoked with reason keyCompromise (1) or cACompromise (2) */
	bool certified_for_another; /* an unexpired certificate of another subject */
};
_checked_ int store_key_history(struct store *store, const char *label,
				const struct store_key_question *question,
				struct store_key_history *ret);

/* The newest CRL, whole; STORE_NOT_FOUND before any. */
_checked_ int store_crl_load(struct store *store, const char *label, struct ca_crl_record *ret);
/* The newest that this generation's key signed, be it the server's newest too, or its own since
 * another's took its place; STORE_NOT_FOUND. */
_checked_ int store_crl_load_own(struct store *store, int64_t generation_id,
				 struct ca_crl_record *ret);
/* What hangs on a generation: certificates that it issued for others, requests for it that are not
 * decided. STORE_NOT_FOUND. */
struct store_dependents {
	unsigned issued, waiting;
};
_checked_ int store_generation_dependents(struct store *store, int64_t generation_id,
					  struct store_dependents *ret);
/* The message that gives the next CA certificate out (GetNextCACert), whole; STORE_NOT_FOUND. */
_checked_ int store_next_ca_load(struct store *store, const char *label, struct bytes *ret);
/* What was signed ahead and is not published, in the order of numbers; without the DER. One of it
 * by its number, whole. The newest whose thisUpdate has come, without. STORE_NOT_FOUND. */
typedef int (*store_crl_visit)(void *context, const struct ca_crl_record *record);
_checked_ int store_crl_ahead_list(struct store *store, const char *label, store_crl_visit visit,
				   void *context);
_checked_ int store_crl_ahead_load(struct store *store, const char *label, uint64_t number,
				   struct ca_crl_record *ret);
_checked_ int store_crl_ahead_due(struct store *store, const char *label, int64_t now_s,
				  struct ca_crl_record *ret);

/* Exchange keys of a server, the first that came first. The array is the caller's
 * (ca_exchange_records_free()). */
_checked_ int store_exchanges_load(struct store *store, const char *label,
				   struct ca_exchange_record **ret, size_t *ret_n);

/* What RAs pass on to their CAs: all of it, without what it holds, the oldest first; and one, by
 * its request, whole; STORE_NOT_FOUND. */
struct store_forward_place {
	int64_t id, request_id;
	const char *server;		  /* label */
	struct ca_forward_record forward; /* what ca_forward_due_s() goes by */
	const char *told;		  /* of that record; "" or NULL: nothing */
};
typedef int (*store_forward_visit)(void *context, const struct store_forward_place *place);
_checked_ int store_forward_list(struct store *store, store_forward_visit visit, void *context);
_checked_ int store_forward_load(struct store *store, const char *label, int64_t request_id,
				 struct ca_forward_record *ret);

/* Passwords: by MAC; id 0 in @ret where there is none. */
_checked_ int store_password_find(struct store *store, const char *label, struct span mac,
				  struct ca_password_record *ret);
/* The first end of those that could still let somebody in; 0 without one. */
_checked_ int store_password_first_expiry(struct store *store, const char *label, int64_t now_s,
					  int64_t *ret_s);
/* Whether any password could still let somebody in. */
_checked_ int store_password_any_live(struct store *store, const char *label, int64_t now_s,
				      bool *ret);

/* Targets: how far each place is that has been written to or tried. The array is the caller's. */
_checked_ int store_targets_load(struct store *store, const char *label,
				 struct ca_target_record **ret, size_t *ret_n);
/* What there is to be written; STORE_NOT_FOUND (the server). */
_checked_ int store_target_facts(struct store *store, const char *label,
				 struct ca_target_facts *ret);

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
	bool foreign; /* it has what is never written: a text with a NUL in it, or no label at all
		       */
};
typedef int (*store_audit_visit)(void *context, const struct store_audit_record *record);
/* Oldest first; @after_seq 0 from the first, @limit 0 all. */
_checked_ int store_audit_list(struct store *store, int64_t after_seq, unsigned limit,
			       store_audit_visit visit, void *context);
struct store_audit_filter {
	int64_t after_seq;
	unsigned limit;	    /* 0: all */
	const char *server; /* of this label; NULL: any or none */
	const char *type;   /* NULL: any */
	bool newest_first;
};
_checked_ int store_audit_find(struct store *store, const struct store_audit_filter *filter,
			       store_audit_visit visit, void *context);
/* What a walk along the whole chain found. */
struct store_audit_report {
	int64_t good;	   /* the last record up to which it is whole; 0: none */
	int64_t bad;	   /* the first that is missing or wrong; 0: none */
	const char *fault; /* of that one, constant; NULL: none */
};
/* Gives each good record to @visit (which may be NULL), up to the first bad one. 0 where the chain
 * is whole, STORE_CHANGED where it is broken. */
_checked_ int store_audit_verify(struct store *store, store_audit_visit visit, void *context,
				 struct store_audit_report *ret);
/* The newest record's number, time and hash; zeros before any. */
struct store_audit_newest {
	int64_t seq, time_s;
	uint8_t hash[SHA256_SIZE];
};
_checked_ int store_audit_newest(struct store *store, struct store_audit_newest *ret);
/* Called on the thread that writes after each commit that brought audit records, and must not
 * block. Set once, before anybody commits. */
void store_on_audit(struct store *store, void (*function)(void *context), void *context);

/* A signed checkpoint of the chain: daemon/x509/checkpoint.h. All is borrowed. */
struct store_checkpoint {
	int64_t number, seq, time_s; /* as in @to_be_signed */
	const char *token;	     /* name of the [Token] whose audit key signed */
	struct span spki, to_be_signed, signature;
};
typedef int (*store_checkpoint_visit)(void *context, const struct store_checkpoint *checkpoint);
/* Oldest first. */
_checked_ int store_checkpoint_list(struct store *store, store_checkpoint_visit visit,
				    void *context);
/* Gives the newest one, if there is one. */
_checked_ int store_checkpoint_newest(struct store *store, store_checkpoint_visit visit,
				      void *context);
/* Durable when it returns. STORE_EXISTS where that number is taken. */
_checked_ int store_checkpoint_add(struct store *store, const struct store_checkpoint *checkpoint);
/* 16 random bytes that name this database; made at its birth. */
#define STORE_ID_SIZE 16
_checked_ int store_id(struct store *store, uint8_t ret[static STORE_ID_SIZE]);

/* Up to which line a token's log of signatures was compared with the certificates here; 0: not yet.
 */
_checked_ int store_token_log_load(struct store *store, const char *token, int64_t *ret);
_checked_ int store_token_log_save(struct store *store, const char *token, int64_t number);
/* The certificate of this serial of the server that has a generation with this key (SHA-256 of its
 * SubjectPublicKeyInfo), and that server's label; STORE_NOT_FOUND where there is none, with the
 * label where the key is known. Both are the caller's. */
_checked_ int store_certificate_of_key(struct store *store, struct span key_sha256,
				       struct span serial, struct bytes *ret_certificate,
				       char **ret_label);

/* Revocations that came in a CRL: serials are magnitudes, borrowed; none stands there twice. */
struct store_revocations {
	const struct store_revocation {
		struct span serial;
		int64_t revoked_s;
		int reason;
	} * items;
	size_t n;
};

/* What is recorded of a generation after its birth. */
enum store_generation_step {
	STORE_GENERATION_ARCHIVED = 1,
	STORE_GENERATION_AVAILABLE,
	STORE_GENERATION_CHANGED_OVER,
	STORE_GENERATION_RELABELLED,
	STORE_GENERATION_DESTROYED,
	STORE_GENERATION_CANCELLED,
	STORE_GENERATION_WITHDRAWN,
};

/* What is recorded of an exchange key after its birth. */
enum store_exchange_step {
	STORE_EXCHANGE_RELABELLED = 1, /* its label has no `#` from then on */
	STORE_EXCHANGE_DESTROYED,
};

/*
 * One change. Members that are NULL, empty or 0 are no part of it; all that are, happen together.
 *
 * server	the label of the server it is about; NULL for audit events of none
 * create_server	makes a new one, not enabled; its first counter is 1
 * settings	each replaces what was recorded of its option
 * generation	inserted; no certificate gets its counter again
 * generation_has_crl	the newest CRL, of which no generation is known, is signed by its key
 * renewed_generation	one that has not taken over gets another certificate, and takes over with
 *		it; also one that had, where the clock was set back before that. The message that
 *		gave it out ends. STORE_CHANGED where it has, or its key is destroyed
 * generation_step	of generation_id: the moment is recorded; STORE_CHANGED where it was before,
 *		or its key is destroyed. CHANGED_OVER ends the message that gives it out; CANCELLED
 *		destroys it and all that hangs on it, and denies what waits for it; STORE_CHANGED
 *		where it is recorded that it took over. WITHDRAWN undoes AVAILABLE, and ends that
 *		message too
 * exchange	inserted; generation_id 0 names the generation that comes with the same change.
 *		STORE_CHANGED where that one's key is destroyed, or it was cancelled
 * exchange_step	of exchange_id: the moment is recorded; STORE_CHANGED where it was before,
 *		or its key is destroyed
 * rollover_wish	since when a shadow is wanted; 0 ends the wish
 * rollover_cancel	ends the wish, and counts as a cancel, where there is no generation yet
 * next_ca	the message that gives generation_id out ahead, in the place of the one before
 * last_counter	of a restored server: what was given out elsewhere is never given out here
 * request	inserted where its id is 0, else updated where its revision still is what the record
 *		says; what the client sent is never changed, but its nonces
 * expected_newest	with an insert: the id that store_request_find() gave for its transaction
 *		(0: none), and the same range; STORE_CHANGED where another stands there now
 * superseded	a waiting request that this one supersedes: denied; STORE_CHANGED where it is
 *		decided already
 * remove_request	with all that its transaction had before it; certificates stay.
 *		STORE_CHANGED where it is gone
 * remove_all_requests	of the server, in every state; it takes how many there were
 * certificate	inserted and tied to the request; of the new generation where there is one.
 *		STORE_CHANGED where its generation's key is destroyed, or it was cancelled
 * forward	of the request in this change, or of its own request_id: inserted where its id is 0,
 *		else replaced; STORE_CHANGED where it is gone. It goes by itself when its request is
 *		no longer AUTHORIZED
 * password_used	a password that must still be unused and live: marked used; STORE_CHANGED
 *		where it is not
 * revoke_certificate	counts revocation_revision up. STORE_CHANGED where it is revoked already;
 *		one on hold (reason 6) may be revoked for good, and keeps the date of its hold
 * release_certificate	takes it off hold; counts too. STORE_CHANGED where it is not on hold
 * revocations	what an imported CRL lists: certificates of ours are revoked, the others kept as
 *		known from elsewhere, in the place of those known so before
 * crl		whole DER of a new CRL. STORE_CHANGED where its number is not above all that were
 *		signed; what was signed ahead goes. Another generation's that it follows stays as
 *		that one's own
 * crl_generation	the id of the one whose key signed it; 0: the one inserted with it, or none
 * crl_is_ahead	it is one to be published at its thisUpdate instead
 * crl_is_own	it is a displaced generation's own instead; what was signed ahead stays. One that
 *		came with revocations, from elsewhere, may have any number above its key's newest
 * ahead_wish	until when CRLs are to be signed ahead; 0 ends it
 * publish_ahead	the number of one signed ahead, which becomes the newest. STORE_CHANGED
 *		where it is gone
 * target	how far a place is, inserted or replaced by kind, file and place
 * delete_server	the server, not enabled then, gives its label free: what reads by the
 *		label finds it no more. Its generations and exchange keys count as destroyed,
 *		requests without a certificate and messages that wait for a token go, and what is
 *		recorded of a trustpoint of its label; its certificates, serial numbers and audit
 *		records stay
 * password_mac	a new password; it supersedes the one before it for the same subject, a general
 *		one (no subject) the general one
 * trustpoint	a change of a trustpoint (trustpoint.h), which is of no server
 * adoption	the keys that are named are on the token of another serial now: whatever is recorded
 *		of them gets it
 * backed_up_key	SHA-256 of the SubjectPublicKeyInfo of a key that was backed up now, whether
 *or not a generation has it yet
 *
 * Ids and revisions are filled into the records once the change is durable.
 */
struct store_adoption {
	const char *token;	   /* name of the section */
	const char *serial;	   /* of the token that has the keys now */
	const uint8_t (*keys)[32]; /* SHA-256 of each SubjectPublicKeyInfo */
	size_t n_keys;
	unsigned *ret_changed; /* how many records it was another in */
};

struct store_change {
	const char *server;
	int64_t now_s;
	const char *create_server;
	const struct store_setting *settings;
	size_t n_settings;
	struct ca_generation_record *generation;
	bool generation_has_crl;
	struct ca_generation_record *renewed_generation;
	int64_t generation_id;
	enum store_generation_step generation_step;
	struct ca_exchange_record *exchange;
	int64_t exchange_id;
	enum store_exchange_step exchange_step;
	const int64_t *rollover_wish_s;
	bool rollover_cancel;
	struct span next_ca;
	uint64_t last_counter;
	const bool *enabled;
	struct ca_request_record *request;
	int64_t expected_newest;
	struct ca_generation_range request_range;
	int64_t superseded;
	int64_t remove_request;
	unsigned *remove_all_requests;
	struct ca_certificate_record *certificate;
	struct ca_forward_record *forward;
	int64_t password_used;
	int64_t revoke_certificate;
	int revocation_reason;
	int64_t release_certificate;
	const struct store_revocations *revocations;
	struct span crl;
	int64_t crl_generation;
	bool crl_is_ahead, crl_is_own;
	uint64_t crl_number, crl_revision;
	int64_t crl_this_update_s, crl_next_update_s;
	const int64_t *ahead_wish_s;
	uint64_t publish_ahead;
	struct ca_target_record *target;
	struct span password_mac;
	struct span password_subject;
	int64_t password_expires_s;
	bool delete_server;
	struct store_trustpoint_change *trustpoint;
	const struct store_adoption *adoption;
	struct span backed_up_key;
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
