/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_UNWRAP: always as many bytes as were asked for. */
#include "daemon/base/log.h"
#include "daemon/base/spki.h"
#include "hsm/padding.h"
#include "hsm/rsa-key.h"
#include "token/request.h"

struct unwrapping {
	struct hsm_rsa_key key;
	struct span process_secret, encrypted;
	size_t size;
	int outcome; /* of hsm_rsa_key_unwrap() */
	struct secret content;
};

static int unwrap(struct hsm_session *session, void *context)
{
	struct unwrapping *u = context;
	int r = hsm_rsa_key_unwrap(session, &u->key, u->process_secret, u->encrypted, u->size,
				   &u->content);

	u->outcome = r;
	return r < 0 ? r : 0;
}

static const struct keeper_deed deed = {WATCH_UNWRAP, false, true, unwrap};

/* A content key must fit into the block with its padding (RFC 8017 §7.2.1). */
static bool fits(struct span spki, size_t size)
{
	struct span modulus, exponent;

	return size > 0 && size <= PADDING_CONTENT_MAX &&
	       spki_read(spki, &modulus, &exponent) == 0 && size + 11 <= modulus.size;
}

static void log_refusal(const struct request *request, const struct charter *charter,
			const char *rule)
{
	char key[129];

	log_warning(LOG_FIELDS(log_text("TOKEN", request->service->name),
			       log_text("ROLE", charter_role_name(charter->role)),
			       log_hex("KEY", SPAN_ARRAY(charter->key_sha256), key),
			       log_text("RULE", rule),
			       log_number("PEER_UID", connection_uid(request->connection)),
			       log_number("PEER_PID", connection_pid(request->connection))),
		    "refused to decrypt: %s", rule);
}

static void answer(struct request *request, struct held_charter *held, const struct unwrapping *u)
{
	struct ipc_token_content_key content = {span_of_secret(u->content)};

	if (u->outcome == HSM_RSA_KEY_ABSENT) {
		charters_set_present(request->service->charters, held, false);
		request_fail(request, IPC_FAILURE_NOT_FOUND,
			     "the key is not on the token that is there");
	} else if (u->outcome) {
		request_fail(request, IPC_FAILURE_REFUSED, "the token does not let it decrypt");
	} else {
		request_answer(request, IPC_TOKEN_CONTENT_KEY, &content);
	}
}

static void unwrap_allowed(struct request *request, unsigned seat, struct held_charter *held)
{
	const struct ipc_token_unwrap *ask = &request->message.unwrap;
	struct unwrapping u = {
		.key = charter_key(held),
		.process_secret = span_of_secret(request->service->process_secret),
		.encrypted = ask->encrypted,
		.size = ask->size,
	};
	_cleanup_(freep) char *reason = NULL;
	int r;

	r = keeper_do(request->service->keeper, seat, &deed, &u, &reason);
	if (r)
		request_fail_keeper(request, r, reason);
	else
		answer(request, held, &u);
	secret_done(&u.content);
}

void request_unwrap(struct request *request, unsigned seat)
{
	const struct ipc_token_unwrap *ask = &request->message.unwrap;
	struct held_charter *held = request_find_key(request, ask->key);
	struct charter charter;
	const char *rule;

	if (!held)
		return;
	charter = charter_rules(held);
	rule = charter_refuses_decryption(
		&charter, service_find_server(request->service, charter.issuer).separate_exchange);
	if (rule) {
		log_refusal(request, &charter, rule);
		request_fail(request, IPC_FAILURE_REFUSED, "%s", rule);
	} else if (!fits(span_of(charter_fixed(held)->spki), ask->size)) {
		request_fail(request, IPC_FAILURE_INVALID, "no content key has this size");
	} else {
		unwrap_allowed(request, seat, held);
	}
}
