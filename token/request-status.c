/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_STATUS and TOKEN_KEY: answered by the event loop, from what is known. */
#include "daemon/base/utf8.h"
#include "token/request.h"

struct span request_clean(char *foreign, size_t most)
{
	struct span text = span_of_text(foreign);

	utf8_mend(foreign, text.size);
	return span_slice(text, 0, utf8_fit(text, most));
}

/* Borrows from @facts, whose texts it mends. */
static void fill_facts(struct hsm_token_facts *facts, struct ipc_token_state *state)
{
	state->label = request_clean(facts->slot.label, 64);
	state->serial = request_clean(facts->slot.serial, 64);
	state->manufacturer = request_clean(facts->slot.manufacturer, 64);
	state->model = request_clean(facts->slot.model, 64);
	state->least_bits = (uint16_t)facts->least_bits;
	state->most_bits = (uint16_t)facts->most_bits;
	state->pin_count_low = facts->pin_count_low;
	state->pin_final_try = facts->pin_final_try;
	state->pin_locked = facts->pin_locked;
}

void request_status(struct request *request, unsigned seat)
{
	struct ipc_token_state state = {0};
	struct keeper_view view;

	(void)seat;
	keeper_view(request->service->keeper, &view);
	state.state = (uint8_t)view.state;
	state.reason = request_clean(view.reason, sizeof(view.reason));
	state.sessions = (uint16_t)view.seats;
	state.keys = (uint16_t)charters_count(request->service->charters);
	if (view.has_facts)
		fill_facts(&view.facts, &state);
	request_answer(request, IPC_TOKEN_STATE, &state);
}

void request_key(struct request *request, unsigned seat)
{
	struct charters *charters = request->service->charters;
	struct held_charter *held = charters_at(charters, request->message.key.position);
	_cleanup_(freep) char *label = NULL;
	const struct charter_file *file;
	struct ipc_token_key_info info;

	(void)seat;
	if (!held) {
		request_fail(request, IPC_FAILURE_NOT_FOUND, "there are no more keys");
		return;
	}
	if (charters_read_label(charters, held, &label) < 0) {
		request_fail(request, IPC_FAILURE_LATER, "out of memory");
		return;
	}
	file = charter_fixed(held);
	info = (struct ipc_token_key_info){
		.role = (uint8_t)file->role,
		.present = charters_is_present(charters, held),
		.decrypts = file->decrypts,
		.id = span_of(file->id),
		.spki = span_of(file->spki),
		.issuer = span_of(file->issuer),
		.label = span_of_text(label),
		.usage = (uint8_t)file->usage,
		.exportable = (uint8_t)charters_exportable(charters, held),
		.made_s = file->made_s,
		.not_after_s = charters_not_after_s(charters, held),
	};
	request_answer(request, IPC_TOKEN_KEY_INFO, &info);
}
