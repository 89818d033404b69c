/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_GENERATE: a key that an operator orders by hand. */
#include "token/acts.h"
#include "token/making.h"

#define BITS_WISHED 3072 /* where the token can and nothing else is said */
#define BITS_LEAST  2048
#define BITS_WEAK   1024 /* with AllowWeak=yes */
#define BITS_MOST   4096

struct range {
	unsigned least, most;
};

/* The token's own limits, within ours. */
static struct range range_of(struct service *service, bool allow_weak)
{
	struct range range = {allow_weak ? BITS_WEAK : BITS_LEAST, BITS_MOST};
	struct keeper_view view;

	keeper_view(service->keeper, &view);
	if (view.has_facts && view.facts.most_bits && view.facts.most_bits < range.most)
		range.most = view.facts.most_bits;
	if (view.has_facts && view.facts.least_bits > range.least)
		range.least = view.facts.least_bits;
	return range;
}

static unsigned choose_bits(const struct ipc_token_generate *ask,
			    const struct server_key_facts *server, const struct range *range)
{
	if (ask->bits)
		return ask->bits;
	if (server->key_size)
		return server->key_size;
	return range->most >= BITS_WISHED ? BITS_WISHED : BITS_LEAST;
}

/* What the configuration says of the label decides, where the operator doesn't. */
static void choose_role(const struct ipc_token_generate *ask, const struct server_key_facts *server,
			struct making_order *order)
{
	order->role = (enum charter_role)ask->role;
	if (!order->role)
		order->role = server->known ? CHARTER_CA : CHARTER_IDENTITY;
	if (order->role == CHARTER_CA && server->known)
		order->issuer = server->issuer;
	if (order->role == CHARTER_CA && server->backs_up &&
	    order->exportable == KEY_EXPORTABLE_NEVER)
		order->exportable = KEY_EXPORTABLE_WRAPPED;
}

static const char *find_fault(const struct making_order *order)
{
	if (!key_usage_find(span_of_text(key_usage_name(order->usage))))
		return "there is no such usage";
	if (!key_exportable_find(span_of_text(key_exportable_name(order->exportable))))
		return "a key is exportable or it is not";
	if (order->role == CHARTER_CA && order->issuer.size == 0)
		return "a ca key needs a [Server] of its label in the configuration, whose "
		       "IssuerName= it will sign in";
	if (order->role == CHARTER_CA && order->usage != KEY_USAGE_GENERAL)
		return "a server needs a general purpose key: leave out usage-keys, signature and "
		       "encryption";
	return making_find_fault(order);
}

static void answer(struct request *request, const struct held_charter *held)
{
	const struct charter_file *file = charter_fixed(held);
	struct ipc_token_made made = {
		.id = span_of(file->id),
		.spki = span_of(file->spki),
		.serial = span_of_text(file->token),
	};

	if (acts_record(request, held, ACT_GENERATE) == 0)
		request_answer(request, IPC_TOKEN_MADE, &made);
}

void request_generate(struct request *request, unsigned seat)
{
	const struct ipc_token_generate *ask = &request->message.generate;
	_cleanup_(bytes_done) struct bytes issuer = {0};
	struct making_order order = {.label = ask->label,
				     .usage = (enum key_usage)ask->usage,
				     .exportable = (enum key_exportable)ask->exportable};
	struct held_charter *held = NULL;
	struct server_key_facts server;
	const char *fault;
	struct range range;

	if (service_find_label(request->service, ask->label, &server, &issuer) < 0) {
		request_fail(request, IPC_FAILURE_LATER, "out of memory");
		return;
	}
	choose_role(ask, &server, &order);
	range = range_of(request->service, server.allow_weak);
	order.bits = choose_bits(ask, &server, &range);
	fault = find_fault(&order);
	if (fault)
		request_fail(request, IPC_FAILURE_INVALID, "%s", fault);
	else if (order.bits < range.least || order.bits > range.most)
		request_fail(request, IPC_FAILURE_REFUSED,
			     "this token makes keys of %u to %u bits here, not of %u%s",
			     range.least, range.most, order.bits,
			     order.bits < BITS_LEAST
				     ? " (smaller ones only for a server with AllowWeak=yes)"
				     : "");
	else if (making_run(request, seat, &order, &held) == 0)
		answer(request, held);
}
