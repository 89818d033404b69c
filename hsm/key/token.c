/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/key/token.h"

#include "hsm/key/token-link.h"
#include <stdlib.h>
#include <string.h>

/* As messages.def has them. */
#define ISSUER_MOST	 ((size_t)4096)
#define LABEL_MOST	 ((size_t)128)
#define CERTIFICATE_MOST ((size_t)8192)

/* The same numbers mean the same in each of the enums that callers see. */
_Static_assert((int)TOKEN_LINK_NO_KEY == (int)TOKEN_LINK_ASK_NOT_FOUND, "one numbering");

void token_key_done(struct token_key *key)
{
	bytes_done(&key->id);
	bytes_done(&key->spki);
	bytes_done(&key->issuer);
	free(key->label);
	free(key->serial);
	*key = (struct token_key){0};
}

/* Where no other outcome than late and refused was announced. */
static int outcome_of(int r)
{
	return r == TOKEN_LINK_ASK_NOT_FOUND ? -ENOENT : r;
}

/* Asks, and decodes the reply into @reply, which borrows from @ret_packet. */
static int ask(struct token_link *link, enum ipc_number number, const void *message,
	       struct ipc_packet *ret_packet, void *reply)
{
	int r = token_link_ask(link, number, message, ret_packet, NULL);

	return r != 0 ? r : ipc_decode(ret_packet->content, ipc_reply(number), reply);
}

static void copy_text(char *to, size_t room, struct span from)
{
	assert(from.size < room);
	if (from.size > 0)
		memcpy(to, from.data, from.size);
	to[from.size] = '\0';
}

static bool is_flag(uint8_t value)
{
	return value <= 1;
}

static int read_facts(const struct ipc_token_state *state, struct token_facts *ret)
{
	if (state->state < TOKEN_ABSENT || state->state > TOKEN_STATE_LAST ||
	    !is_flag(state->pin_count_low) || !is_flag(state->pin_final_try) ||
	    !is_flag(state->pin_locked))
		return -EBADMSG;
	ret->state = (enum token_state)state->state;
	copy_text(ret->reason, sizeof(ret->reason), state->reason);
	copy_text(ret->label, sizeof(ret->label), state->label);
	copy_text(ret->serial, sizeof(ret->serial), state->serial);
	copy_text(ret->manufacturer, sizeof(ret->manufacturer), state->manufacturer);
	copy_text(ret->model, sizeof(ret->model), state->model);
	ret->sessions = state->sessions;
	ret->least_bits = state->least_bits;
	ret->most_bits = state->most_bits;
	ret->keys = state->keys;
	ret->pin_count_low = state->pin_count_low;
	ret->pin_final_try = state->pin_final_try;
	ret->pin_locked = state->pin_locked;
	return 0;
}

int token_link_status(struct token_link *link, struct token_facts *ret)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_state state;
	struct ipc_token_status question = {};
	int r;

	r = ask(link, IPC_TOKEN_STATUS, &question, &packet, &state);
	if (r != 0)
		return outcome_of(r);
	return read_facts(&state, ret);
}

static int read_key(const struct ipc_token_key_info *info, struct token_key *ret)
{
	_cleanup_(token_key_done) struct token_key key = {0};
	int r;

	if (!is_flag(info->present) || !is_flag(info->decrypts))
		return -EBADMSG;
	key.role = info->role;
	key.present = info->present;
	key.decrypts = info->decrypts;
	key.usage = info->usage;
	key.exportable = info->exportable;
	key.made_s = info->made_s;
	key.not_after_s = info->not_after_s;
	if ((r = bytes_copy(info->id, &key.id)) < 0 ||
	    (r = bytes_copy(info->spki, &key.spki)) < 0 ||
	    (r = bytes_copy(info->issuer, &key.issuer)) < 0 ||
	    (r = span_to_text(info->label, &key.label)) < 0)
		return r;
	*ret = TAKE_STRUCT(key);
	return 0;
}

