/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_USE: a signature for another program. Held against the [Use] sections, which this process
 * reads itself, signed, logged or counted, and only then given out. */
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "hsm/rsa-key.h"
#include "policy/key-use.h"
#include "token/program.h"
#include "token/signing.h"
#include <string.h>

struct use {
	struct program_key program;
	struct rsa_scheme scheme;
	struct signing signing; /* of a whole message; else empty */
	struct key_use_ask ask;
	enum key_use kind;
	struct hsm_rsa_key key;
	int outcome; /* of hsm_rsa_key_use() */
	struct bytes value;
};

static void use_done(struct use *use)
{
	program_key_done(&use->program);
	signing_done(&use->signing);
	bytes_done(&use->value);
}

static int sign(struct hsm_session *session, void *context)
{
	struct use *use = context;
	int r = hsm_rsa_key_use(session, &use->key, &use->scheme, use->ask.message, &use->value);

	use->outcome = r;
	return r < 0 ? r : 0;
}

static const struct keeper_deed deed = {WATCH_SIGN, false, true, sign};

/* What it is, from its bytes alone. */
static void look_into(struct use *use, struct span message)
{
	static const struct server_facts none;

	if (use->scheme.input == RSA_INPUT_MESSAGE)
		signing_read(message, use->scheme.digest, &none, &use->signing);
	use->ask = (struct key_use_ask){
		.scheme = &use->scheme,
		.message = message,
		.is_cms_attributes = use->signing.shape.kind == X509_SHAPE_CMS_ATTRIBUTES,
		.enrols = use->signing.shape.enrols,
	};
	use->kind = key_use_narrowest(key_use_find(&use->ask));
}

/* How each use gets into the log of signatures, and how many a minute whole. The others are
 * counted: a program that signs without end must not fill the disk, for then nobody signs. */
static const struct {
	enum key_use use;
	const char *kind;
	unsigned whole;
	bool may_trail;
} records[] = {
	/* Handshakes say nothing each. */
	{KEY_USE_TLS, "tls", 0, true},
	{KEY_USE_IKE, "ike", 0, true},
	{KEY_USE_CMS, "cms", 10, true},
	/* This may be anything, and somebody's certificate, too. */
	{KEY_USE_ANY, "use", 10, false},
};

static int record(struct request *request, const struct use *use)
{
	const uint8_t *key = use->program.charter.key_sha256;
	struct service *service = request->service;
	size_t i = 0;
	int r;

	while (records[i].use != use->kind)
		i++;
	r = tally_count(service->tally, key, records[i].kind, records[i].whole);
	if (r != TALLY_WHOLE)
		return r;
	const struct signature_record line = {
		.time_s = clock_now_s(),
		.key = SPAN_ARRAY(use->program.charter.key_sha256),
		.kind = records[i].kind,
		.subject = span_of_buffer(&use->signing.subject),
		.to_be_signed = use->ask.message,
		.may_trail = records[i].may_trail,
	};
	r = signature_log_append(service->signatures, &line);
	if (r < 0)
		tally_give_back(service->tally, key, line.kind);
	return r;
}

static void give_out(struct request *request, const struct use *use)
{
	struct ipc_token_signature answer = {span_of(use->value)};
	int r = record(request, use);

	if (r == 0) {
		request_answer(request, IPC_TOKEN_SIGNATURE, &answer);
		return;
	}
	log_error(LOG_FIELDS(log_text("TOKEN", request->service->name)),
		  "a signature is kept back, since it can't be recorded: %s", strerrordesc_np(-r));
	request_fail(request, IPC_FAILURE_FAULT,
		     "the signature can't be recorded (is the disk full?)");
}

static void sign_allowed(struct request *request, unsigned seat, struct use *use)
{
	_cleanup_(freep) char *reason = NULL;
	int r;

	use->key = program_key_on_token(&use->program);
	r = keeper_do(request->service->keeper, seat, &deed, use, &reason);
	if (r)
		request_fail_keeper(request, r, reason);
	else if (use->outcome == HSM_RSA_KEY_UNABLE)
		request_fail(request, IPC_FAILURE_INVALID,
			     "the token does not sign with such parameters, and has no raw RSA to "
			     "do it without its help");
	else if (!program_fail_absent(request, &use->program, use->outcome))
		give_out(request, use);
}

void request_use(struct request *request, unsigned seat)
{
	const struct ipc_token_use *ask = &request->message.use;
	_cleanup_(use_done) struct use use = {
		.scheme = {ask->padding, ask->input, ask->digest, ask->mgf1, ask->salt_bytes},
	};
	const char *fault, *rule;

	if (!program_find_key(request, ask->key, &use.program))
		return;
	fault = rsa_scheme_find_fault(&use.scheme, use.program.modulus_bytes, ask->message.size);
	if (fault) {
		request_fail(request, IPC_FAILURE_INVALID, "%s", fault);
		return;
	}
	look_into(&use, ask->message);
	rule = program_refuses(&use.program);
	if (!rule)
		rule = key_use_refuses_signature(use.program.uses, &use.ask);
	if (rule)
		program_refuse(request, &use.program, key_use_name(use.kind), rule);
	else
		sign_allowed(request, seat, &use);
}
