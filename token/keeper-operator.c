/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does with the token, of keeper.h: his login. */
#include "daemon/base/files.h"
#include "token/keeper-internal.h"
#include <string.h>

/* What an event comes to for whoever asked for the login. */
static int answer(enum presence_event event, char **reason, char **ret_reason)
{
	if (event == PRESENCE_READY)
		return 0;
	*ret_reason = TAKE_PTR(*reason);
	if (!*ret_reason)
		return -ENOMEM;
	return event == PRESENCE_PIN_REFUSED ? KEEPER_REFUSED : KEEPER_LATER;
}

static int refuse(const char *text, char **ret_reason)
{
	return text_format(ret_reason, "%s", text) ?: KEEPER_REFUSED;
}

static int login_locked(struct keeper *keeper, unsigned seat, struct span pin, char **ret_reason)
{
	_cleanup_(freep) char *reason = NULL;
	_cleanup_(secret_done) struct secret copy = {0};
	enum presence_event event;
	int r;

	if (keeper_state(keeper) == TOKEN_READY)
		return 0;
	if (!keeper->token || keeper->is_foreign)
		return keeper_later(keeper, ret_reason);
	/* Some say that they have a pad and have none: only who configured it asks there. */
	if (!pin.size && keeper->settings.pin.kind != PIN_PAD)
		return refuse("no PIN was given, and PIN= is not pinpad", ret_reason);
	r = pin.size ? secret_copy(pin, &copy) : 0;
	if (r < 0)
		return r;
	keeper_note(keeper, seat, pin.size ? WATCH_LOGIN : WATCH_PAD);
	event = keeper_try_pin(keeper, pin.size ? pin : (struct span){0}, &reason);
	keeper_note(keeper, seat, WATCH_OPEN);
	/* The login may have changed its counts. */
	(void)keeper_refresh_facts(keeper);
	if (event == PRESENCE_READY) {
		secret_done(&keeper->typed);
		keeper->typed = TAKE_STRUCT(copy);
		event = keeper_settle(keeper, &reason);
	}
	keeper_step(keeper, event, reason);
	return answer(event, &reason, ret_reason);
}

int keeper_login(struct keeper *keeper, unsigned seat, struct span pin, char **ret_reason)
{
	int r;

	(void)pthread_rwlock_wrlock(&keeper->gate);
	r = login_locked(keeper, seat, pin, ret_reason);
	keeper_note(keeper, seat, WATCH_NOTHING);
	(void)pthread_rwlock_unlock(&keeper->gate);
	return r;
}
