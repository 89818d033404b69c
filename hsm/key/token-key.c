/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/key/kind.h"
#include "hsm/key/token-link.h"

#include <stdlib.h>

/* As messages.def has it; what is larger would be a programmer's error there. */
#define TO_BE_SIGNED_MOST ((size_t)67108864)

struct key_of_token {
	struct key key; /* first: the kind's functions are given it */
	struct token_link *link;
};

/* The token has no such key where NOT_FOUND is answered: that is a fault here, of whoever recorded
 * it. */
static int outcome_of(int r)
{
	return r == TOKEN_LINK_ASK_NOT_FOUND ? -ENOENT : r;
}

static int token_sign(struct key *key, enum digest digest, struct span to_be_signed,
		      struct span audit_head, struct bytes *ret)
{
	struct key_of_token *token = (struct key_of_token *)key;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_signature reply;
	struct ipc_token_sign ask = {
		.key = key_id(key),
		.digest = (uint8_t)digest,
		.head = audit_head,
		.to_be_signed = to_be_signed,
	};
	int r;

	if (to_be_signed.size > TO_BE_SIGNED_MOST)
		return -EMSGSIZE;
	r = token_link_ask(token->link, IPC_TOKEN_SIGN, &ask, &packet, NULL);
	if (r != 0)
		return outcome_of(r);
	r = ipc_decode(packet.content, IPC_TOKEN_SIGNATURE, &reply);
	if (r < 0)
		return r;
	if (reply.signature.size == 0)
		return -EBADMSG;
	return bytes_copy(reply.signature, ret);
}

static int token_unwrap(struct key *key, struct span encrypted, size_t size, struct secret *ret)
{
	struct key_of_token *token = (struct key_of_token *)key;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_content_key reply;
	struct ipc_token_unwrap ask = {
		.key = key_id(key),
		.encrypted = encrypted,
		.size = (uint16_t)size,
	};
	int r;

	r = token_link_ask(token->link, IPC_TOKEN_UNWRAP, &ask, &packet, NULL);
	if (r != 0)
		return outcome_of(r);
	r = ipc_decode(packet.content, IPC_TOKEN_CONTENT_KEY, &reply);
	if (r < 0)
		return r;
	/* Another size would tell the peer that its padding was bad. */
	if (reply.content_key.size != size)
		return -EBADMSG;
	return secret_copy(reply.content_key, ret);
}

static int token_use(struct key *key, const struct rsa_scheme *scheme, struct span message,
		     struct bytes *ret, char **ret_reason)
{
	struct key_of_token *token = (struct key_of_token *)key;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_signature reply;
	struct ipc_token_use ask = {
		.key = key_id(key),
		.padding = (uint8_t)scheme->padding,
		.input = (uint8_t)scheme->input,
		.digest = (uint8_t)scheme->digest,
		.mgf1 = (uint8_t)scheme->mgf1,
		.salt_bytes = (uint16_t)scheme->salt_bytes,
		.message = message,
	};
	int r;

	r = token_link_ask(token->link, IPC_TOKEN_USE, &ask, &packet, ret_reason);
	if (r == 0)
		r = ipc_decode(packet.content, IPC_TOKEN_SIGNATURE, &reply);
	return r == 0 ? bytes_copy(reply.signature, ret) : r;
}

static int token_open(struct key *key, const struct rsa_opening *opening, struct span encrypted,
		      struct secret *ret, char **ret_reason)
{
	struct key_of_token *token = (struct key_of_token *)key;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_opened reply;
	struct ipc_token_open ask = {
		.key = key_id(key),
		.padding = (uint8_t)opening->padding,
		.digest = (uint8_t)opening->digest,
		.mgf1 = (uint8_t)opening->mgf1,
		.label = opening->label,
		.encrypted = encrypted,
	};
	int r;

	r = token_link_ask(token->link, IPC_TOKEN_OPEN, &ask, &packet, ret_reason);
	if (r == 0)
		r = ipc_decode(packet.content, IPC_TOKEN_OPENED, &reply);
	return r == 0 ? secret_copy(reply.content, ret) : r;
}

static void token_free(struct key *key)
{
	struct key_of_token *token = (struct key_of_token *)key;

	token_link_unref(token->link);
	free(token);
}

static const struct key_kind token_kind = {
	.sign = token_sign,
	.unwrap = token_unwrap,
	.use = token_use,
	.open = token_open,
	.free = token_free,
};

int key_new_token(struct token_link *link, struct span spki, struct key **ret)
{
	struct key_of_token *token;
	int r;

	if (spki.size > KEY_SPKI_MOST)
		return -EINVAL;
	token = calloc(1, sizeof(*token));
	if (!token)
		return -ENOMEM;
	r = key_init(&token->key, &token_kind, spki);
	if (r < 0) {
		free(token);
		return r;
	}
	token->link = token_link_ref(link);
	*ret = &token->key;
	return 0;
}
