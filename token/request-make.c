/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_MAKE, from the daemon: what it makes never leaves the token, but a CA's key whose server
 * has Backup=wrapped set, or, of a rollover, Archive=, as this process reads it, and the successor
 * of an identity's key that may. */
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/conf/server-key.h"
#include "token/making.h"

static void answer(struct request *request, const struct held_charter *held, unsigned bits)
{
	const struct charter_file *file = charter_fixed(held);
	struct ipc_token_made made = {
		.id = span_of(file->id),
		.spki = span_of(file->spki),
		.serial = span_of_text(file->token),
	};
	char id[129];

	log_notice(LOG_FIELDS(log_text("TOKEN", request->service->name),
			      log_text("ROLE", charter_role_name(file->role)),
			      log_hex("ID", span_of(file->id), id), log_text("LABEL", file->label)),
		   "a key of %u bits was made", bits);
	request_answer(request, IPC_TOKEN_MADE, &made);
}

static int choose_exportable(struct request *request, struct making_order *order)
{
	_cleanup_(server_archive_done) struct server_archive archive = {0};
	_cleanup_(freep) char *label = NULL;
	int r = 0;

	if (order->role != CHARTER_CA || !order->label.size)
		return 0;
	r = span_to_text(order->label, &label);
	if (r == 0 && service_backs_up(request->service, label, order->issuer)) {
		order->exportable = KEY_EXPORTABLE_WRAPPED;
		return 0;
	}
	if (!conf_key_is_marked(order->label))
		return r; /* that of a server's first key is asked for by the operator's command */
	if (r == 0)
		r = service_find_archive(request->service, label, order->issuer, &archive);
	if (r == 0 && archive.form)
		order->exportable = KEY_EXPORTABLE_ONCE;
	return r;
}

/* What an operator chose for a key of his holds for the keys that succeed it, so that clavigerd has
 * nothing to choose: a key of which no charter tells could be anybody's, and a CA's has its own
 * rules. The reason why not, or NULL. */
static const char *inherit(struct request *request, struct making_order *order)
{
	struct span like = request->message.make.like;
	struct charters *charters = request->service->charters;
	struct held_charter *held = like.size ? charters_find(charters, like) : NULL;

	if (!like.size)
		return NULL;
	if (order->role != CHARTER_IDENTITY)
		return "only a key of role identity takes over what another one may";
	if (!held || charter_fixed(held)->role != CHARTER_IDENTITY)
		return "the key that is to be succeeded has no charter of role identity here";
	order->usage = charter_fixed(held)->usage;
	order->exportable = charters_exportable(charters, held);
	return NULL;
}

void request_make(struct request *request, unsigned seat)
{
	const struct ipc_token_make *ask = &request->message.make;
	struct making_order order = {
		.role = (enum charter_role)ask->role,
		.issuer = ask->issuer,
		.label = ask->label,
		.bits = ask->bits,
		.usage = KEY_USAGE_GENERAL,
		.exportable = KEY_EXPORTABLE_NEVER,
	};
	const char *fault = making_find_fault(&order);
	const char *refusal = inherit(request, &order);
	struct held_charter *held = NULL;

	if (fault)
		request_fail(request, IPC_FAILURE_INVALID, "%s", fault);
	else if (refusal)
		request_fail(request, IPC_FAILURE_REFUSED, "%s", refusal);
	else if (choose_exportable(request, &order) < 0)
		request_fail(request, IPC_FAILURE_LATER, "out of memory");
	else if (making_run(request, seat, &order, &held) == 0)
		answer(request, held, ask->bits);
}
