/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Holds back a second worker that would decide on the same thing while the first is between its
 * decision and its commit: else a certificate could be signed that no commit takes. (The commit
 * checks again; this only keeps signatures from being thrown away.)
 *
 * Kinds don't wait for each other. Who needs two claims them in the order of the enum, so that
 * nobody waits in a circle.
 */

#include "daemon/base/bytes.h"
#include "daemon/base/crypto.h"
#include <pthread.h>

enum claim_kind {
	CLAIM_FORWARD,	  /* what an RA passes on, by the number of its request */
	CLAIM_TRUSTPOINT, /* everything that works on one, its waiting for the network too */
	CLAIM_SERVER,	  /* its birth, its CRL, the operator's wish: may take minutes */
	CLAIM_TRANSACTION,
	CLAIM_PASSWORD,
	CLAIM_PUBLICATION,
	CLAIM_STORE,	/* whose its stores are */
	CLAIM_PEER_CRL, /* a CRL of somebody else's that is being fetched, by its source */
	CLAIM_KEY,	/* a key that is looked for and made where it is missing, by its label */
	CLAIM_KINDS_
};

struct claims;

_checked_ int claims_new(struct claims **ret);
struct claims *claims_free(struct claims *claims);
/* Blocks until nobody else holds this name. Give the result to claim_releasep(). */
pthread_mutex_t *claim_take(struct claims *claims, enum claim_kind kind, struct span name);
/* Doesn't wait: NULL where somebody else holds it. */
pthread_mutex_t *claim_try(struct claims *claims, enum claim_kind kind, struct span name);
/* claim_take() for a transaction, which a transactionID is only together with whose it is: another
 * requester's is not held back. */
pthread_mutex_t *claim_take_transaction(struct claims *claims, struct span transaction_id,
					const uint8_t requester[static SHA256_SIZE]);
/* Doesn't wait: NULL where somebody else holds it. What a peer can repeat at will must not keep one
 * worker after another waiting for the first. */
pthread_mutex_t *claim_try_transaction(struct claims *claims, struct span transaction_id,
				       const uint8_t requester[static SHA256_SIZE]);
/* Whether who holds @claim (NULL: nothing) holds this transaction too: some names share one claim,
 * and nobody is kept from one by himself. */
bool claim_covers_transaction(struct claims *claims, const pthread_mutex_t *claim,
			      struct span transaction_id,
			      const uint8_t requester[static SHA256_SIZE]);
/* For _cleanup_; NULL is let through. */
void claim_releasep(pthread_mutex_t **claim);
