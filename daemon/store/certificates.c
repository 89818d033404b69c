/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/internal.h"

static void take_certificate(struct statement *s, struct ca_certificate_record *ret)
{
	ret->id = statement_take_number(s);
	ret->counter = (uint64_t)statement_take_number(s);
	statement_take_bytes(s, &ret->serial);
	ret->generation_id = statement_take_number(s);
	ret->request_id = statement_take_number(s);
	ret->class = (enum grant_class)statement_take_number(s);
	statement_take_bytes(s, &ret->subject);
	statement_take_digest(s, ret->key_sha256);
	ret->not_before_s = statement_take_number(s);
	ret->not_after_s = statement_take_number(s);
	statement_take_bytes(s, &ret->certificate);
	ret->revoked_s = statement_take_number(s);
	ret->revocation_reason = (int)statement_take_number(s);
}

static int step_one(struct statement *s, struct ca_certificate_record *ret)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record record = {};
	int r;

	r = statement_step(s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	take_certificate(s, &record);
	r = statement_error(s);
	if (r >= 0)
		*ret = TAKE_STRUCT(record);
	return r;
}

int store_certificate_load(struct store *store, int64_t id, struct ca_certificate_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_LOAD);
	statement_bind_number(&s, id);
	return step_one(&s, ret);
}

int store_certificate_find(struct store *store, const char *label, struct span serial,
			   struct ca_certificate_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_FIND);
	statement_bind_text(&s, label);
	statement_bind_bytes(&s, serial);
	return step_one(&s, ret);
}

int store_certificate_find_counter(struct store *store, const char *label, uint64_t counter,
				   struct ca_certificate_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	if (counter > INT64_MAX)
		return STORE_NOT_FOUND;
	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_FIND_COUNTER);
	statement_bind_text(&s, label);
	statement_bind_count(&s, counter);
	return step_one(&s, ret);
}

typedef void (*certificate_take)(struct statement *s, struct ca_certificate_record *ret);

static int visit_all(struct statement *s, certificate_take take, store_certificate_visit visit,
		     void *context)
{
	int r;

	while ((r = statement_step(s)) == STATEMENT_ROW) {
		_cleanup_(ca_certificate_record_done) struct ca_certificate_record record = {};

		take(s, &record);
		r = statement_error(s);
		if (!r)
			r = visit(context, &record);
		if (r)
			break;
	}
	return r < 0 ? r : 0;
}

int store_certificate_list(struct store *store, const char *label, uint64_t before_counter,
			   unsigned limit, store_certificate_visit visit, void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_LIST);
	statement_bind_text(&s, label);
	statement_bind_count(&s, before_counter ? before_counter : INT64_MAX);
	statement_bind_number(&s, limit ? (int64_t)limit : -1);
	return visit_all(&s, take_certificate, visit, context);
}

static void take_revoked(struct statement *s, struct ca_certificate_record *ret)
{
	statement_take_bytes(s, &ret->serial);
	ret->revoked_s = statement_take_number(s);
	ret->revocation_reason = (int)statement_take_number(s);
}

/* What was still in force when the CRL before was signed has not been on one after its end yet. */
int store_revoked_list(struct store *store, const char *label, int64_t previous_crl_s,
		       store_certificate_visit visit, void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_REVOKED);
	statement_bind_text(&s, label);
	statement_bind_number(&s, previous_crl_s);
	return visit_all(&s, take_revoked, visit, context);
}

int store_key_history(struct store *store, const char *label, struct span key_sha256,
		      struct span subject, int64_t now_s, struct store_key_history *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_KEY_HISTORY);
	statement_bind_text(&s, label);
	statement_bind_bytes(&s, key_sha256);
	statement_bind_bytes(&s, subject);
	statement_bind_number(&s, now_s);
	r = statement_step(&s);
	if (r < 0)
		return r;
	ret->compromised = statement_take_boolean(&s);
	ret->certified_for_another = statement_take_boolean(&s);
	return 0;
}

int certificate_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};
	const struct ca_certificate_record *record = a->change->certificate;
	int r;

	if (!record)
		return 0;
	assert(a->server_id);
	if (!a->change->generation)
		a->generation_id = record->generation_id;
	if (!a->change->request)
		a->request_id = record->request_id;
	s = statement_begin(a->connection, STATEMENT_CERTIFICATE_INSERT);
	statement_bind_number(&s, a->server_id);
	statement_bind_count(&s, record->counter);
	statement_bind_bytes(&s, span_of(record->serial));
	statement_bind_number(&s, a->generation_id);
	statement_bind_optional(&s, a->request_id);
	statement_bind_number(&s, record->class);
	statement_bind_bytes(&s, span_of(record->subject));
	statement_bind_bytes(&s, SPAN_ARRAY(record->key_sha256));
	statement_bind_number(&s, record->not_before_s);
	statement_bind_number(&s, record->not_after_s);
	statement_bind_bytes(&s, span_of(record->certificate));
	r = statement_run(&s);
	if (r >= 0)
		a->certificate_id = statement_inserted_id(&s);
	return r;
}

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

int revocation_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};
	int r;

	if (!a->change->revoke_certificate)
		return 0;
	assert(a->server_id);
	r = revoke(a);
	if (r)
		return r;
	s = statement_begin(a->connection, STATEMENT_SERVER_COUNT_REVOCATION);
	statement_bind_number(&s, a->server_id);
	return statement_run(&s);
}
