/* SPDX-License-Identifier: Apache-2.0 */
/* What the token's security officer alone may do, of keeper.h. */
#include "daemon/base/files.h"
#include "hsm/fault.h"
#include "token/keeper-internal.h"

static int act(struct hsm_token *token, const struct keeper_deed *deed, void *context)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = NULL;
	int r = hsm_session_open(token, true, &session);

	return r < 0 ? r : deed->act(session, context);
}

static int refuse(enum hsm_login_outcome outcome, char **ret_reason)
{
	return text_format(ret_reason, "%s", hsm_officer_advice(outcome)) ?: KEEPER_REFUSED;
}

/* No session may be open beside an officer's that reads alone: the token is closed before. */
static int do_locked(struct keeper *keeper, struct span so_pin, const struct keeper_deed *deed,
		     void *context, char **ret_reason)
{
	_cleanup_(hsm_token_closep) struct hsm_token *token = NULL;
	struct hsm_slot slot;
	char text[96];
	int r;

	(void)pthread_mutex_lock(&keeper->lock);
	slot = keeper->now.facts.slot;
	(void)pthread_mutex_unlock(&keeper->lock);
	keeper_close_token(keeper);
	r = hsm_token_open_as_officer(keeper->module, &slot, so_pin, &token);
	if (r > 0)
		return refuse((enum hsm_login_outcome)r, ret_reason);
	if (r == 0)
		r = act(token, deed, context);
	if (r >= 0 || r == -ENOMEM)
		return r;
	return text_format(ret_reason, "the token failed: %s", hsm_fault_text(text))
		       ?: KEEPER_LATER;
}

int keeper_do_as_officer(struct keeper *keeper, unsigned seat, struct span so_pin,
			 const struct keeper_deed *deed, void *context, char **ret_reason)
{
	int r;

	(void)pthread_rwlock_wrlock(&keeper->gate);
	if (keeper_state(keeper) != TOKEN_READY) {
		r = keeper_later(keeper, ret_reason);
	} else {
		keeper_note(keeper, seat, deed->operation);
		r = do_locked(keeper, so_pin, deed, context, ret_reason);
		keeper_open_locked(keeper, seat);
	}
	keeper_note(keeper, seat, WATCH_NOTHING);
	(void)pthread_rwlock_unlock(&keeper->gate);
	return r;
}
