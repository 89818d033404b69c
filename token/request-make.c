/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_MAKE: the intention on disk, the key on the token, the charter. */
#include "daemon/base/log.h"
#include "daemon/x509/name.h"
#include "hsm/rsa-key.h"
#include "token/request.h"
#include <string.h>

#define ID_SIZE 20 /* bytes of a CKA_ID, random */

/* Which roles' keys decrypt: those whose certificates others encrypt to. */
static const struct {
	enum charter_role role;
	bool decrypts;
	bool needs_issuer;
} roles[] = {
	{CHARTER_CA, true, true},
	{CHARTER_EXCHANGE, true, false},
	{CHARTER_IDENTITY, true, false},
	{CHARTER_AUDIT, false, false},
};

struct making {
	struct request *request;
	struct charter_file charter; /* intended */
	struct hsm_rsa_order order;
	int outcome; /* of hsm_rsa_key_make() */
	const char *why;
	struct held_charter *held;
};

static int make(struct hsm_session *session, void *context)
{
	struct making *making = context;
	struct charters *charters = making->request->service->charters;
	_cleanup_(bytes_done) struct bytes spki = {0};
	int r;

	/* Within the deed, so that nobody who opens the token anew finds the intention and drops it
	 * while the key is being made. */
	r = charters_intend(charters, &making->charter);
	if (r < 0) {
		making->outcome = r;
		return 0;
	}
	r = hsm_rsa_key_make(session, &making->order, &spki, &making->why);
	making->outcome = r;
	/* After a fault the key may be there or not: the intention stays, to be looked into. */
	if (r < 0)
		return r;
	if (r > 0)
		r = charters_drop(charters, making->order.id);
	else
		r = charters_finish(charters, making->order.id, span_of(spki), &making->held);
	if (r < 0)
		making->outcome = r;
	return 0;
}

static const struct keeper_deed deed = {WATCH_MAKE, true, false, make};

/* Refusals, whose text reaches the operator: asking again is no use before he has done as it says.
 */
static const struct {
	int outcome;
	enum ipc_failure code;
	const char *text;
} failures[] = {
	{HSM_RSA_KEY_FULL, IPC_FAILURE_REFUSED,
	 "the token is full: remove what it no longer needs with its maker's tool, or take "
	 "another"},
	{HSM_RSA_KEY_UNABLE, IPC_FAILURE_REFUSED,
	 "the token can't make such a key: choose another size, or another token"},
	{HSM_RSA_KEY_READ_ONLY, IPC_FAILURE_REFUSED,
	 "the token is write-protected: remove the protection with its maker's tool"},
};

static void fail(struct request *request, const struct making *making)
{
	for (size_t i = 0; i < ELEMENTS(failures); i++) {
		if (failures[i].outcome == making->outcome) {
			request_fail(request, failures[i].code, "%s", failures[i].text);
			return;
		}
	}
	if (making->outcome == HSM_RSA_KEY_UNFIT)
		request_fail(request, IPC_FAILURE_REFUSED,
			     "the token made a key that is not fit for use, and it was removed: %s",
			     making->why);
	else
		request_fail(request, IPC_FAILURE_FAULT, "the key's charter can't be written: %s",
			     strerrordesc_np(-making->outcome));
}

static void answer(struct request *request, const struct making *making)
{
	const struct charter_file *file = charter_fixed(making->held);
	struct ipc_token_made made = {
		.id = span_of(file->id),
		.spki = span_of(file->spki),
		.serial = span_of_text(file->token),
	};
	char id[129];

	log_notice(LOG_FIELDS(log_text("TOKEN", request->service->name),
			      log_text("ROLE", charter_role_name(file->role)),
			      log_hex("ID", span_of(file->id), id), log_text("LABEL", file->label)),
		   "a key of %u bits was made", making->order.bits);
	request_answer(request, IPC_TOKEN_MADE, &made);
}

/* What is wrong with the order; NULL: nothing. */
static const char *find_fault(const struct ipc_token_make *ask)
{
	if (!charter_label_is_valid(ask->label))
		return "a label is printable and has 1 to 128 bytes";
	if (ask->issuer.size && !x509_name_is_valid(ask->issuer))
		return "the issuer is no distinguished name";
	for (size_t i = 0; i < ELEMENTS(roles); i++) {
		if (roles[i].role != (enum charter_role)ask->role)
			continue;
		return roles[i].needs_issuer &&
				       (ask->issuer.size == 0 || x509_name_is_empty(ask->issuer))
			       ? "a key of this role needs an issuer name"
			       : NULL;
	}
	return "there is no such role";
}

static bool role_decrypts(enum charter_role role)
{
	for (size_t i = 0; i < ELEMENTS(roles); i++) {
		if (roles[i].role == role)
			return roles[i].decrypts;
	}
	return false;
}

static int prepare(struct making *making)
{
	const struct ipc_token_make *ask = &making->request->message.make;
	struct service *service = making->request->service;
	struct charter_file *charter = &making->charter;
	bool separate = service_find_server(service, ask->issuer).separate_exchange;
	int r;

	charter->role = (enum charter_role)ask->role;
	charter->decrypts =
		role_decrypts(charter->role) && !(charter->role == CHARTER_CA && separate);
	r = bytes_copy(ask->issuer, &charter->issuer);
	if (r == 0)
		r = span_to_text(ask->label, &charter->label);
	if (r == 0)
		r = keeper_read_serial(service->keeper, &charter->token);
	if (r == 0)
		r = bytes_new(ID_SIZE, &charter->id);
	if (r < 0)
		return r;
	random_fill(charter->id.data, charter->id.size);
	making->order = (struct hsm_rsa_order){
		.bits = ask->bits,
		.id = span_of(charter->id),
		.label = charter->label,
		.decrypts = charter->decrypts,
	};
	return 0;
}

void request_make(struct request *request, unsigned seat)
{
	struct making making = {.request = request};
	const char *fault = find_fault(&request->message.make);
	_cleanup_(freep) char *reason = NULL;
	int r;

	if (fault) {
		request_fail(request, IPC_FAILURE_INVALID, "%s", fault);
		return;
	}
	r = prepare(&making);
	if (r == 0)
		r = keeper_do(request->service->keeper, seat, &deed, &making, &reason);
	if (r)
		request_fail_keeper(request, r, reason);
	else if (making.outcome)
		fail(request, &making);
	else
		answer(request, &making);
	charter_file_done(&making.charter);
}
