/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/witness.h"
#include "daemon/base/log.h"
#include "daemon/flow/audit.h"
#include <stdlib.h>
#include <string.h>

struct witness {
	pthread_mutex_t lock; /* of the head */
	pthread_mutex_t checkpoints;
	uint8_t head[SHA256_SIZE]; /* the newest that a token's process is known to have */
	int64_t first_seq;
	char **compared; /* names of tokens */
	size_t n_compared;
};

int witness_new(struct witness **ret)
{
	struct witness *witness = calloc(1, sizeof(*witness));

	if (!witness)
		return -ENOMEM;
	pthread_mutex_init(&witness->lock, NULL);
	pthread_mutex_init(&witness->checkpoints, NULL);
	*ret = witness;
	return 0;
}

struct witness *witness_free(struct witness *witness)
{
	if (!witness)
		return NULL;
	for (size_t i = 0; i < witness->n_compared; i++)
		free(witness->compared[i]);
	free(witness->compared);
	pthread_mutex_destroy(&witness->lock);
	pthread_mutex_destroy(&witness->checkpoints);
	free(witness);
	return NULL;
}

void witness_note(struct witness *witness, const uint8_t head[static SHA256_SIZE])
{
	pthread_mutex_lock(&witness->lock);
	memcpy(witness->head, head, SHA256_SIZE);
	pthread_mutex_unlock(&witness->lock);
}

/* Two signatures may end in another order than they began; then a head is told once more. */
static bool is_known(struct witness *witness, const uint8_t head[static SHA256_SIZE])
{
	bool known;

	pthread_mutex_lock(&witness->lock);
	known = !memcmp(witness->head, head, SHA256_SIZE);
	pthread_mutex_unlock(&witness->lock);
	return known;
}

int64_t witness_first_seq(struct witness *witness)
{
	return witness->first_seq;
}

void witness_set_first_seq(struct witness *witness, int64_t seq)
{
	witness->first_seq = seq;
}

bool witness_is_compared(struct witness *witness, const char *token)
{
	bool found = false;

	pthread_mutex_lock(&witness->lock);
	for (size_t i = 0; i < witness->n_compared; i++)
		found |= !strcmp(witness->compared[i], token);
	pthread_mutex_unlock(&witness->lock);
	return found;
}

int witness_set_compared(struct witness *witness, const char *token)
{
	char *name = strdup(token), **compared = NULL;

	pthread_mutex_lock(&witness->lock);
	if (name)
		compared =
			reallocarray(witness->compared, witness->n_compared + 1, sizeof(*compared));
	if (compared) {
		witness->compared = compared;
		compared[witness->n_compared++] = TAKE_PTR(name);
	}
	pthread_mutex_unlock(&witness->lock);
	free(name);
	return compared ? 0 : -ENOMEM;
}

void witness_lock(struct witness *witness)
{
	pthread_mutex_lock(&witness->checkpoints);
}

void witness_unlockp(struct witness **witness)
{
	if (*witness)
		pthread_mutex_unlock(&(*witness)->checkpoints);
}

int flow_witness(struct flow *flow)
{
	uint8_t head[SHA256_SIZE];
	int result = FLOW_LATER;

	store_audit_head(flow->store, head);
	if (is_known(flow->witness, head))
		return 0;
	for (size_t i = 0; i < flow->conf->n_tokens; i++) {
		int r = token_link_note(flow->tokens[i], head);

		if (r == 0) {
			witness_note(flow->witness, head);
			log_debug(LOG_FIELDS(log_text("TOKEN", token_link_name(flow->tokens[i]))),
				  "the audit's head was told to the token's process");
			return 0;
		}
		result = r < 0 ? r : result;
	}
	return flow->conf->n_tokens ? result : 0;
}

int flow_audit_note(struct flow *flow, enum audit_type type, const char *actor, const char *note,
		    int64_t now_s)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {.now_s = now_s, .audit = &event.row, .n_audit = 1};
	int r = audit_of_act(type, actor, NULL, note, &event);

	if (r == 0)
		r = store_commit(flow->store, &change);
	return r > 0 ? -EBUSY : r;
}
