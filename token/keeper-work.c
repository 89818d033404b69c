/* SPDX-License-Identifier: Apache-2.0 */
/* What seats do with the token, of keeper.h. */
#include "daemon/base/files.h"
#include "hsm/fault.h"
#include "token/keeper-internal.h"

enum token_state keeper_state(struct keeper *keeper)
{
	enum token_state state;

	(void)pthread_mutex_lock(&keeper->lock);
	state = keeper->now.state;
	(void)pthread_mutex_unlock(&keeper->lock);
	return state;
}

int keeper_later(struct keeper *keeper, char **ret_reason)
{
	int r;

	(void)pthread_mutex_lock(&keeper->lock);
	r = text_format(ret_reason, "the token is %s%s%s", token_state_name(keeper->now.state),
			keeper->now.reason[0] ? ": " : "", keeper->now.reason);
	(void)pthread_mutex_unlock(&keeper->lock);
	return r < 0 ? r : KEEPER_LATER;
}

void keeper_open(struct keeper *keeper, unsigned seat)
{
	(void)pthread_rwlock_wrlock(&keeper->gate);
	keeper_open_locked(keeper, seat);
	keeper_note(keeper, seat, WATCH_NOTHING);
	(void)pthread_rwlock_unlock(&keeper->gate);
}

void keeper_reload(struct keeper *keeper, unsigned seat)
{
	(void)pthread_rwlock_wrlock(&keeper->gate);
	keeper_close_token(keeper);
	keeper->module = hsm_module_close(keeper->module);
	keeper_open_locked(keeper, seat);
	keeper_note(keeper, seat, WATCH_NOTHING);
	(void)pthread_rwlock_unlock(&keeper->gate);
}

/* Opens the token anew after a fault, unless another seat did so meanwhile. */
static void recover(struct keeper *keeper, unsigned seat, uint64_t epoch, int error)
{
	_cleanup_(freep) char *reason = NULL;
	enum presence_event event = keeper_event_of(error, &reason);

	(void)pthread_rwlock_wrlock(&keeper->gate);
	if (keeper->epoch == epoch) {
		keeper_step(keeper, event, reason);
		keeper_open_locked(keeper, seat);
	}
	keeper_note(keeper, seat, WATCH_NOTHING);
	(void)pthread_rwlock_unlock(&keeper->gate);
}

/* Whether a PIN that could not be used before can be used now: another program has logged in, or
 * the PIN was unlocked. */
static bool pin_recovered(const struct hsm_token_facts *before, const struct hsm_token_facts *now)
{
	return (before->pin_locked && !now->pin_locked) ||
	       (before->pin_final_try && !now->pin_final_try && !now->pin_locked);
}

/* 0 where all is well. */
static int look(struct keeper *keeper, unsigned seat, bool *ret_recovered)
{
	struct hsm_token_facts facts;
	int r;

	keeper_note(keeper, seat, WATCH_LOOK);
	r = hsm_token_read_facts(keeper->token, &facts);
	if (r == 0 && keeper_state(keeper) == TOKEN_READY && facts.login_required)
		r = hsm_token_check_login(keeper->token);
	if (r == 0) {
		(void)pthread_mutex_lock(&keeper->lock);
		*ret_recovered = pin_recovered(&keeper->now.facts, &facts);
		keeper->now.facts = facts;
		(void)pthread_mutex_unlock(&keeper->lock);
	}
	keeper_note(keeper, seat, WATCH_NOTHING);
	return r;
}

void keeper_look(struct keeper *keeper, unsigned seat)
{
	bool recovered = false;
	uint64_t epoch;
	int r = 0;

	(void)pthread_rwlock_rdlock(&keeper->gate);
	epoch = keeper->epoch;
	if (keeper->token)
		r = look(keeper, seat, &recovered);
	(void)pthread_rwlock_unlock(&keeper->gate);
	if (r < 0)
		recover(keeper, seat, epoch, r);
	else if (recovered && keeper_state(keeper) == TOKEN_FAILED)
		keeper_open(keeper, seat);
}

/* The seat's session, or for a writable one a new one. */
static int sit_down(struct keeper *keeper, unsigned seat, bool writable,
		    struct hsm_session **ret_session)
{
	struct hsm_session **own = &keeper->sessions[seat];
	int r;

	if (writable)
		return hsm_session_open(keeper->token, true, ret_session);
	if (*own && hsm_session_is_broken(*own))
		*own = hsm_session_close(*own);
	if (!*own) {
		r = hsm_session_open(keeper->token, false, own);
		if (r < 0)
			return r;
	}
	*ret_session = *own;
	return 0;
}

static void stand_up(struct keeper *keeper, unsigned seat, bool writable,
		     struct hsm_session *session)
{
	if (writable)
		hsm_session_close(session);
	else if (hsm_session_is_broken(session))
		keeper->sessions[seat] = hsm_session_close(session);
}

static int act(struct keeper *keeper, unsigned seat, const struct keeper_deed *deed, void *context)
{
	struct hsm_session *session;
	int r;

	keeper_note(keeper, seat, deed->operation);
	r = sit_down(keeper, seat, deed->writable, &session);
	if (r == 0) {
		r = deed->act(session, context);
		stand_up(keeper, seat, deed->writable, session);
	}
	keeper_note(keeper, seat, WATCH_NOTHING);
	return r;
}

static void note_success(struct keeper *keeper)
{
	(void)pthread_mutex_lock(&keeper->lock);
	keeper->now.tries = 0;
	(void)pthread_mutex_unlock(&keeper->lock);
}

/* Whether a new session alone may help: not where the token, or the login, is lost. */
static bool is_sessions_own(int error)
{
	return error != -ENODEV && error != -EACCES;
}

/* New session; token opened anew; enough. */
#define TRIES 3

int keeper_do(struct keeper *keeper, unsigned seat, const struct keeper_deed *deed, void *context,
	      char **ret_reason)
{
	unsigned tries = deed->repeatable ? TRIES : 1;
	bool replaced = false;
	char text[96] = "";
	uint64_t epoch;
	int r = 0;

	for (unsigned i = 0; i < tries; i++) {
		(void)pthread_rwlock_rdlock(&keeper->gate);
		epoch = keeper->epoch;
		r = keeper_state(keeper) == TOKEN_READY ? act(keeper, seat, deed, context)
							: keeper_later(keeper, ret_reason);
		(void)pthread_rwlock_unlock(&keeper->gate);
		if (r == 0)
			note_success(keeper);
		if (r >= 0 || r == -ENOMEM)
			return r;
		(void)hsm_fault_text(text);
		/* No more sessions: nothing is broken. */
		if (r == -EMFILE)
			break;
		/* Another program that used the card has logged us out. */
		if (r == -EACCES && tries == 1)
			tries++;
		if (is_sessions_own(r) && !replaced && i + 1 < tries)
			replaced = true;
		else
			recover(keeper, seat, epoch, r);
	}
	return text_format(ret_reason, "the token failed: %s", text) ?: KEEPER_LATER;
}
