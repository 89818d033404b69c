/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_LOGIN and TOKEN_INIT, which come from the operator's command alone. */
#include "daemon/base/log.h"
#include "token/request.h"

static void finish(struct request *request, const char *what, int r, const char *reason)
{
	log_write(r ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE,
		  LOG_FIELDS(log_text("TOKEN", request->service->name),
			     log_number("PEER_UID", connection_uid(request->connection)),
			     log_text("REASON", reason)),
		  "%s by an operator %s", what, r ? "failed" : "done");
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

void request_init(struct request *request, unsigned seat)
{
	const struct ipc_token_init *ask = &request->message.init;
	_cleanup_(freep) char *reason = NULL, *label = NULL;
	struct keeper_birth birth = {ask->so_pin, ask->pin, NULL};
	int r;

	if (!charter_label_is_valid(ask->label) || ask->pin.size == 0 || ask->so_pin.size == 0) {
		request_fail(request, IPC_FAILURE_INVALID,
			     "a token needs a printable label of at most 32 bytes and both PINs");
		return;
	}
	r = span_to_text(ask->label, &label);
	birth.label = label;
	if (r == 0)
		r = keeper_init_token(request->service->keeper, seat, &birth, &reason);
	finish(request, "initialisation", r, reason);
}
