/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does with the token, of keeper.h. */
#include "daemon/base/files.h"
#include "hsm/fault.h"
#include "hsm/uri.h"
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

static int login_locked(struct keeper *keeper, unsigned seat, struct span pin, char **ret_reason)
{
	_cleanup_(freep) char *reason = NULL;
	_cleanup_(secret_done) struct secret copy = {0};
	enum presence_event event;
	int r;

	if (keeper_state(keeper) == TOKEN_READY)
		return 0;
	if (!keeper->token)
		return keeper_later(keeper, ret_reason);
	r = pin.size ? secret_copy(pin, &copy) : 0;
	if (r < 0)
		return r;
	keeper_note(keeper, seat, WATCH_LOGIN);
	event = keeper_try_pin(keeper, pin.size ? pin : (struct span){0}, &reason);
	keeper_note(keeper, seat, WATCH_OPEN);
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

static int refuse(const char *text, char **ret_reason)
{
	return text_format(ret_reason, "%s", text) ?: KEEPER_REFUSED;
}

/* Exactly one: with several nobody could tell which was meant. */
static int find_uninitialised(struct keeper *keeper, struct hsm_slot *ret, char **ret_reason)
{
	_cleanup_(hsm_slots_done) struct hsm_slots slots = {0};
	unsigned found = 0;
	int r;

	r = hsm_module_list(keeper->module, &slots);
	if (r < 0)
		return r;
	for (size_t i = 0; i < slots.n; i++) {
		if (slots.items[i].initialised)
			continue;
		*ret = slots.items[i];
		found++;
	}
	if (found == 0)
		return refuse(
			"there is no uninitialised token; one that is initialised is never wiped "
			"here (a tool of its maker does that)",
			ret_reason);
	if (found > 1)
		return refuse("there are several uninitialised tokens: leave one in its slot",
			      ret_reason);
	return 0;
}

static int find_newborn(struct keeper *keeper, const struct hsm_uri *uri, struct hsm_slot *ret,
			char **ret_reason)
{
	_cleanup_(hsm_slots_done) struct hsm_slots slots = {0};
	const struct hsm_slot *slot;
	int r;

	r = hsm_module_list(keeper->module, &slots);
	if (r == 0)
		r = hsm_uri_pick(uri, &slots, &slot, ret_reason);
	if (r)
		return r < 0 ? r : KEEPER_REFUSED;
	*ret = *slot;
	return 0;
}

static int give_birth(struct keeper *keeper, const struct hsm_uri *uri,
		      const struct keeper_birth *birth, char **ret_reason)
{
	struct hsm_slot slot;
	int r;

	r = find_uninitialised(keeper, &slot, ret_reason);
	if (r)
		return r;
	r = hsm_token_init(keeper->module, &slot, birth->so_pin, birth->label);
	if (r == HSM_INIT_REFUSED)
		return refuse("the token does not take this SO PIN (its length, as a rule)",
			      ret_reason);
	if (r == 0)
		r = find_newborn(keeper, uri, &slot, ret_reason);
	if (r)
		return r;
	r = hsm_token_set_pin(keeper->module, &slot, birth->so_pin, birth->pin);
	if (r == HSM_INIT_REFUSED)
		return refuse(
			"the token is initialised, but does not take this PIN (its length, as a "
			"rule): set one with pkcs11-tool --init-pin",
			ret_reason);
	return r;
}

static int init_locked(struct keeper *keeper, unsigned seat, const struct keeper_birth *birth,
		       char **ret_reason)
{
	_cleanup_(hsm_uri_done) struct hsm_uri uri = {0};
	int r;

	r = hsm_uri_read(keeper->settings.uri, &uri, ret_reason);
	if (r)
		return r < 0 ? r : KEEPER_REFUSED;
	if (keeper->token)
		return refuse(
			"the token that URI= names is initialised already, and is never wiped "
			"here (a tool of its maker does that)",
			ret_reason);
	if (uri.token && strcmp(uri.token, birth->label) != 0)
		return refuse("the label must be the one that URI= names with token=", ret_reason);
	keeper_note(keeper, seat, WATCH_OPEN);
	r = keeper_load(keeper, ret_reason);
	if (r)
		return r < 0 ? r : KEEPER_LATER;
	r = give_birth(keeper, &uri, birth, ret_reason);
	if (r)
		return r;
	secret_done(&keeper->typed);
	r = secret_copy(birth->pin, &keeper->typed);
	if (r == 0)
		keeper_open_locked(keeper, seat);
	return r;
}

int keeper_init_token(struct keeper *keeper, unsigned seat, const struct keeper_birth *birth,
		      char **ret_reason)
{
	char text[96];
	int r;

	(void)pthread_rwlock_wrlock(&keeper->gate);
	r = init_locked(keeper, seat, birth, ret_reason);
	if (r == 0 && keeper_state(keeper) != TOKEN_READY)
		r = keeper_later(keeper, ret_reason);
	keeper_note(keeper, seat, WATCH_NOTHING);
	(void)pthread_rwlock_unlock(&keeper->gate);
	if (r < 0 && r != -ENOMEM)
		return text_format(ret_reason, "the token failed: %s", hsm_fault_text(text))
			       ?: KEEPER_LATER;
	return r;
}
