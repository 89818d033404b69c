/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * May this be issued: the grant table (grant.def), renewals, classes. Pure: facts in, verdict out.
 */

#include "policy/verdict.h"

enum grant_mode { GRANT_MANUAL, GRANT_AUTO, GRANT_RA_AUTO, GRANT_NONE };
/* Where the CSR's challenge stands against the server's one-time passwords. */
enum grant_challenge {
	GRANT_CHALLENGE_ABSENT,
	GRANT_CHALLENGE_LIVE,
	GRANT_CHALLENGE_UNMATCHED,
	GRANT_CHALLENGE_SPENT
};
enum grant_class { GRANT_CLASS_ROUTER, GRANT_CLASS_RA, GRANT_CLASS_SUBORDINATE };
const char *grant_class_name(enum grant_class class); /* "router", "ra", "subordinate" */

/* The certificate that signed the request, where this server issued it. */
struct grant_signer {
	bool ours; /* issued by this server, chain and message signature verified */
	bool revoked;
	bool in_force;	    /* notBefore ≤ now ≤ notAfter */
	bool same_identity; /* subject equal, or the same set of {serialNumber, unstructuredName,
			       CN} */
	bool names_within;  /* the CSR's subjectAltName lies within the old one's */
	bool same_key;	    /* the CSR's key is the one it is for */
	enum grant_class class;
};

struct grant_facts {
	enum grant_mode mode;
	bool renewal_auto;	/* GrantRenewal=auto */
	bool password_required; /* PasswordRequired=yes */
	enum grant_class class;
	enum grant_challenge challenge;
	struct grant_signer signer;
	bool key_compromised; /* the CSR's key was revoked with reason keyCompromise */
	bool key_shared;      /* it is certified for another subject, as its bytes go */
	bool unique_keys;     /* UniqueKeys=yes */
};

/* Whether the request is a renewal: its signer is ours, in force, unrevoked, same identity and
 * class, names within. What fails this is an ordinary first request. Source: RFC 8894 §2.5. */
bool grant_is_renewal(const struct grant_facts *facts);
/*
 * What becomes of a request. The first of these that has a say decides: a revoked signer and a
 * compromised key are refused in any mode; so is a key of another subject with @unique_keys, but
 * where a renewal keeps the key under its subject spelt otherwise; RA and subordinate wait for a
 * hand; renewals go by @renewal_auto; @password_required lets nothing else than a live password
 * through; the rest is grant.def's. Always a whole verdict.
 */
struct verdict grant_decide(const struct grant_facts *facts);

/* What an operator's grant of a waiting request comes to: issue for a router; RA and subordinate
 * requests are refused with a reason (not available); a compromised key or revoked signer is
 * refused always, a key of another subject with @unique_keys. */
struct verdict grant_by_hand(const struct grant_facts *facts);

/* True for the permits that policy made. issue() asserts it. */
bool grant_permit_is_genuine(const struct permit *permit);
