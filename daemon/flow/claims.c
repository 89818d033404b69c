/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/claims.h"
#include <stdlib.h>
#include <string.h>

#define CLAIM_STRIPES 4096 /* two names of one stripe wait for each other: harmless, and rare */

struct claims {
	pthread_mutex_t stripes[CLAIM_KINDS_][CLAIM_STRIPES];
};

int claims_new(struct claims **ret)
{
	struct claims *claims = malloc(sizeof(*claims));

	if (!claims)
		return -ENOMEM;
	for (size_t kind = 0; kind < CLAIM_KINDS_; kind++)
		for (size_t i = 0; i < CLAIM_STRIPES; i++)
			pthread_mutex_init(&claims->stripes[kind][i], NULL);
	*ret = claims;
	return 0;
}

struct claims *claims_free(struct claims *claims)
{
	if (!claims)
		return NULL;
	for (size_t kind = 0; kind < CLAIM_KINDS_; kind++)
		for (size_t i = 0; i < CLAIM_STRIPES; i++)
			pthread_mutex_destroy(&claims->stripes[kind][i]);
	free(claims);
	return NULL;
}

static pthread_mutex_t *stripe_of(struct claims *claims, enum claim_kind kind, struct span name)
{
	uint8_t hash[SHA256_SIZE];

	sha256(name, hash);
	return &claims->stripes[kind][((size_t)hash[0] << 8 | hash[1]) % CLAIM_STRIPES];
}

static pthread_mutex_t *stripe_of_transaction(struct claims *claims, struct span transaction_id,
					      const uint8_t requester[static SHA256_SIZE])
{
	uint8_t name[2 * SHA256_SIZE];

	sha256(transaction_id, name);
	memcpy(name + SHA256_SIZE, requester, SHA256_SIZE);
	return stripe_of(claims, CLAIM_TRANSACTION, SPAN_ARRAY(name));
}

pthread_mutex_t *claim_take(struct claims *claims, enum claim_kind kind, struct span name)
{
	pthread_mutex_t *stripe = stripe_of(claims, kind, name);

	pthread_mutex_lock(stripe);
	return stripe;
}

pthread_mutex_t *claim_try(struct claims *claims, enum claim_kind kind, struct span name)
{
	pthread_mutex_t *stripe = stripe_of(claims, kind, name);

	return pthread_mutex_trylock(stripe) ? NULL : stripe;
}

pthread_mutex_t *claim_take_transaction(struct claims *claims, struct span transaction_id,
					const uint8_t requester[static SHA256_SIZE])
{
	pthread_mutex_t *stripe = stripe_of_transaction(claims, transaction_id, requester);

	pthread_mutex_lock(stripe);
	return stripe;
}

pthread_mutex_t *claim_try_transaction(struct claims *claims, struct span transaction_id,
				       const uint8_t requester[static SHA256_SIZE])
{
	pthread_mutex_t *stripe = stripe_of_transaction(claims, transaction_id, requester);

	return pthread_mutex_trylock(stripe) ? NULL : stripe;
}

bool claim_covers_transaction(struct claims *claims, const pthread_mutex_t *claim,
			      struct span transaction_id,
			      const uint8_t requester[static SHA256_SIZE])
{
	return claim && claim == stripe_of_transaction(claims, transaction_id, requester);
}

void claim_releasep(pthread_mutex_t **claim)
{
	if (*claim)
		pthread_mutex_unlock(*claim);
	*claim = NULL;
}
