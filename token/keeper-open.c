/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the token and logging in, of keeper.h. All with the gate held for writing. */
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "hsm/fault.h"
#include "hsm/rsa-key.h"
#include "hsm/uri.h"
#include "token/keeper-internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void keeper_close_token(struct keeper *keeper)
{
	for (size_t i = 0; i < ELEMENTS(keeper->sessions); i++)
		keeper->sessions[i] = hsm_session_close(keeper->sessions[i]);
	keeper->token = hsm_token_close(keeper->token);
}

int keeper_load(struct keeper *keeper, char **ret_reason)
{
	if (keeper->module)
		return 0;
	return hsm_module_open(keeper->settings.module, &keeper->module, ret_reason);
}

/* Each step gives 0 to go on, or the event that ends the way. */

static enum presence_event load_step(struct keeper *keeper, char **ret_reason)
{
	int r = keeper_load(keeper, ret_reason);

	if (r == HSM_MODULE_UNUSABLE)
		return PRESENCE_NO_MODULE;
	return r < 0 ? keeper_event_of(r, ret_reason) : 0;
}

static enum presence_event pick(struct keeper *keeper, const struct hsm_slots *slots,
				const struct hsm_slot **ret_slot, char **ret_reason)
{
	static const enum presence_event events[] = {
		[HSM_URI_ABSENT] = PRESENCE_NOT_FOUND,
		[HSM_URI_AMBIGUOUS] = PRESENCE_AMBIGUOUS,
	};
	_cleanup_(hsm_uri_done) struct hsm_uri uri = {0};
	int r;

	r = hsm_uri_read(keeper->settings.uri, &uri, ret_reason);
	if (r == HSM_URI_MALFORMED)
		return PRESENCE_AMBIGUOUS;
	if (r == 0)
		r = hsm_uri_pick(&uri, slots, ret_slot, ret_reason);
	return r < 0 ? keeper_event_of(r, ret_reason) : events[r];
}

/* Those of them that Reader= leaves. @ret borrows nothing. */
static int leave_slots(const struct keeper *keeper, const struct readers_view *view,
		       const struct hsm_slots *slots, struct hsm_slots *ret)
{
	ret->items = calloc(slots->n + 1, sizeof(*ret->items));
	if (!ret->items)
		return -ENOMEM;
	for (size_t i = 0; i < slots->n; i++) {
		if (reader_map_allows(keeper->settings.reader, view, &slots->items[i]))
			ret->items[ret->n++] = slots->items[i];
	}
	return 0;
}

static enum presence_event find_slot(struct keeper *keeper, struct hsm_slot *ret_slot,
				     char **ret_reason)
{
	_cleanup_(hsm_slots_done) struct hsm_slots slots = {0}, left = {0};
	const struct hsm_slot *slot = NULL;
	enum presence_event event;
	struct readers_view view;
	int r;

	keeper_watch_readers(keeper, NULL, &view);
	r = hsm_module_list(keeper->module, &slots);
	if (r == 0) {
		keeper_watch_readers(keeper, &slots, &view);
		r = leave_slots(keeper, &view, &slots, &left);
	}
	if (r < 0)
		return keeper_event_of(r, ret_reason);
	event = pick(keeper, &left, &slot, ret_reason);
	if (event == PRESENCE_NOT_FOUND)
		return keeper_explain_absence(keeper, &view, &slots, ret_reason);
	if (event)
		return event;
	keeper_map(keeper, &view, slot);
	*ret_slot = *slot;
	return 0;
}

static enum presence_event open_step(struct keeper *keeper, char **ret_reason)
{
	enum presence_event event;
	struct hsm_slot slot;
	int r;

	event = find_slot(keeper, &slot, ret_reason);
	if (event)
		return event;
	r = hsm_token_open(keeper->module, &slot, &keeper->token);
	if (r == HSM_TOKEN_NO_RSA) {
		keeper_explain(ret_reason,
			       "the token cannot sign with RSA (it lacks CKM_RSA_PKCS): name "
			       "another with URI=");
		return PRESENCE_UNFIT;
	}
	return r < 0 ? keeper_event_of(r, ret_reason) : 0;
}

int keeper_refresh_facts(struct keeper *keeper)
{
	unsigned cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	struct hsm_token_facts facts;
	int r = hsm_token_read_facts(keeper->token, &facts);

	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&keeper->lock);
	keeper->now.facts = facts;
	keeper->now.has_facts = true;
	keeper->now.seats = keeper_seats_for(&facts, keeper->settings.sessions, cpus,
					     hsm_module_is_single(keeper->module));
	(void)pthread_mutex_unlock(&keeper->lock);
	return 0;
}

