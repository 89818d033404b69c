/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, changed: each change is tied to what it was decided on. */
#include "daemon/ca/request.h"
#include "daemon/store/internal.h"

/* Whether the newest request of the transaction still is the one that was found. */
static int check_newest(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_REQUEST_NEWEST);
	const struct ca_request_record *record = a->change->request;
	int64_t newest = 0;
	int r;

	statement_bind_number(&s, a->server_id);
	statement_bind_bytes(&s, span_of(record->transaction_id));
	statement_bind_bytes(&s, SPAN_ARRAY(record->requester));
	statement_bind_number(&s, a->change->request_range.first);
	statement_bind_number(&s, a->change->request_range.last);
	r = statement_step(&s);
	if (r < 0)
		return r;
	if (r == STATEMENT_ROW)
		newest = statement_take_number(&s);
	return newest == a->change->expected_newest ? 0 : STORE_CHANGED;
}

static void bind_decision(struct statement *s, const struct ca_request_record *record)
{
	statement_bind_bytes(s, span_of(record->sender_nonce));
	statement_bind_bytes(s, span_of(record->answered_nonce));
	statement_bind_text(s, record->peer);
	statement_bind_number(s, (int64_t)record->peer_bucket);
	statement_bind_text(s, record->rule);
	statement_bind_text(s, record->reason);
}

static int insert(struct application *a, const struct ca_request_record *record)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_REQUEST_INSERT);
	int r;

	statement_bind_number(&s, a->server_id);
	statement_bind_bytes(&s, span_of(record->transaction_id));
	statement_bind_bytes(&s, SPAN_ARRAY(record->requester));
	statement_bind_number(&s, record->state);
	statement_bind_number(&s, record->class);
	statement_bind_number(&s, record->renewal);
	statement_bind_bytes(&s, span_of(record->csr));
	statement_bind_bytes(&s, SPAN_ARRAY(record->csr_sha256));
	statement_bind_bytes(&s, SPAN_ARRAY(record->key_sha256));
	statement_bind_bytes(&s, span_of(record->subject));
	bind_decision(&s, record);
	statement_bind_number(&s, record->created_s);
	statement_bind_number(&s, record->updated_s);
	statement_bind_number(&s, record->expires_s);
	statement_bind_optional(&s, record->password_id);
	statement_bind_number(&s, record->generation);
	statement_bind_optional(&s, record->signer_id);
	statement_bind_bytes(&s, span_of(record->renewed));
	r = statement_run(&s);
	if (r >= 0)
		a->request_id = statement_inserted_id(&s);
	return r;
}

static int update(struct application *a, const struct ca_request_record *record)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_REQUEST_UPDATE);
	int r;

	a->request_id = record->id;
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, record->id);
	statement_bind_count(&s, record->revision);
	statement_bind_number(&s, record->state);
	statement_bind_number(&s, record->class);
	statement_bind_number(&s, record->renewal);
	bind_decision(&s, record);
	statement_bind_number(&s, record->updated_s);
	statement_bind_number(&s, record->expires_s);
	statement_bind_optional(&s, record->password_id);
	r = statement_run(&s);
	return r < 0 || statement_changes(&s) ? r : STORE_CHANGED;
}

int request_apply(struct application *a)
{
	const struct ca_request_record *record = a->change->request;
	int r;

	if (!record)
		return 0;
	assert(a->server_id);
	if (record->id)
		return update(a, record);
	r = check_newest(a);
	return r ? r : insert(a, record);
}

/* What it would be after a denial; 0 where it can't be denied (any more). */
static int denied_state(struct application *a, enum ca_request_state *ret)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_REQUEST_STATE);
	int r;

	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->change->superseded);
	r = statement_step(&s);
	if (r < 0)
		return r;
	*ret = r == STATEMENT_ROW
		       ? ca_request_next((enum ca_request_state)statement_take_number(&s),
					 CA_REQUEST_EVENT_DENY)
		       : 0;
	return 0;
}

int request_supersede_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};
	enum ca_request_state next;
	int r;

	if (!a->change->superseded)
		return 0;
	assert(a->server_id);
	r = denied_state(a, &next);
	if (r < 0)
		return r;
	if (!next)
		return STORE_CHANGED;
	s = statement_begin(a->connection, STATEMENT_REQUEST_SUPERSEDE);
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->change->superseded);
	statement_bind_number(&s, next);
	statement_bind_number(&s, a->change->now_s);
	return statement_run(&s);
}

static int remove_all(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_REQUEST_REMOVE_ALL);
	int r;

	assert(a->server_id);
	statement_bind_number(&s, a->server_id);
	r = statement_run(&s);
	if (r >= 0)
		a->n_removed = statement_changes(&s);
	return r;
}

int request_remove_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};
	int r;

	if (a->change->remove_all_requests)
		return remove_all(a);
	if (!a->change->remove_request)
		return 0;
	assert(a->server_id);
	s = statement_begin(a->connection, STATEMENT_REQUEST_REMOVE);
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->change->remove_request);
	r = statement_run(&s);
	return r < 0 || statement_changes(&s) ? r : STORE_CHANGED;
}

struct expiry {
	const char *label;
	int64_t now_s;
	unsigned n;
};

static int expire(struct connection *connection, void *argument)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_REQUEST_EXPIRE);
	struct expiry *expiry = argument;
	int r;

	statement_bind_text(&s, expiry->label);
	statement_bind_number(&s, expiry->now_s);
	r = statement_run(&s);
	if (r >= 0)
		expiry->n = statement_changes(&s);
	return r;
}

int store_request_expire(struct store *store, const char *label, int64_t now_s, unsigned *ret)
{
	struct expiry expiry = {.label = label, .now_s = now_s};
	int r;

	r = writer_do(store->writer, expire, &expiry);
	if (!r)
		*ret = expiry.n;
	return r;
}
