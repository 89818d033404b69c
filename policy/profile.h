/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a router's, an RA's or a subordinate CA's certificate may contain. Pure; each refusal names
 * its rule.
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
	bool subject_is_its_exchanges; /* likewise, to that of what speaks SCEP for it */
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

/* A request as a certificate of its class would carry it; the first thing that is wrong with it.
 * What would make a CA of a router or an RA is among the wrongs; of a subordinate it is a keyUsage
 * that no CA can do with. Source: RFC 5280 §4.2, RFC 8894 §3.3.1. */
struct profile_refusal profile_judge(const struct profile_facts *facts);
/* Whether an extension that a request of this class has goes into the certificate as it came; where
 * not, it is left out and our own stands in its place. */
bool profile_copies(enum grant_class class, enum oid oid);
/* keyUsage to add where the request asked none. */
#define PROFILE_ROUTER_KEY_USAGE 0xa000 /* digitalSignature, keyEncipherment */
/* The same of a subordinate CA: that it will sign and open its messages with its CA key, as
 * routers' CAs do, is likelier than not. Source: RFC 8894 §2.1.2. */
#define PROFILE_CA_KEY_USAGE 0xa600 /* and keyCertSign, cRLSign */
/* The path length of a subordinate's certificate: what its request asks for, but no more than
 * @configured and one less than @room, what the path lengths from its issuer upwards leave. -1:
 * none in each; @room is never 0. Source: RFC 5280 §4.2.1.9. */
int64_t profile_path_length(int64_t asked, int64_t configured, int64_t room);
