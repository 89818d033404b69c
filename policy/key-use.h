/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What other programs may have a router's key do: who, by the [Use] sections that speak of the key,
 * and what, by the whole message that is to be signed. clavigerd asks both; the token's process
 * asks the second again, by sections that it read itself. A CA's key never gets here. Pure.
 *
 * A use is recognised by its exact shape, to the last byte, for whatever a key signs under one name
 * can be shown under another: a web server that could sign the attributes of a SCEP message would
 * renew the router's identity. So what reads as one SEQUENCE or SET is never a handshake.
 */

#include "daemon/base/rsa-scheme.h"

/* Bits; in the order of the words of For=. */
enum key_use {
	KEY_USE_TLS = 1, /* a handshake: RFC 8446 §4.4.3; RFC 8422 §5.4, RFC 5246 §7.4.8 */
	KEY_USE_IKE = 2, /* IKEv2's AUTH: RFC 7296 §2.15, RFC 9242 §3.3.2 */
	KEY_USE_CMS = 4, /* signed attributes: RFC 5652 §5.4; but of nothing that enrols */
	KEY_USE_ANY = 8, /* everything, bare digests too */
};
#define KEY_USE_ALL (KEY_USE_TLS | KEY_USE_IKE | KEY_USE_CMS | KEY_USE_ANY)
/* "tls", "ike", "cms", "any", of one bit. */
const char *key_use_name(enum key_use use);
/* The narrowest of the uses that a message is, "tls" before "any"; what logs and counts name. */
enum key_use key_use_narrowest(unsigned uses);

/* One [Use NAME]. Borrows. */
struct key_use_rule {
	const char *name, *key;
	const char *const *users; /* names, or numbers in decimal */
	size_t n_users;
	const char *const *units; /* none: any, and none either */
	size_t n_units;
	unsigned uses;
};
struct key_use_peer {
	uint32_t uid;
	const char *user; /* its name, or NULL */
	const char *unit; /* or NULL: not known */
};

enum key_use_refusal {
	KEY_USE_ALLOWED,
	KEY_USE_REFUSED_KEY,  /* no rule speaks of the key */
	KEY_USE_REFUSED_USER, /* none of these is for this user */
	KEY_USE_REFUSED_UNIT, /* none of these is for this unit */
	KEY_USE_REFUSED_USE,  /* none of these is for such a use */
};
struct key_use_verdict {
	enum key_use_refusal refusal;
	const struct key_use_rule *rule; /* the first that counts; of a refusal the first of those
					    that came nearest, NULL where none speaks of the key */
	unsigned uses; /* what all rules together let this peer do, wanted or not */
};
/*
 * @rules   the @n that speak of the key, in the order of the configuration
 * @wanted  bits, one of which is enough: of key_use_find() for a signature,
 *          KEY_USE_CMS | KEY_USE_ANY to open, KEY_USE_ALL for the public key alone
 */
struct key_use_verdict key_use_judge(const struct key_use_rule *rules, size_t n,
				     const struct key_use_peer *peer, unsigned wanted);

struct key_use_ask {
	const struct rsa_scheme *scheme; /* without fault (rsa_scheme_find_fault()) */
	struct span message;
	/* As x509_shape_read() has it: its kind, and its `enrols`. */
	bool is_cms_attributes;
	bool enrols; /* SCEP's attributes, or those of a CMC request */
};
/* The uses that this is, by message and scheme; KEY_USE_ANY is always among them. */
unsigned key_use_find(const struct key_use_ask *ask);

/* NULL where one of @uses lets the key sign this; else why none does, a sentence for the log and
 * the answer. */
const char *key_use_refuses_signature(unsigned uses, const struct key_use_ask *ask);
/* The same for opening what was encrypted to the key; whether it opens at all its charter says. */
const char *key_use_refuses_opening(unsigned uses);