static enum presence_event pin_was_refused(struct keeper *keeper, char **ret_reason)
{
	keeper_explain(
		ret_reason,
		"this PIN was refused by the token before and is not tried again: correct "
		"what PIN= names, or use `claviger token login`; if it was made right on the "
		"token since, remove %s before that",
		pin_memory_path(keeper->refused));
	return PRESENCE_PIN_REFUSED;
}

static void remember_refused(struct keeper *keeper, const char *serial, struct span pin)
{
	int r = pin_memory_add(keeper->refused, serial, pin);

	if (r < 0)
		log_error(LOG_FIELDS(log_text("FILE", pin_memory_path(keeper->refused))),
			  "the refused PIN can't be remembered beyond this process: %s",
			  strerrordesc_np(-r));
}

enum presence_event keeper_try_pin(struct keeper *keeper, struct span pin, char **ret_reason)
{
	char serial[sizeof(keeper->now.facts.slot.serial)];
	int r;

	(void)pthread_mutex_lock(&keeper->lock);
	memcpy(serial, keeper->now.facts.slot.serial, sizeof(serial));
	(void)pthread_mutex_unlock(&keeper->lock);
	if (pin.data && pin_memory_has(keeper->refused, serial, pin))
		return pin_was_refused(keeper, ret_reason);
	r = hsm_token_login(keeper->token, pin);
	if (r < 0)
		return keeper_event_of(r, ret_reason);
	if (r == HSM_LOGIN_WRONG_PIN && pin.data)
		remember_refused(keeper, serial, pin);
	if (r) {
		keeper_explain(ret_reason, "%s", hsm_login_advice((enum hsm_login_outcome)r));
		return r == HSM_LOGIN_CANCELLED ? PRESENCE_NEEDS_PIN : PRESENCE_PIN_REFUSED;
	}
	r = pin_memory_clear(keeper->refused);
	if (r < 0)
		log_warning(LOG_FIELDS(log_text("FILE", pin_memory_path(keeper->refused))),
			    "can't be removed: %s", strerrordesc_np(-r));
	return PRESENCE_READY;
}

enum presence_event keeper_login_step(struct keeper *keeper, char **ret_reason)
{
	_cleanup_(secret_done) struct secret pin = {0};
	enum presence_event event;
	int r;

	if (!keeper->now.facts.login_required)
		return PRESENCE_READY;
	if (keeper->typed.data) {
		event = keeper_try_pin(keeper, span_of_secret(keeper->typed), ret_reason);
		if (event == PRESENCE_PIN_REFUSED)
			secret_done(&keeper->typed);
		return event;
	}
	r = pin_fetch(&keeper->settings.pin, &pin, ret_reason);
	if (r == PIN_MISSING)
		return PRESENCE_NEEDS_PIN;
	if (r < 0)
		return keeper_event_of(r, ret_reason);
	return keeper_try_pin(keeper, span_of_secret(pin), ret_reason);
}

/* An intended key that is there was made, and its maker died before it could say so. */
static int settle_intended(struct keeper *keeper, struct hsm_session *session)
{
	_cleanup_(freep) char *serial = NULL;
	const struct charter_file *intended;
	unsigned position = 0;
	int r;

	r = keeper_read_serial(keeper, &serial);
	while (r == 0 && (intended = charters_next_intended(keeper->charters, serial, &position))) {
		_cleanup_(bytes_done) struct bytes spki = {0};
		struct held_charter *held;

		r = hsm_rsa_key_read(session, span_of(intended->id), &spki);
		if (r == HSM_RSA_KEY_ABSENT)
			r = charters_drop(keeper->charters, span_of(intended->id));
		else if (r == 0)
			r = charters_finish(keeper->charters, span_of(intended->id), span_of(spki),
					    &held);
	}
	return r;
}

static int look_for_keys(struct keeper *keeper, struct hsm_session *session)
{
	struct held_charter *held;

	for (unsigned i = 0; (held = charters_at(keeper->charters, i)); i++) {
		const struct charter_file *file = charter_fixed(held);
		struct hsm_rsa_key key = {span_of(file->id), span_of(file->spki)};
		int r = hsm_rsa_key_find(session, &key);
		if (r < 0)
			return r;
		charters_set_present(keeper->charters, held, r == 0);
	}
	return 0;
}

enum presence_event keeper_settle(struct keeper *keeper, char **ret_reason)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = NULL;
	int r;

	r = hsm_session_open(keeper->token, false, &session);
	if (r == 0)
		r = settle_intended(keeper, session);
	if (r == 0)
		r = look_for_keys(keeper, session);
	return r < 0 ? keeper_event_of(r, ret_reason) : PRESENCE_READY;
}

