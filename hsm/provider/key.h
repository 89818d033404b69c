/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A key as libcrypto holds it inside an EVP_PKEY: the public half, in OpenSSL's own default
 * provider, and the way to the private one. What needs no secret is answered by the public half, so
 * that it is answered just as by any other RSA key.
 *
 * Counted, and never changed after it was made or imported: threads share it. Source:
 * provider-keymgmt(7).
 */

#include "hsm/provider/prov.h"
#include <stdatomic.h>

struct prov_key {
	const struct prov *prov;
	atomic_uint references;
	EVP_PKEY *public_half; /* NULL until something was imported */
	struct key *key;       /* NULL where there is the public half alone */
	char *name;	       /* of @key; as the reference or the URI has it */
};

/*
 * The key of a name.
 *
 * @spki  DER SubjectPublicKeyInfo
 * Returns NULL with an error where it is none of an RSA key, or the name is none. Asks nobody.
 */
struct prov_key *prov_key_new(const struct prov *prov, const char *name, struct span spki);
/* Accepts NULL, and gives it back. */
struct prov_key *prov_key_ref(struct prov_key *key);
void prov_key_unref(struct prov_key *key);
void prov_key_unrefp(struct prov_key **key);

/* Of the modulus. */
size_t prov_key_bits(const struct prov_key *key);
/* Of the modulus, and of each signature. */
size_t prov_key_bytes(const struct prov_key *key);

/* A key for a context that is begun: @key, or where that is NULL the one in *@held. True where
 * there is one then; *@held has a reference. */
bool prov_key_hold(struct prov_key *key, struct prov_key **held);
/* True where private operations are possible; else an error. */
bool prov_key_is_private(const struct prov_key *key);

/*
 * Hands the key to libcrypto, as a store or a decoder does it.
 *
 * @key  the caller's reference is used up
 * Returns what @callback returned.
 */
int prov_key_deliver(struct prov_key *key, OSSL_CALLBACK *callback, void *argument);
