/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_OPEN: what was encrypted to a key, for another program. */
#include "hsm/rsa-key.h"
#include "policy/key-use.h"
#include "token/program.h"

struct open {
	struct program_key program;
	struct rsa_opening way;
	struct hsm_rsa_opening opening;
	struct hsm_rsa_key key;
	int outcome; /* of hsm_rsa_key_open() */
	struct secret content;
};

static void open_done(struct open *open)
{
	program_key_done(&open->program);
	secret_done(&open->content);
}

static int act(struct hsm_session *session, void *context)
{
	struct open *open = context;
	int r = hsm_rsa_key_open(session, &open->key, &open->opening, &open->content);

	open->outcome = r;
	return r < 0 ? r : 0;
}

static const struct keeper_deed deed = {WATCH_UNWRAP, false, true, act};

static void answer(struct request *request, const struct open *open)
{
	struct ipc_token_opened opened = {span_of_secret(open->content)};

	if (open->outcome == HSM_RSA_KEY_UNABLE)
		request_fail(request, IPC_FAILURE_INVALID,
			     "the token does not let the key decrypt with such parameters");
	else if (open->outcome == HSM_RSA_KEY_WRONG)
		request_fail(request, IPC_FAILURE_INVALID,
			     "what is encrypted was not encrypted to this key, or not like this");
	else if (!program_fail_absent(request, &open->program, open->outcome))
		request_answer(request, IPC_TOKEN_OPENED, &opened);
}

static void open_allowed(struct request *request, unsigned seat, struct open *open)
{
	_cleanup_(freep) char *reason = NULL;
	int r;

	open->key = program_key_on_token(&open->program);
	open->opening = (struct hsm_rsa_opening){
		.way = &open->way,
		.process_secret = span_of_secret(request->service->process_secret),
		.encrypted = request->message.open.encrypted,
	};
	r = keeper_do(request->service->keeper, seat, &deed, open, &reason);
	if (r)
		request_fail_keeper(request, r, reason);
	else
		answer(request, open);
}

void request_open(struct request *request, unsigned seat)
{
	const struct ipc_token_open *ask = &request->message.open;
	_cleanup_(open_done) struct open open = {
		.way = {ask->padding, ask->digest, ask->mgf1, ask->label},
	};
	const char *fault, *rule;

	if (!program_find_key(request, ask->key, &open.program))
		return;
	fault = rsa_opening_find_fault(&open.way, open.program.modulus_bytes, ask->encrypted.size);
	if (fault) {
		request_fail(request, IPC_FAILURE_INVALID, "%s", fault);
		return;
	}
	rule = program_refuses(&open.program);
	if (!rule)
		rule = key_use_refuses_opening(open.program.uses);
	if (!rule)
		rule = charter_refuses_decryption(&open.program.charter, false);
	if (rule)
		program_refuse(request, &open.program, "open", rule);
	else
		open_allowed(request, seat, &open);
}