/* A card that was put in the place of another gets no PIN, and its keys sign nothing. */
static enum presence_event check_serial(struct keeper *keeper, char **ret_reason)
{
	_cleanup_(freep) char *serial = NULL, *known = NULL;
	int r;

	r = keeper_read_serial(keeper, &serial);
	if (r == 0)
		r = charters_check_token(keeper->charters, serial, &known);
	if (r < 0)
		return keeper_event_of(r, ret_reason);
	if (r == 0)
		return 0;
	keeper_explain(ret_reason,
		       "this is not the token whose keys are known here: it has the serial %s, and "
		       "theirs is %s; put that one back, or if this one holds the same keys: "
		       "claviger token adopt %s",
		       serial, known, keeper->settings.name);
	return PRESENCE_FOREIGN;
}

static enum presence_event open_slot(struct keeper *keeper, unsigned seat, char **ret_reason)
{
	enum presence_event event;
	int r;

	keeper_note(keeper, seat, WATCH_OPEN);
	event = open_step(keeper, ret_reason);
	if (!event && (r = keeper_refresh_facts(keeper)) < 0)
		event = keeper_event_of(r, ret_reason);
	return event ? event : check_serial(keeper, ret_reason);
}

static enum presence_event open_all(struct keeper *keeper, unsigned seat, char **ret_reason)
{
	enum presence_event event;

	keeper_note(keeper, seat, WATCH_LOAD);
	event = load_step(keeper, ret_reason);
	if (!event)
		event = open_slot(keeper, seat, ret_reason);
	if (event)
		return event;
	keeper_step(keeper, PRESENCE_FOUND, NULL);
	keeper_note(keeper, seat, WATCH_LOGIN);
	event = keeper_login_step(keeper, ret_reason);
	keeper_note(keeper, seat, WATCH_FIND);
	/* The login may have changed its counts. */
	(void)keeper_refresh_facts(keeper);
	return event == PRESENCE_READY ? keeper_settle(keeper, ret_reason) : event;
}

/* A new configuration counts from here on. With the token closed. */
static void take_settings(struct keeper *keeper)
{
	struct keeper_settings settings = {0};
	bool taken;

	(void)pthread_mutex_lock(&keeper->lock);
	taken = keeper->has_next && keeper_settings_copy(&keeper->next, &settings) == 0;
	if (taken)
		keeper->has_next = false;
	(void)pthread_mutex_unlock(&keeper->lock);
	if (!taken)
		return;
	if (keeper->settings.module && strcmp(keeper->settings.module, settings.module) != 0)
		keeper->module = hsm_module_close(keeper->module);
	keeper_settings_done(&keeper->settings);
	keeper->settings = settings;
	(void)pthread_mutex_lock(&keeper->lock);
	(void)snprintf(keeper->wanted_reader, sizeof(keeper->wanted_reader), "%s",
		       settings.reader ? settings.reader : "");
	(void)pthread_mutex_unlock(&keeper->lock);
}

/* Prepares this attempt; false where there is no sense in another. */
static bool climb(struct keeper *keeper)
{
	enum presence_rung rung;

	(void)pthread_mutex_lock(&keeper->lock);
	rung = presence_rung(keeper->now.state, keeper->now.tries++);
	keeper->now.wants_restart = rung == PRESENCE_RESTART;
	(void)pthread_mutex_unlock(&keeper->lock);
	keeper_close_token(keeper);
	take_settings(keeper);
	if (rung == PRESENCE_RELOAD)
		keeper->module = hsm_module_close(keeper->module);
	return rung != PRESENCE_RESTART;
}

void keeper_open_locked(struct keeper *keeper, unsigned seat)
{
	_cleanup_(freep) char *reason = NULL;
	enum presence_event event;

	keeper->epoch++;
	keeper_note(keeper, seat, WATCH_LOAD);
	if (!climb(keeper)) {
		keeper_step(keeper, PRESENCE_FAULT, "nothing but a new process is left to try");
		return;
	}
	event = keeper_blame_readers(keeper, open_all(keeper, seat, &reason), &reason);
	keeper->is_foreign = event == PRESENCE_FOREIGN;
	/* A slot may only be listed with no session open, and a token that can't be used needs
	 * none; one that waits for its PIN keeps its own, to be looked at. */
	if (presence_step(TOKEN_READY, event).wait == PRESENCE_OPEN_AGAIN)
		keeper_close_token(keeper);
	keeper_step(keeper, event, event == PRESENCE_READY ? NULL : reason);
}
