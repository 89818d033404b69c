/* SPDX-License-Identifier: Apache-2.0 */
/* How a token begins, of keeper.h. All with the gate held for writing. */
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "hsm/fault.h"
#include "hsm/uri.h"
#include "token/keeper-internal.h"
#include <string.h>

static int refuse(const char *text, char **ret_reason)
{
	return text_format(ret_reason, "%s", text) ?: KEEPER_REFUSED;
}

/* Exactly one: with several nobody could tell which was meant. */
static int find_empty(const struct hsm_slots *slots, struct hsm_slot *ret, char **ret_reason)
{
	unsigned found = 0;

	for (size_t i = 0; i < slots->n; i++) {
		if (slots->items[i].initialised)
			continue;
		*ret = slots->items[i];
		found++;
	}
	if (found == 0)
		return refuse("there is no uninitialised token, and none that URI= names",
			      ret_reason);
	if (found > 1)
		return refuse("there are several uninitialised tokens: leave one in its slot",
			      ret_reason);
	return 0;
}

/* The one that URI= names, else the one that is empty. */
static int find(struct keeper *keeper, struct hsm_slot *ret, char **ret_reason)
{
	_cleanup_(hsm_slots_done) struct hsm_slots slots = {0};
	_cleanup_(hsm_uri_done) struct hsm_uri uri = {0};
	_cleanup_(freep) char *reason = NULL;
	const struct hsm_slot *named;
	int r;

	r = hsm_uri_read(keeper->settings.uri, &uri, ret_reason);
	if (r)
		return r < 0 ? r : KEEPER_REFUSED;
	r = hsm_module_list(keeper->module, &slots);
	if (r < 0)
		return r;
	r = hsm_uri_pick(&uri, &slots, &named, &reason);
	if (r < 0)
		return r;
	if (r == HSM_URI_ABSENT)
		return find_empty(&slots, ret, ret_reason);
	if (r == HSM_URI_AMBIGUOUS) {
		*ret_reason = TAKE_PTR(reason);
		return KEEPER_REFUSED;
	}
	*ret = *named;
	return 0;
}

/* Those that have a charter, whether they can be seen without a PIN or not. */
static int count_keys(struct keeper *keeper, const struct hsm_slot *slot, unsigned *ret)
{
	_cleanup_(buffer_done) struct buffer escaped = {0};
	_cleanup_(freep) char *serial = NULL;
	struct held_charter *held;
	int r;

	text_append_escaped(&escaped, span_of_text(slot->serial));
	r = buffer_take_text(&escaped, &serial);
	if (r < 0)
		return r;
	*ret = 0;
	for (unsigned i = 0; (held = charters_at(keeper->charters, i)); i++)
		*ret += strcmp(charter_fixed(held)->token, serial) == 0;
	return 0;
}

static int survey_closed(struct keeper *keeper, struct hsm_token_facts *ret, char **ret_reason)
{
	struct hsm_slot slot;
	int r = keeper_load(keeper, ret_reason);

	if (r)
		return r < 0 ? r : KEEPER_LATER;
	r = find(keeper, &slot, ret_reason);
	return r ? r : hsm_slot_read_facts(keeper->module, &slot, ret);
}

static int survey_locked(struct keeper *keeper, struct keeper_survey *ret, char **ret_reason)
{
	struct keeper_survey survey = {0};
	int r;

	if (keeper->token)
		r = hsm_token_read_facts(keeper->token, &survey.facts);
	else
		r = survey_closed(keeper, &survey.facts, ret_reason);
	if (r == 0)
		r = count_keys(keeper, &survey.facts.slot, &survey.keys);
	if (r)
		return r;
	survey.rules = pin_rules_of(&survey.facts);
	survey.pad = survey.facts.pin_pad && keeper->settings.pin.kind == PIN_PAD;
	*ret = survey;
	return 0;
}

static int explain_failure(int r, char **ret_reason)
{
	char text[96];

	if (r >= 0 || r == -ENOMEM)
		return r;
	return text_format(ret_reason, "the token failed: %s", hsm_fault_text(text))
		       ?: KEEPER_LATER;
}

int keeper_survey(struct keeper *keeper, unsigned seat, struct keeper_survey *ret,
		  char **ret_reason)
{
	int r;

	(void)pthread_rwlock_wrlock(&keeper->gate);
	keeper_note(keeper, seat, WATCH_OPEN);
	r = survey_locked(keeper, ret, ret_reason);
	keeper_note(keeper, seat, WATCH_NOTHING);
	(void)pthread_rwlock_unlock(&keeper->gate);
	return explain_failure(r, ret_reason);
}

static int check_pin(const char *what, const struct pin_rule *rule, struct span pin,
		     char **ret_reason)
{
	_cleanup_(freep) char *words = NULL;

	if (pin_rule_fits(rule, pin))
		return 0;
	return pin_rule_text(rule, &words)
		       ?: text_format(ret_reason, "the token wants %s of %s", what, words)
		       ?: KEEPER_REFUSED;
}

