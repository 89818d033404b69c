/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a router's certificate may contain, and the lint of the to-be-signed. Pure; each refusal
 * names its rule.
 */

#include "daemon/base/crypto.h"
#include "daemon/base/der.h"
#include "policy/grant.h"

struct profile_extension {
	enum oid oid; /* OID_UNKNOWN for others */
	bool critical;
	struct span value;
};

struct profile_facts {
	enum grant_class class;
	bool subject_empty;
	bool subject_valid;
	bool subject_is_the_cas;       /* equal to the CA's own, as names compare */
	struct span modulus, exponent; /* RSA; empty modulus: another kind of key */
	size_t least_bits;	       /* 2048, or 1024 with Clients=legacy */
	const struct profile_extension *extensions;
	size_t n_extensions;
	bool has_basic_constraints, ca;
	bool has_key_usage;
	uint16_t key_usage; /* X.509 named bits, digitalSignature = 0x8000 */
	size_t request_bytes, challenge_bytes;
};

struct profile_refusal {
	bool bad_alg;	  /* failInfo badAlg instead of badRequest */
	const char *rule; /* NULL: nothing is wrong */
	const char *reason;
};
#define PROFILE_REQUEST_BYTES_MAX   65536
#define PROFILE_CHALLENGE_BYTES_MAX 256

/* A request as a router's or an RA's certificate would carry it; the first thing that is wrong with
 * it. What would make a CA of its holder is among the wrongs; of class subordinate only sizes,
 * subject and key are judged. Source: RFC 5280 §4.2, RFC 8894 §3.3.1. */
struct profile_refusal profile_judge(const struct profile_facts *facts);
/* Whether a requested extension goes into the certificate as it came; where not, it is left out and
 * our own stands in its place. */
bool profile_copies(enum oid oid);
/* keyUsage to add where the request asked none. */
#define PROFILE_ROUTER_KEY_USAGE 0xa000 /* digitalSignature, keyEncipherment */
