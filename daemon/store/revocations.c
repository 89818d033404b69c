/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates revoked, held, released, and what CRLs from elsewhere tell of them. */
#include "daemon/store/internal.h"

static int revoke(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_CERTIFICATE_REVOKE);
	int r;

	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->change->revoke_certificate);
	statement_bind_number(&s, a->change->now_s);
	statement_bind_number(&s, a->change->revocation_reason);
	r = statement_run(&s);
	return r < 0 || statement_changes(&s) ? r : STORE_CHANGED;
}

static int release(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_CERTIFICATE_RELEASE);
	int r;

	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->change->release_certificate);
	r = statement_run(&s);
	return r < 0 || statement_changes(&s) ? r : STORE_CHANGED;
}

static int count_revocation(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_SERVER_COUNT_REVOCATION);

	statement_bind_number(&s, a->server_id);
	return statement_run(&s);
}

int revocation_apply(struct application *a)
{
	int r;

	if (!a->change->revoke_certificate && !a->change->release_certificate)
		return 0;
	assert(a->server_id);
	assert(!a->change->revoke_certificate || !a->change->release_certificate);
	r = a->change->revoke_certificate ? revoke(a) : release(a);
	return r ? r : count_revocation(a);
}

/* Whether it is one of ours, which is revoked by then; -errno. */
static int revoke_ours(struct application *a, const struct store_revocation *revocation)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_CERTIFICATE_REVOKE_SERIAL);
	_cleanup_(statement_done) struct statement look = {};
	int r;

	statement_bind_number(&s, a->server_id);
	statement_bind_bytes(&s, revocation->serial);
	statement_bind_number(&s, revocation->revoked_s);
	statement_bind_number(&s, revocation->reason);
	r = statement_run(&s);
	if (r < 0 || statement_changes(&s))
		return r < 0 ? r : 1;
	look = statement_begin(a->connection, STATEMENT_CERTIFICATE_EXISTS);
	statement_bind_number(&look, a->server_id);
	statement_bind_bytes(&look, revocation->serial);
	return statement_step(&look);
}

static int keep_elsewhere(struct application *a, const struct store_revocation *revocation)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_REVOKED_ELSEWHERE_INSERT);

	statement_bind_number(&s, a->server_id);
	statement_bind_bytes(&s, revocation->serial);
	statement_bind_number(&s, revocation->revoked_s);
	statement_bind_number(&s, revocation->reason);
	return statement_run(&s);
}

static int clear_elsewhere(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_REVOKED_ELSEWHERE_CLEAR);

	statement_bind_number(&s, a->server_id);
	return statement_run(&s);
}

int revocations_elsewhere_apply(struct application *a)
{
	const struct store_revocations *revocations = a->change->revocations;
	int r;

	if (!revocations)
		return 0;
	assert(a->server_id);
	r = clear_elsewhere(a);
	for (size_t i = 0; i < revocations->n && r >= 0; i++) {
		r = revoke_ours(a, &revocations->items[i]);
		if (r == 0)
			r = keep_elsewhere(a, &revocations->items[i]);
	}
	return r < 0 ? r : 0;
}
