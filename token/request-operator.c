/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_LOGIN, TOKEN_INIT and TOKEN_ADOPT, which come from the operator's command alone. */
#include "daemon/base/log.h"
#include "token/acts.h"

static void tell(struct request *request, const char *what, int r, const char *reason)
{
	log_write(r ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE,
		  LOG_FIELDS(log_text("TOKEN", request->service->name),
			     log_number("PEER_UID", connection_uid(request->connection)),
			     log_text("REASON", reason)),
		  "%s by an operator %s", what, r ? "failed" : "done");
}

static void finish(struct request *request, const char *what, int r, const char *reason)
{
	tell(request, what, r, reason);
	if (r)
		request_fail_keeper(request, r, reason);
	else
		request_answer(request, IPC_DONE, &(struct ipc_done){});
}

void request_login(struct request *request, unsigned seat)
{
	_cleanup_(freep) char *reason = NULL;
	int r = keeper_login(request->service->keeper, seat, request->message.login.pin, &reason);

	finish(request, "login", r, reason);
}

void request_survey(struct request *request, unsigned seat)
{
	_cleanup_(freep) char *reason = NULL;
	struct ipc_token_surveyed found = {0};
	struct keeper_survey survey = {0};
	int r = keeper_survey(request->service->keeper, seat, &survey, &reason);

	if (r) {
		request_fail_keeper(request, r, reason);
		return;
	}
	found.label = request_clean(survey.facts.slot.label, 64);
	found.serial = request_clean(survey.facts.slot.serial, 64);
	found.manufacturer = request_clean(survey.facts.slot.manufacturer, 64);
	found.model = request_clean(survey.facts.slot.model, 64);
	found.initialised = survey.facts.slot.initialised;
	found.keys = (uint16_t)survey.keys;
	found.pad = survey.pad;
	found.so_least = (uint8_t)survey.rules.so_pin.least;
	found.so_most = (uint8_t)survey.rules.so_pin.most;
	found.so_hex = survey.rules.so_pin.hex;
	found.pin_least = (uint8_t)survey.rules.pin.least;
	found.pin_most = (uint8_t)survey.rules.pin.most;
	found.pin_hex = survey.rules.pin.hex;
	request_answer(request, IPC_TOKEN_SURVEYED, &found);
}

void request_init(struct request *request, unsigned seat)
{
	const struct ipc_token_init *ask = &request->message.init;
	_cleanup_(freep) char *reason = NULL, *label = NULL;
	struct keeper_birth birth = {0};
	int r;

	if (!charter_label_is_valid(ask->label) || !ask->pin.size != !ask->so_pin.size) {
		request_fail(request, IPC_FAILURE_INVALID,
			     "a token needs a printable label of at most 32 bytes and both PINs");
		return;
	}
	r = span_to_text(ask->label, &label);
	/* None is one that is typed on the token's pad. */
	if (ask->pin.size)
		birth = (struct keeper_birth){.so_pin = ask->so_pin, .pin = ask->pin};
	birth.wipe = ask->wipe;
	birth.label = label;
	if (r == 0)
		r = keeper_init_token(request->service->keeper, seat, &birth, &reason);
	finish(request, "initialisation", r, reason);
}

static int record_adoption(void *context, const struct held_charter *held)
{
	return acts_append(context, held, ACT_ADOPT);
}

void request_adopt(struct request *request, unsigned seat)
{
	const struct keeper_adoption adoption = {
		.pin = request->message.adopt.pin,
		.record = record_adoption,
		.context = request,
	};
	_cleanup_(freep) char *reason = NULL, *serial = NULL;
	struct ipc_token_adopted adopted;
	unsigned keys;
	int r;

	r = keeper_adopt(request->service->keeper, seat, &adoption, &keys, &reason);
	if (r == 0)
		r = keeper_read_serial(request->service->keeper, &serial);
	tell(request, "adoption", r, reason);
	if (r) {
		request_fail_keeper(request, r, reason);
		return;
	}
	adopted =
		(struct ipc_token_adopted){.serial = span_of_text(serial), .keys = (uint16_t)keys};
	request_answer(request, IPC_TOKEN_ADOPTED, &adopted);
}
