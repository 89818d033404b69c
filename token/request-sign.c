/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_SIGN: held against the charter, signed, logged, and only then given out. */
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "hsm/rsa-key.h"
#include "token/request.h"
#include "token/signing.h"
#include <string.h>

struct signature {
	struct hsm_rsa_key key;
	struct span digest_info;
	int outcome; /* of hsm_rsa_key_sign() */
	struct bytes value;
};

static int sign(struct hsm_session *session, void *context)
{
	struct signature *signature = context;
	int r = hsm_rsa_key_sign(session, &signature->key, signature->digest_info,
				 &signature->value);

	signature->outcome = r;
	return r < 0 ? r : 0;
}

static const struct keeper_deed deed = {WATCH_SIGN, false, true, sign};

static void log_refusal(const struct request *request, const struct charter *charter,
			const struct signing *signing, const char *rule)
{
	char key[129], serial[129];

	log_warning(LOG_FIELDS(log_text("TOKEN", request->service->name),
			       log_text("ROLE", charter_role_name(charter->role)),
			       log_hex("KEY", SPAN_ARRAY(charter->key_sha256), key),
			       log_text("KIND", signing->kind),
			       log_span("SUBJECT", span_of_buffer(&signing->subject)),
			       log_hex("SERIAL", signing->shape.serial, serial),
			       log_text("RULE", rule),
			       log_number("PEER_UID", connection_uid(request->connection)),
			       log_number("PEER_PID", connection_pid(request->connection))),
		    "refused to sign: %s", rule);
}

/* What must be recorded before the signature may be seen: of an authority's own certificate,
 * how long it lasts; of each signature a line. Both durably, but for an answer to a client: what it
 * answers with is on the disk already, and a sync for each would cost more than the signature. */
static int record(struct request *request, struct held_charter *held, const struct charter *charter,
		  const struct signing *signing)
{
	const struct ipc_token_sign *ask = &request->message.sign;
	const struct signature_record line = {
		.time_s = clock_now_s(),
		.key = SPAN_ARRAY(charter->key_sha256),
		.kind = signing_kind(signing, charter),
		.serial = signing->shape.serial,
		.subject = span_of_buffer(&signing->subject),
		.to_be_signed = ask->to_be_signed,
		.head = ask->head,
		.may_trail = signing->shape.kind == X509_SHAPE_CMS_ATTRIBUTES,
	};
	struct charters *charters = request->service->charters;
	int64_t end_s = signing_end_s(signing, charter, charters_not_after_s(charters, held));
	int r = 0;

	if (end_s)
		r = charters_set_not_after(charters, held, end_s);
	if (r == 0)
		r = signature_log_append(request->service->signatures, &line);
	if (r < 0)
		log_error(LOG_FIELDS(log_text("TOKEN", request->service->name)),
			  "a signature is kept back, since it can't be recorded: %s",
			  strerrordesc_np(-r));
	return r;
}

static void give_out(struct request *request, struct held_charter *held,
		     const struct charter *charter, const struct signing *signing,
		     const struct signature *signature)
{
	struct ipc_token_signature answer = {span_of(signature->value)};

	if (signature->outcome == HSM_RSA_KEY_ABSENT) {
		charters_set_present(request->service->charters, held, false);
		request_fail(request, IPC_FAILURE_NOT_FOUND,
			     "the key is not on the token that is there");
	} else if (record(request, held, charter, signing) < 0) {
		request_fail(request, IPC_FAILURE_FAULT,
			     "the signature can't be recorded (is the disk full?)");
	} else {
		charters_set_present(request->service->charters, held, true);
		request_answer(request, IPC_TOKEN_SIGNATURE, &answer);
	}
}

static void sign_allowed(struct request *request, unsigned seat, struct held_charter *held,
			 const struct charter *charter, const struct signing *signing)
{
	const struct ipc_token_sign *ask = &request->message.sign;
	uint8_t info[DIGEST_SIZE_MAX + 32];
	size_t size = digest_info((enum digest)ask->digest, ask->to_be_signed, info);
	struct signature signature = {
		.key = charter_key(held),
		.digest_info = SPAN(info, size),
	};
	_cleanup_(freep) char *reason = NULL;
	int r;

	r = keeper_do(request->service->keeper, seat, &deed, &signature, &reason);
	if (r)
		request_fail_keeper(request, r, reason);
	else
		give_out(request, held, charter, signing, &signature);
	bytes_done(&signature.value);
}

void request_sign(struct request *request, unsigned seat)
{
	const struct ipc_token_sign *ask = &request->message.sign;
	_cleanup_(signing_done) struct signing signing = {0};
	struct held_charter *held = request_find_key(request, ask->key);
	struct server_facts server;
	struct charter charter;
	const char *rule;

	if (!held)
		return;
	if (ask->digest < DIGEST_MD5 || ask->digest > DIGEST_SHA512) {
		request_fail(request, IPC_FAILURE_INVALID, "there is no such digest");
		return;
	}
	charter = charter_rules(held);
	server = service_find_server(request->service, charter.issuer);
	signing_read(ask->to_be_signed, (enum digest)ask->digest, &server, &signing);
	rule = charter_refuses_signature(&charter, &signing.ask);
	if (rule) {
		log_refusal(request, &charter, &signing, rule);
		request_fail(request, IPC_FAILURE_REFUSED, "%s", rule);
		return;
	}
	sign_allowed(request, seat, held, &charter, &signing);
}
