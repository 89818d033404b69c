/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The recorded facts of a trustpoint, the client's side of a CA, as values: whom it trusts, the
 * identities that it has under it, the enrolments that are under way. As with servers no phase is
 * among them: which certificate is active follows from takes_over_s and the time asked about.
 *
 * An anchor is a CA certificate that was accepted (RFC 5280 §6.1.1 (d)); an identity is a
 * certificate with its key; an enrolment is a request that has no certificate yet.
 */

#include "daemon/ca/records.h"

/* Why a trustpoint asks for nothing more by itself, until an operator acts. */
enum ca_trustpoint_halt {
	CA_TRUSTPOINT_GOES_ON = 0,
	CA_TRUSTPOINT_REJECTED = 1,  /* the CA refused: `trustpoint enroll` */
	CA_TRUSTPOINT_STRANGER = 2,  /* the CA is not the one trusted, and nothing signed says that
					it  may be: `trustpoint authenticate` */
	CA_TRUSTPOINT_EXHAUSTED = 3, /* RetryCount= tries brought nothing: `trustpoint enroll` */
};
const char *ca_trustpoint_halt_name(enum ca_trustpoint_halt halt); /* "", "rejected", … */

struct ca_trustpoint_record {
	int64_t id; /* 0: not in the database */
	char *name;
	uint64_t revision; /* counts changes; for optimistic commits */
	int64_t created_s;
	unsigned capabilities;	/* enum scep_capability bits, as the server told them last … */
	int64_t capabilities_s; /* … and when; 0: it was not asked yet */
	enum ca_trustpoint_halt halt;
	int64_t halted_s;
	char *halt_reason; /* for people; NULL while it goes on */
	/* Tries in a row of RENEW, SHADOW or authentication that found no server or no answer that
	 * could be used; an answer that can ends them. */
	unsigned failures;
	int64_t failed_s; /* the last of them */
	char *failure;	  /* its reason, for people; NULL without one */
	/* The same of GetNextCACert where the CA has no shadow yet. */
	unsigned next_ca_misses;
	int64_t next_ca_missed_s;
	/* What the files in ExportDirectory= hold: SHA-256 over directory and contents; zeros
	 * before any. */
	uint8_t exported_sha256[SHA256_SIZE];
	bool reload_due; /* the files changed, and ReloadUnits= were not all told yet */
};
void ca_trustpoint_record_done(struct ca_trustpoint_record *record);

struct ca_anchor_record {
	int64_t id;
	struct bytes certificate; /* the CA's, whole DER */
	struct bytes others;	  /* what came with it, DER after DER: RAs', superior CAs' */
	int64_t not_before_s, not_after_s;
	int64_t accepted_s;
	int64_t takes_over_s;	/* when it was accepted; of a next one the end of the one before */
	int64_t changed_over_s; /* its taking over was recorded and told; 0: not yet */
};
void ca_anchor_record_done(struct ca_anchor_record *record);

struct ca_identity_record {
	int64_t id;
	int usage;	   /* enum key_usage: general (1), signature (2), encryption (3) */
	int64_t anchor_id; /* whose CA issued it */
	struct ca_key_place key;
	struct bytes certificate; /* whole DER */
	int64_t not_before_s, not_after_s;
	int64_t takes_over_s;	 /* when it came; of a shadow the end of the CA before */
	int64_t changed_over_s;	 /* its taking over was recorded, and the files written; 0: not yet
				  */
	int64_t relabelled_s;	 /* its key's label lost the `#`, or never had one; 0: not yet */
	int64_t key_destroyed_s; /* 0 while its key stands, or another identity has it */
	bool by_hand; /* it came by terminal or file: neither renewed nor rolled over by itself */
	unsigned jitter; /* 0…65535, random: how far RENEW goes ahead of its time, at most */
};
void ca_identity_record_done(struct ca_identity_record *record);