int token_link_key(struct token_link *link, unsigned position, struct token_key *ret)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_key question = {.position = (uint16_t)position};
	struct ipc_token_key_info info;
	int r;

	if (position > UINT16_MAX)
		return TOKEN_LINK_NO_KEY;
	r = ask(link, IPC_TOKEN_KEY, &question, &packet, &info);
	if (r != 0)
		return r;
	return read_key(&info, ret);
}

static int read_made(const struct ipc_token_made *made, const struct token_order *order,
		     struct token_key *ret)
{
	_cleanup_(token_key_done) struct token_key key = {.role = order->role, .present = true};
	int r;

	if (made->id.size == 0 || made->spki.size == 0)
		return -EBADMSG;
	if ((r = bytes_copy(made->id, &key.id)) < 0 ||
	    (r = bytes_copy(made->spki, &key.spki)) < 0 ||
	    (r = bytes_copy(order->issuer, &key.issuer)) < 0 ||
	    (r = span_to_text(span_of_text(order->label), &key.label)) < 0 ||
	    (r = span_to_text(made->serial, &key.serial)) < 0)
		return r;
	*ret = TAKE_STRUCT(key);
	return 0;
}

int token_link_make(struct token_link *link, const struct token_order *order, struct token_key *ret,
		    char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_make question = {
		.role = order->role,
		.issuer = order->issuer,
		.bits = (uint16_t)order->bits,
		.label = span_of_text(order->label),
		.like = order->like,
	};
	struct ipc_token_made made;
	int r;

	if (order->issuer.size > ISSUER_MOST || question.label.size > LABEL_MOST ||
	    order->bits > UINT16_MAX || (order->like.size && order->like.size != SHA256_SIZE))
		return -EINVAL;
	r = token_link_ask(link, IPC_TOKEN_MAKE, &question, &packet, ret_reason);
	if (r != 0)
		return outcome_of(r);
	r = ipc_decode(packet.content, IPC_TOKEN_MADE, &made);
	if (r < 0)
		return r;
	return read_made(&made, order, ret);
}

int token_link_relabel(struct token_link *link, struct span key_id, const char *label)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_relabel question = {.key = key_id, .label = span_of_text(label)};
	struct ipc_done done;

	if (key_id.size != SHA256_SIZE || question.label.size > LABEL_MOST)
		return -EINVAL;
	return outcome_of(ask(link, IPC_TOKEN_RELABEL, &question, &packet, &done));
}

int token_link_destroy(struct token_link *link, struct span key_id, char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_destroy question = {.key = key_id};
	struct ipc_done done;
	int r;

	if (key_id.size != SHA256_SIZE)
		return -EINVAL;
	r = token_link_ask(link, IPC_TOKEN_DESTROY, &question, &packet, ret_reason);
	if (r != 0)
		return outcome_of(r);
	return ipc_decode(packet.content, IPC_DONE, &done);
}

int token_link_archive(struct token_link *link, struct span key_id, struct span certificate,
		       struct bytes *ret, char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_archive question = {.key = key_id, .certificate = certificate};
	struct ipc_token_exported exported;
	int r;

	if (key_id.size != SHA256_SIZE || certificate.size > CERTIFICATE_MOST)
		return -EINVAL;
	r = token_link_ask(link, IPC_TOKEN_ARCHIVE, &question, &packet, ret_reason);
	if (r != 0)
		return outcome_of(r);
	r = ipc_decode(packet.content, IPC_TOKEN_EXPORTED, &exported);
	return r < 0 ? r : bytes_copy(exported.content, ret);
}

int token_link_seal(struct token_link *link, struct span key_id, char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_seal question = {.key = key_id};
	struct ipc_done done;
	int r;

	if (key_id.size != SHA256_SIZE)
		return -EINVAL;
	r = token_link_ask(link, IPC_TOKEN_SEAL, &question, &packet, ret_reason);
	if (r != 0)
		return outcome_of(r);
	return ipc_decode(packet.content, IPC_DONE, &done);
}