/* What is wiped was shown to whoever asks, and is what is there now. */
static int check_wipe(const struct keeper_survey *survey, const struct keeper_birth *birth,
		      char **ret_reason)
{
	const struct hsm_slot *slot = &survey->facts.slot;

	if (!slot->initialised)
		return 0;
	if (birth->wipe.size == 0)
		return refuse("the token is initialised already: all that is on it would be "
			      "destroyed, which must be asked for (--wipe)",
			      ret_reason);
	if (!span_equal(birth->wipe, span_of_text(slot->serial)))
		return refuse("another token is there than the one that was to be wiped",
			      ret_reason);
	if (survey->keys)
		return refuse("keys of ours are on the token: `claviger server delete` and "
			      "`claviger key zeroize` destroy those first",
			      ret_reason);
	return 0;
}

static int check_birth(struct keeper *keeper, const struct keeper_survey *survey,
		       const struct keeper_birth *birth, char **ret_reason)
{
	_cleanup_(hsm_uri_done) struct hsm_uri uri = {0};
	int r;

	r = hsm_uri_read(keeper->settings.uri, &uri, ret_reason);
	if (r)
		return r < 0 ? r : KEEPER_REFUSED;
	if (uri.token && strcmp(uri.token, birth->label) != 0)
		return refuse("the label must be the one that URI= names with token=", ret_reason);
	r = check_wipe(survey, birth, ret_reason);
	if (r || (survey->pad && !birth->so_pin.size && !birth->pin.size))
		return r;
	r = check_pin("a SO PIN", &survey->rules.so_pin, birth->so_pin, ret_reason);
	return r ? r : check_pin("a PIN", &survey->rules.pin, birth->pin, ret_reason);
}

/* It may be in another slot by now. */
static int find_newborn(struct keeper *keeper, struct hsm_slot *ret, char **ret_reason)
{
	_cleanup_(hsm_slots_done) struct hsm_slots slots = {0};
	_cleanup_(hsm_uri_done) struct hsm_uri uri = {0};
	const struct hsm_slot *slot;
	int r;

	r = hsm_uri_read(keeper->settings.uri, &uri, ret_reason);
	if (r == 0)
		r = hsm_module_list(keeper->module, &slots);
	if (r == 0)
		r = hsm_uri_pick(&uri, &slots, &slot, ret_reason);
	if (r)
		return r < 0 ? r : KEEPER_REFUSED;
	*ret = *slot;
	return 0;
}

static int explain_init(int r, bool wipe, char **ret_reason)
{
	if (r == HSM_INIT_LAST_TRY)
		return refuse("one more wrong SO PIN would lock the token for good, so none is "
			      "tried here",
			      ret_reason);
	if (r == HSM_INIT_REFUSED && wipe)
		return refuse("the token refused the SO PIN, which must be the one that it has; "
			      "nothing was wiped",
			      ret_reason);
	if (r == HSM_INIT_REFUSED)
		return refuse("the token does not take this SO PIN (its length, as a rule)",
			      ret_reason);
	return r;
}

static int give_birth(struct keeper *keeper, const struct keeper_survey *survey,
		      const struct keeper_birth *birth, char **ret_reason)
{
	struct hsm_slot slot = survey->facts.slot;
	bool wipe = slot.initialised;
	int r;

	r = hsm_token_init(keeper->module, &slot, birth->so_pin, birth->label, wipe);
	if (r)
		return explain_init(r, wipe, ret_reason);
	r = find_newborn(keeper, &slot, ret_reason);
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

/* What was refused before was another token's PIN, though its serial is the same. */
static int remember_new_pin(struct keeper *keeper, const struct keeper_birth *birth)
{
	int r = pin_memory_clear(keeper->refused);

	if (r < 0)
		log_warning(LOG_FIELDS(log_text("FILE", pin_memory_path(keeper->refused))),
			    "can't be removed: %s", strerrordesc_np(-r));
	secret_done(&keeper->typed);
	return birth->pin.size ? secret_copy(birth->pin, &keeper->typed) : 0;
}

static int init_locked(struct keeper *keeper, unsigned seat, const struct keeper_birth *birth,
		       char **ret_reason)
{
	struct keeper_survey survey;
	bool was_open;
	int r;

	keeper_note(keeper, seat, birth->pin.size ? WATCH_OPEN : WATCH_PAD);
	r = survey_locked(keeper, &survey, ret_reason);
	if (r == 0)
		r = check_birth(keeper, &survey, birth, ret_reason);
	if (r)
		return r;
	was_open = keeper->token;
	keeper_close_token(keeper);
	r = give_birth(keeper, &survey, birth, ret_reason);
	if (r == 0)
		r = remember_new_pin(keeper, birth);
	if (r == 0 || was_open)
		keeper_open_locked(keeper, seat);
	return r;
}

int keeper_init_token(struct keeper *keeper, unsigned seat, const struct keeper_birth *birth,
		      char **ret_reason)
{
	int r;

	(void)pthread_rwlock_wrlock(&keeper->gate);
	r = init_locked(keeper, seat, birth, ret_reason);
	/* Nobody logs in by the pad here. */
	if (r == 0 && birth->pin.size && keeper_state(keeper) != TOKEN_READY)
		r = keeper_later(keeper, ret_reason);
	keeper_note(keeper, seat, WATCH_NOTHING);
	(void)pthread_rwlock_unlock(&keeper->gate);
	return explain_failure(r, ret_reason);
}
