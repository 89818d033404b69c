/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_RELABEL, TOKEN_DESTROY and TOKEN_ZEROIZE. */
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "hsm/rsa-key.h"
#include "token/acts.h"
#include "token/request.h"
#include <string.h>

struct change {
	struct hsm_rsa_key key;
	const char *label;
	int outcome; /* of hsm_rsa_key_relabel(), hsm_rsa_key_destroy() */
};

static int relabel(struct hsm_session *session, void *context)
{
	struct change *change = context;

	change->outcome = hsm_rsa_key_relabel(session, &change->key, change->label);
	return change->outcome < 0 ? change->outcome : 0;
}

static int destroy(struct hsm_session *session, void *context)
{
	struct change *change = context;

	change->outcome = hsm_rsa_key_destroy(session, &change->key);
	return change->outcome < 0 ? change->outcome : 0;
}

static const struct keeper_deed relabel_deed = {WATCH_CHANGE, true, true, relabel};
static const struct keeper_deed destroy_deed = {WATCH_CHANGE, true, true, destroy};

static const struct {
	int outcome;
	enum ipc_failure code;
	const char *text;
} failures[] = {
	{HSM_RSA_KEY_ABSENT, IPC_FAILURE_NOT_FOUND, "the key is not on the token that is there"},
	{HSM_RSA_KEY_UNABLE, IPC_FAILURE_REFUSED, "the token does not let labels change"},
	{HSM_RSA_KEY_READ_ONLY, IPC_FAILURE_FAULT, "the token is write-protected"},
};

static void finish(struct request *request, const struct change *change, int r, const char *reason)
{
	if (r) {
		request_fail_keeper(request, r, reason);
		return;
	}
	for (size_t i = 0; i < ELEMENTS(failures); i++) {
		if (failures[i].outcome == change->outcome) {
			request_fail(request, failures[i].code, "%s", failures[i].text);
			return;
		}
	}
	request_answer(request, IPC_DONE, &(struct ipc_done){});
}

/* What forbids the new label, which is logged; NULL: nothing. -ENOMEM. */
static int find_label_rule(struct request *request, struct held_charter *held, const char **ret)
{
	struct charter charter = charter_rules(held);
	_cleanup_(freep) char *is = NULL;
	char key[129];
	int r = charters_read_label(request->service->charters, held, &is);

	if (r < 0)
		return r;
	*ret = charter_refuses_label(&charter, span_of_text(is), request->message.relabel.label);
	if (*ret)
		log_warning(LOG_FIELDS(log_text("TOKEN", request->service->name),
				       log_text("ROLE", charter_role_name(charter.role)),
				       log_hex("KEY", SPAN_ARRAY(charter.key_sha256), key),
				       log_text("RULE", *ret),
				       log_number("PEER_UID", connection_uid(request->connection)),
				       log_number("PEER_PID", connection_pid(request->connection))),
			    "refused to call a key otherwise: %s", *ret);
	return 0;
}

static void relabel_allowed(struct request *request, unsigned seat, struct held_charter *held)
{
	struct service *service = request->service;
	_cleanup_(freep) char *label = NULL, *reason = NULL;
	struct change change = {.key = charter_key(held)};
	int r = span_to_text(request->message.relabel.label, &label);

	change.label = label;
	if (r == 0)
		r = keeper_do(service->keeper, seat, &relabel_deed, &change, &reason);
	if (r == 0 && change.outcome == 0)
		r = charters_set_label(service->charters, held, label);
	finish(request, &change, r, reason);
}

void request_relabel(struct request *request, unsigned seat)
{
	const struct ipc_token_relabel *ask = &request->message.relabel;
	struct held_charter *held = request_find_key(request, ask->key);
	const char *rule = NULL;

	if (!held)
		return;
	if (!charter_label_is_valid(ask->label)) {
		request_fail(request, IPC_FAILURE_INVALID,
			     "a label is printable and has 1 to 128 bytes");
		return;
	}
	if (find_label_rule(request, held, &rule) < 0)
		request_fail(request, IPC_FAILURE_LATER, "out of memory");
	else if (rule)
		request_fail(request, IPC_FAILURE_REFUSED, "%s", rule);
	else
		relabel_allowed(request, seat, held);
}

static void log_destruction(const struct request *request, const struct charter *charter,
			    const char *rule)
{
	char key[129];

	log_write(rule ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE,
		  LOG_FIELDS(log_text("TOKEN", request->service->name),
			     log_text("ROLE", charter_role_name(charter->role)),
			     log_hex("KEY", SPAN_ARRAY(charter->key_sha256), key),
			     log_text("RULE", rule),
			     log_number("PEER_UID", connection_uid(request->connection)),
			     log_number("PEER_PID", connection_pid(request->connection))),
		  rule ? "refused to destroy a key: %s" : "a key was destroyed%s",
		  rule ? rule : "");
}

/* On another token a key's absence says nothing about the key. */
static bool is_its_token(struct service *service, const struct held_charter *held)
{
	_cleanup_(freep) char *serial = NULL;

	return keeper_read_serial(service->keeper, &serial) == 0 &&
	       charters_is_of_token(service->charters, held, serial);
}

static void destroy_allowed(struct request *request, unsigned seat, struct held_charter *held,
			    const struct charter *charter)
{
	struct service *service = request->service;
	struct change change = {.key = charter_key(held)};
	_cleanup_(freep) char *reason = NULL;
	int r;

	r = keeper_do(service->keeper, seat, &destroy_deed, &change, &reason);
	/* Not there is what was wanted: the one before died between key and charter. */
	if (r == 0 && change.outcome == HSM_RSA_KEY_ABSENT && is_its_token(service, held))
		change.outcome = 0;
	if (r == 0 && change.outcome == HSM_RSA_KEY_ABSENT) {
		request_fail(request, IPC_FAILURE_LATER,
			     "the key is on another token than the one that is there");
		return;
	}
	if (r == 0 && change.outcome == 0)
		r = charters_remove(service->charters, held);
	if (r == 0 && change.outcome == 0)
		log_destruction(request, charter, NULL);
	finish(request, &change, r, reason);
}

void request_destroy(struct request *request, unsigned seat)
{
	const struct ipc_token_destroy *ask = &request->message.destroy;
	struct service *service = request->service;
	struct held_charter *held = request_find_key(request, ask->key);
	struct charter charter;
	const char *rule;

	if (!held)
		return;
	charter = charter_rules(held);
	rule = charter_refuses_destruction(&charter, charters_not_after_s(service->charters, held),
					   clock_now_s());
	if (rule) {
		log_destruction(request, &charter, rule);
		request_fail(request, IPC_FAILURE_REFUSED, "%s", rule);
		return;
	}
	destroy_allowed(request, seat, held, &charter);
}

/* By an operator's word a key goes whatever its charter says; that is the difference between the
 * two sockets. */
void request_zeroize(struct request *request, unsigned seat)
{
	struct held_charter *held = request_find_key(request, request->message.zeroize.key);
	struct charter charter;

	if (!held)
		return;
	if (acts_record(request, held, ACT_ZEROIZE) < 0)
		return;
	charter = charter_rules(held);
	destroy_allowed(request, seat, held, &charter);
}
