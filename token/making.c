/* SPDX-License-Identifier: Apache-2.0 */
#include "token/making.h"
#include "daemon/base/clock.h"
#include "daemon/x509/name.h"
#include <string.h>

#define ID_SIZE 20 /* bytes of a CKA_ID, random */

/* Which roles' keys decrypt: those whose certificates others encrypt to. */
static const struct role_row {
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
	const struct hsm_rsa_parts *parts; /* NULL: made on the token */
	int outcome;			   /* of hsm_rsa_key_make(), hsm_rsa_key_import() */
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
	if (making->parts)
		r = hsm_rsa_key_import(session, &making->order, making->parts, &spki, &making->why);
	else
		r = hsm_rsa_key_make(session, &making->order, &spki, &making->why);
	/* An import that lost its login on the way may have left a half. */
	if (r == -EACCES && making->parts)
		r = -ESTALE;
	making->outcome = r;
	/* After a fault the key may be there or not: the intention stays, to be looked into. So it
	 * does where nobody knows yet what the key is. */
	if (r < 0)
		return r;
	if (r == HSM_RSA_KEY_UNTOLD)
		return 0;
	if (r > 0)
		r = charters_drop(charters, making->order.id);
	else
		r = charters_finish(charters, making->order.id, span_of(spki), &making->held);
	if (r < 0)
		making->outcome = r;
	return 0;
}

static const struct keeper_deed deed = {WATCH_MAKE, true, false, make};

/* The key has its charter: who opened the token anew found it there and finished what was intended.
 */
static int confirm(struct hsm_session *session, void *context)
{
	struct making *making = context;
	struct charters *charters = making->request->service->charters;
	_cleanup_(bytes_done) struct bytes spki = {0};
	uint8_t digest[SHA256_SIZE];
	int r = hsm_rsa_key_confirm(session, &making->order, &spki, &making->why);

	if (r < 0 || r == HSM_RSA_KEY_ABSENT)
		return r < 0 ? r : -EIO;
	sha256(span_of(spki), digest);
	making->held = charters_find(charters, SPAN_ARRAY(digest));
	if (!making->held)
		return -EIO;
	making->outcome = r;
	if (r > 0)
		r = charters_remove(charters, making->held);
	if (r < 0)
		making->outcome = r;
	return 0;
}

static const struct keeper_deed confirmation = {WATCH_MAKE, true, true, confirm};

/* Refusals, whose text reaches the operator: asking again is no use before he has done as it says.
 */
static const struct {
	int outcome;
	enum ipc_failure code;
	const char *text;
	const char *of_import; /* instead, or NULL */
} failures[] = {
	{HSM_RSA_KEY_FULL, IPC_FAILURE_REFUSED,
	 "the token is full: remove what it no longer needs with its maker's tool, or take "
	 "another"},
	{HSM_RSA_KEY_UNABLE, IPC_FAILURE_REFUSED,
	 "the token can't make such a key: choose another size, or another token",
	 "the token takes no such key from outside: make one there, or take another token"},
	{HSM_RSA_KEY_READ_ONLY, IPC_FAILURE_REFUSED,
	 "the token is write-protected: remove the protection with its maker's tool"},
	{HSM_RSA_KEY_KEPT, IPC_FAILURE_REFUSED,
	 "the token gives no key out (it lacks CKM_AES_KEY_WRAP_PAD, and for Backup=wrapped "
	 "CKM_AES_KEY_WRAP and CKM_AES_CBC_PAD too), so none can be exportable or backed up there: "
	 "leave that out, or take another token"},
};

static void fail(struct request *request, const struct making *making)
{
	for (size_t i = 0; i < ELEMENTS(failures); i++) {
		const char *text = failures[i].text;

		if (failures[i].outcome != making->outcome)
			continue;
		if (making->parts && failures[i].of_import)
			text = failures[i].of_import;
		request_fail(request, failures[i].code, "%s", text);
		return;
	}
	if (making->outcome == HSM_RSA_KEY_UNFIT)
		request_fail(request, IPC_FAILURE_REFUSED,
			     "the key is not fit for use, and was removed: %s", making->why);
	else
		request_fail(request, IPC_FAILURE_FAULT, "the key's charter can't be written: %s",
			     strerrordesc_np(-making->outcome));
}

static const struct role_row *find_role(enum charter_role role)
{
	for (size_t i = 0; i < ELEMENTS(roles); i++) {
		if (roles[i].role == role)
			return &roles[i];
	}
	return NULL;
}

const char *making_find_fault(const struct making_order *order)
{
	const struct role_row *role = find_role(order->role);
	bool nameless = order->issuer.size == 0 || x509_name_is_empty(order->issuer);

	if (!charter_label_is_valid(order->label))
		return "a label is printable and has 1 to 128 bytes";
	if (order->issuer.size && !x509_name_is_valid(order->issuer))
		return "the issuer is no distinguished name";
	if (!role)
		return "there is no such role";
	return role->needs_issuer && nameless ? "a key of this role needs an issuer name" : NULL;
}

static bool decrypts(struct service *service, const struct making_order *order)
{
	bool separate = service_find_server(service, order->issuer).separate_exchange;

	if (order->usage == KEY_USAGE_SIGNATURE)
		return false;
	return find_role(order->role)->decrypts && !(order->role == CHARTER_CA && separate);
}

static int prepare(struct making *making, const struct making_order *order)
{
	struct service *service = making->request->service;
	struct charter_file *charter = &making->charter;
	int r;

	charter->role = order->role;
	charter->decrypts = decrypts(service, order);
	charter->usage = order->usage;
	charter->exportable = order->exportable;
	charter->made_s = clock_now_s();
	charter->not_after_s = order->not_after_s;
	r = bytes_copy(order->issuer, &charter->issuer);
	if (r == 0)
		r = span_to_text(order->label, &charter->label);
	if (r == 0)
		r = keeper_read_serial(service->keeper, &charter->token);
	if (r == 0)
		r = bytes_new(ID_SIZE, &charter->id);
	if (r < 0)
		return r;
	random_fill(charter->id.data, charter->id.size);
	making->parts = order->parts;
	making->order = (struct hsm_rsa_order){
		.bits = order->bits,
		.id = span_of(charter->id),
		.label = charter->label,
		.decrypts = charter->decrypts,
		.extractable = order->exportable == KEY_EXPORTABLE_ALWAYS ||
			       order->exportable == KEY_EXPORTABLE_ONCE,
		.wrappable = order->exportable == KEY_EXPORTABLE_WRAPPED,
	};
	return 0;
}

int making_run(struct request *request, unsigned seat, const struct making_order *order,
	       struct held_charter **ret)
{
	struct keeper *keeper = request->service->keeper;
	struct making making = {.request = request};
	_cleanup_(freep) char *reason = NULL;
	int r;

	r = prepare(&making, order);
	if (r == 0)
		r = keeper_do(keeper, seat, &deed, &making, &reason);
	if (r == 0 && making.outcome == HSM_RSA_KEY_UNTOLD) {
		keeper_reload(keeper, seat);
		r = keeper_do(keeper, seat, &confirmation, &making, &reason);
	}
	if (r)
		request_fail_keeper(request, r, reason);
	else if (making.outcome)
		fail(request, &making);
	charter_file_done(&making.charter);
	if (r || making.outcome)
		return MAKING_TOLD;
	*ret = making.held;
	return 0;
}