enum ca_enrollment_kind {
	CA_ENROLLMENT_FIRST = 1, /* signed by a self-signed certificate */
	CA_ENROLLMENT_RENEWAL = 2,
	CA_ENROLLMENT_SHADOW = 3, /* under the next anchor */
	/* As FIRST, for a server whose key is lost or known to others: what comes takes over at
	 * once. */
	CA_ENROLLMENT_EMERGENCY = 4,
};
enum ca_enrollment_state {
	CA_ENROLLMENT_MADE = 1,	   /* recorded, and no answer to it yet */
	CA_ENROLLMENT_PENDING = 2, /* the CA waits for somebody's decision: it is polled */
	CA_ENROLLMENT_BY_HAND = 3, /* its certificate comes by `trustpoint import` */
};
const char *ca_enrollment_state_name(enum ca_enrollment_state state); /* "made", … */

struct ca_enrollment_record {
	int64_t id;
	int usage; /* as of the identity */
	enum ca_enrollment_kind kind;
	enum ca_enrollment_state state;
	int64_t anchor_id; /* whose CA is asked; of a SHADOW the next one's */
	struct ca_key_place key;
	bool key_is_new;     /* made for it: destroyed where nothing comes of it */
	int64_t signer_id;   /* the identity whose key signs the messages; 0: the key itself */
	struct bytes signer; /* the certificate that they carry, whole DER; self-signed or that
				one's; empty by hand */
	struct bytes
		message; /* the whole PKCSReq, to be sent as it is until an answer comes; the
			    challenge in it is enveloped to the CA. By hand: the PKCS#10, DER */
	struct bytes transaction_id, sender_nonce;
	struct bytes subject; /* DER Name that was asked for */
	uint8_t request_md5[16], request_sha1[20], request_sha256[SHA256_SIZE]; /* of the PKCS#10 */
	int64_t created_s;
	unsigned tries;	 /* since the last change of state: sent and not answered, or polls */
	int64_t tried_s; /* the last of them; 0: not yet */
	char *told;	 /* what the CA or the way to it said last, for people; NULL: nothing */
};
void ca_enrollment_record_done(struct ca_enrollment_record *record);

/* One trustpoint with all that hangs on it, in the order of ids; the arrays are its own. */
struct ca_trustpoint_state {
	struct ca_trustpoint_record record;
	struct ca_anchor_record *anchors;
	size_t n_anchors;
	struct ca_identity_record *identities;
	size_t n_identities;
	struct ca_enrollment_record *enrollments;
	size_t n_enrollments;
};
/* Accepts the zeroed struct. */
void ca_trustpoint_state_done(struct ca_trustpoint_state *state);

/*
 * What is in force at @now_s: of those whose takes_over_s has come the one that came last. NULL:
 * none; borrowed from @state. It may have ended: what ended stays until another takes over.
 */
const struct ca_anchor_record *ca_anchor_active(const struct ca_trustpoint_state *state,
						int64_t now_s);
const struct ca_identity_record *ca_identity_active(const struct ca_trustpoint_state *state,
						    int usage, int64_t now_s);
/* The one that will take over; NULL: none. */
const struct ca_anchor_record *ca_anchor_next(const struct ca_trustpoint_state *state,
					      int64_t now_s);
const struct ca_identity_record *ca_identity_next(const struct ca_trustpoint_state *state,
						  int usage, int64_t now_s);
/* Whether one that takes over at @takes_over_s leaves no second after the end of the one before:
 * notAfter is the last second (RFC 5280 §4.1.2.5). */
static inline bool ca_follows_closely(int64_t takes_over_s, int64_t not_after_s)
{
	return takes_over_s <= not_after_s + 1;
}
/* By id; NULL. */
const struct ca_anchor_record *ca_anchor_find(const struct ca_trustpoint_state *state, int64_t id);
const struct ca_identity_record *ca_identity_find(const struct ca_trustpoint_state *state,
						  int64_t id);
/* The one under way for this usage; there is at most one. NULL. */
const struct ca_enrollment_record *ca_enrollment_of(const struct ca_trustpoint_state *state,
						    int usage);
