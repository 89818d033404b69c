/* SPDX-License-Identifier: Apache-2.0 */
/* A change, step by step. Each part of the store knows its own steps; here is their order. */
#include "daemon/store/internal.h"

static int (*const steps[])(struct application *a) = {
	server_apply,
	generation_apply,
	generation_renew_apply,
	exchange_apply,
	last_counter_apply,
	settings_apply,
	enabled_apply,
	password_spend_apply,
	request_supersede_apply,
	request_remove_apply,
	request_apply,
	certificate_apply,
	forward_apply,
	revocation_apply,
	revocations_elsewhere_apply,
	crl_apply,
	crl_ahead_apply,
	generation_step_apply,
	exchange_step_apply,
	rollover_wish_apply,
	next_ca_apply,
	password_apply,
	target_apply,
	trustpoint_apply,
	trustpoint_anchor_apply,
	trustpoint_identity_apply,
	trustpoint_enrollment_apply,
	server_delete_apply,
	adoption_apply,
	key_backup_apply,
	audit_apply,
};

static int apply(struct connection *connection, void *argument)
{
	struct application *a = argument;
	int r = 0;

	a->connection = connection;
	for (size_t i = 0; i < ELEMENTS(steps) && !r; i++)
		r = steps[i](a);
	return r == -EEXIST ? STORE_EXISTS : r;
}

static void fill_in(const struct application *a, struct store_change *change)
{
	struct ca_certificate_record *certificate = change->certificate;
	struct ca_request_record *request = change->request;

	if (change->adoption)
		*change->adoption->ret_changed = a->n_adopted;
	if (change->remove_all_requests)
		*change->remove_all_requests = a->n_removed;
	if (change->generation)
		change->generation->id = a->generation_id;
	if (certificate) {
		certificate->id = a->certificate_id;
		certificate->generation_id = a->generation_id;
		certificate->request_id = a->request_id;
	}
	if (change->exchange) {
		change->exchange->id = a->exchange_id;
		change->exchange->generation_id = a->exchange_generation_id;
	}
	if (change->forward) {
		change->forward->id = a->forward_id;
		change->forward->request_id = a->request_id;
	}
	if (change->target)
		change->target->id = a->target_id;
	if (change->trustpoint)
		trustpoint_fill_in(a, change->trustpoint);
	if (!request)
		return;
	request->revision = request->id ? request->revision + 1 : 1;
	request->id = a->request_id;
	if (certificate)
		request->certificate_id = a->certificate_id;
}

int store_commit(struct store *store, struct store_change *change)
{
	struct application a = {.change = change};
	int r;

	r = writer_do(store->writer, apply, &a);
	if (!r)
		fill_in(&a, change);
	return r;
}
