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
/* The class of this name; false where there is none. */
bool grant_class_find(const char *name, enum grant_class *ret);

/* The certificate that signed the request, where this server issued it. */
struct grant_signer {
	bool ours; /* issued by this server, chain and message signature verified */
	bool revoked;
	bool in_force;	    /* notBefore ≤ now ≤ notAfter */
	bool same_identity; /* subject equal, or a router's with the same set of {serialNumber,
			       unstructuredName, CN} */
	bool names_within;  /* the CSR's subjectAltName lies within the old one's */
	bool same_key;	    /* the CSR's key is the one it is for */
	enum grant_class class;
};

struct grant_facts {
	enum grant_mode mode;
	bool renewal_auto;	 /* GrantRenewal=auto */
	bool password_required;	 /* PasswordRequired=yes */
	unsigned rollover_auto;	 /* GrantRollover=, a set of 1 << class */
	bool issue_subordinates; /* IssueSubordinates=yes */
	bool room_below;	 /* the path lengths from the issuer upwards leave room for a CA */
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
/* Whether an RA sends it for another: its signer is ours, in force, unrevoked and of class RA, the
 * CSR has another key, and it is no renewal of the RA's own. No possession is asked for then, for
 * the RA has seen to it; what else is wrong with a request is wrong with this one too. */
bool grant_is_forwarded(const struct grant_facts *facts);
/*
 * What becomes of a request. The first of these that has a say decides: a revoked signer and a
 * compromised key are refused in any mode; so is a key of another subject with @unique_keys, but
 * where a renewal keeps the key under its subject spelt otherwise; a CA's without
 * @issue_subordinates and @room_below; RA and subordinate wait for a hand, but where
 * @rollover_auto lets one through that renews, under the present CA certificate or the one to
 * come; renewals go by @renewal_auto; @password_required lets nothing else than a live password
 * through; GRANT_RA_AUTO issues what is forwarded; the rest is grant.def's. Always a whole verdict.
 */
struct verdict grant_decide(const struct grant_facts *facts);

/* What becomes of a request that an operator brings by hand: as grant_decide() where requests are
 * granted or refused automatically, else it waits; its challenge has no say, since he vouches for
 * it. */
struct verdict grant_decide_added(const struct grant_facts *facts);
/* What an operator's grant of a waiting request comes to: it is issued, of whatever class. A
 * compromised key or revoked signer is refused always, a key of another subject with @unique_keys,
 * a CA's where the server may not or can't issue one. */
struct verdict grant_by_hand(const struct grant_facts *facts);

/* True for the permits that policy made. issue() asserts it. */
bool grant_permit_is_genuine(const struct permit *permit);
