/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/audit/checkpoint.h"
#include "daemon/flow/audit/verify-internal.h"
#include "policy/charter.h"
#include <stdlib.h>
#include <string.h>

/* The checkpoints as they come, and the one before. */
struct reading {
	struct verify *verify;
	uint8_t database[STORE_ID_SIZE], previous[SHA256_SIZE];
	struct head_set keys; /* of role audit, as the tokens' processes tell them */
	bool all_told;	      /* all of them were asked */
};

static int load_keys(struct reading *reading, struct token_link *token)
{
	for (unsigned position = 0;; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		uint8_t id[SHA256_SIZE];
		int r = token_link_key(token, position, &key);

		if (r) {
			reading->all_told &= r == TOKEN_LINK_NO_KEY;
			return r < 0 ? r : 0;
		}
		if (key.role != CHARTER_AUDIT)
			continue;
		sha256(span_of(key.spki), id);
		r = head_set_add(&reading->keys, id, position + 1);
		if (r < 0)
			return r;
	}
}

/* What is wrong with one; NULL: nothing. */
static const char *find_fault(const struct reading *reading,
			      const struct store_checkpoint *checkpoint)
{
	int64_t number = (int64_t)reading->verify->n_checkpoints + 1;
	struct x509_checkpoint read;

	if (x509_checkpoint_read(checkpoint->to_be_signed, &read) < 0 ||
	    read.number != (uint64_t)checkpoint->number || read.seq != (uint64_t)checkpoint->seq ||
	    read.time_s != checkpoint->time_s)
		return "was changed: what was signed says something else";
	if (checkpoint->number != number)
		return "does not follow the one before it: some are missing";
	if (!span_equal(read.database, SPAN_ARRAY(reading->database)))
		return "is of another database";
	if (!span_equal(read.previous, SPAN_ARRAY(reading->previous)))
		return "does not follow the one before it: one of the two was changed";
	if (checkpoint_verify(checkpoint->spki, checkpoint->to_be_signed, checkpoint->signature))
		return "has a signature that is not its key's";
	return NULL;
}

/* A key that no token's process calls an audit key is somebody else's. */
static void check_key(struct reading *reading, const struct store_checkpoint *checkpoint)
{
	uint8_t id[SHA256_SIZE];

	sha256(checkpoint->spki, id);
	if (head_set_find(&reading->keys, id))
		return;
	if (reading->all_told)
		verify_find(reading->verify,
			    "checkpoint %lld is signed by a key that no token has for it",
			    (long long)checkpoint->number);
	else
		verify_note(reading->verify,
			    "whether checkpoint %lld is signed by an audit key is not known while "
			    "token %s can't be asked",
			    (long long)checkpoint->number, checkpoint->token);
}

static int read_one(void *context, const struct store_checkpoint *checkpoint)
{
	struct reading *reading = context;
	struct verify *verify = reading->verify;
	const char *fault = find_fault(reading, checkpoint);
	struct verify_checkpoint *grown =
		reallocarray(verify->checkpoints, verify->n_checkpoints + 1, sizeof(*grown));
	struct x509_checkpoint read;

	if (!grown)
		return -ENOMEM;
	verify->checkpoints = grown;
	if (fault) {
		verify_find(verify, "checkpoint %lld %s", (long long)checkpoint->number, fault);
		verify->checkpoints_broken = true;
		return 1;
	}
	check_key(reading, checkpoint);
	if (x509_checkpoint_read(checkpoint->to_be_signed, &read) < 0)
		return -EBADMSG;
	grown += verify->n_checkpoints++;
	grown->number = checkpoint->number;
	grown->seq = checkpoint->seq;
	memcpy(grown->head, read.head.data, SHA256_SIZE);
	sha256(checkpoint->to_be_signed, reading->previous);
	return head_set_add(&verify->signed_, reading->previous, checkpoint->number);
}

int verify_load_checkpoints(struct verify *verify)
{
	struct reading reading = {.verify = verify, .all_told = true};
	int r = store_id(verify->flow->store, reading.database);

	for (size_t i = 0; r == 0 && i < verify->flow->conf->n_tokens; i++)
		r = load_keys(&reading, verify->flow->tokens[i]);
	if (r == 0)
		r = store_checkpoint_list(verify->flow->store, read_one, &reading);
	head_set_done(&reading.keys);
	return r;
}

void verify_pass_checkpoints(struct verify *verify, const struct store_audit_record *record)
{
	while (verify->next_checkpoint < verify->n_checkpoints) {
		const struct verify_checkpoint *checkpoint =
			&verify->checkpoints[verify->next_checkpoint];

		if (checkpoint->seq > record->seq)
			return;
		if (checkpoint->seq < record->seq ||
		    memcmp(checkpoint->head, record->hash, SHA256_SIZE) != 0)
			verify_find(verify,
				    "record %lld is not the one that checkpoint %lld was signed "
				    "about: the chain was written anew",
				    (long long)checkpoint->seq, (long long)checkpoint->number);
		verify->next_checkpoint++;
	}
}

void verify_end_checkpoints(struct verify *verify)
{
	if (verify->next_checkpoint == verify->n_checkpoints)
		return;
	verify_find(verify,
		    "the chain ends with record %lld, but checkpoint %lld was signed about record "
		    "%lld: the newest records were removed",
		    (long long)verify->chain.good,
		    (long long)verify->checkpoints[verify->n_checkpoints - 1].number,
		    (long long)verify->checkpoints[verify->n_checkpoints - 1].seq);
}
