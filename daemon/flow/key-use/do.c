/* SPDX-License-Identifier: Apache-2.0 */
/* The operation itself, on its token. */
#include "daemon/base/files.h"
#include "daemon/flow/key-use/keys.h"
#include "daemon/flow/key-use/refusal.h"
#include "daemon/flow/key-use/tally.h"
#include <string.h>

/* What the token's process says, in front of which stands who that is. */
static const struct outcome {
	int result;
	enum key_use_no no;
	const char *before, *after; /* the token's name */
	const char *unsaid;	    /* where it gave no reason */
	const char *remedy;
} rows[] = {
	{KEY_LATER, KEY_USE_NO_TOKEN, "token ", " is away", "its process does not answer",
	 " (claviger status)"},
	{KEY_REFUSED, KEY_USE_NO_CHARTER, "claviger-token@", " refuses", "its log says why", ""},
	{KEY_NOT_THERE, KEY_USE_NO_KEY, "token ", "", "the key is not there any more", ""},
	{-EINVAL, KEY_USE_NO_SCHEME, "token ", "", "the key can't do that", ""},
};

static int tell(const struct key_use_turn *turn, const struct key_use_permit *permit, int result,
		const char *reason, struct key_use_failure *ret)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		if (rows[i].result != result)
			continue;
		if (result == KEY_NOT_THERE)
			key_use_keys_missed(turn->flow, turn->question->name);
		return key_use_refuse(turn, rows[i].no, permit->use->name, ret, "%s%s%s: %s%s",
				      rows[i].before, permit->token, rows[i].after,
				      reason ? reason : rows[i].unsaid, rows[i].remedy);
	}
	return key_use_refuse(turn, KEY_USE_NO_WORK, permit->use->name, ret, "token %s: %s",
			      permit->token, reason ? reason : strerrordesc_np(-result));
}

int flow_key_use_late(const struct key_use_turn *turn, const struct key_use_permit *permit,
		      struct key_use_failure *ret)
{
	return key_use_refuse(turn, KEY_USE_NO_TOKEN, permit->use->name, ret,
			      "token %s gave no answer in time: it is busy, or hangs (claviger "
			      "status)",
			      permit->token);
}

int flow_key_use_do(const struct key_use_turn *turn, const struct key_use_permit *permit,
		    struct key_use_answer *ret, struct key_use_failure *ret_failure)
{
	const struct key_use_question *question = turn->question;
	_cleanup_(freep) char *reason = NULL;
	int r = question->number == IPC_KEY_SIGN
			? key_use(permit->key, &question->scheme, question->message,
				  &ret->signature, &reason)
			: key_open(permit->key, &question->opening, question->message,
				   &ret->content, &reason);

	if (r)
		return tell(turn, permit, r, reason, ret_failure);
	key_use_tally_allowed(turn->flow->key_use_tally, permit->use->name, permit->kind,
			      key_id(permit->key), turn->now_s);
	return 0;
}
