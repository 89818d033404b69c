/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, read. */
#include "daemon/store/internal.h"
#include <stdlib.h>

static void take_request(struct statement *s, struct ca_request_record *ret)
{
	ret->id = statement_take_number(s);
	ret->revision = (uint64_t)statement_take_number(s);
	statement_take_bytes(s, &ret->transaction_id);
	statement_take_digest(s, ret->requester);
	ret->state = (enum ca_request_state)statement_take_number(s);
	ret->class = (enum grant_class)statement_take_number(s);
	ret->renewal = statement_take_boolean(s);
	statement_take_bytes(s, &ret->csr);
	statement_take_digest(s, ret->csr_sha256);
	statement_take_digest(s, ret->key_sha256);
	statement_take_bytes(s, &ret->subject);
	statement_take_bytes(s, &ret->sender_nonce);
	statement_take_bytes(s, &ret->answered_nonce);
	statement_take_text(s, &ret->peer);
	ret->peer_bucket = (uint64_t)statement_take_number(s);
	statement_take_text(s, &ret->rule);
	statement_take_text(s, &ret->reason);
	ret->created_s = statement_take_number(s);
	ret->updated_s = statement_take_number(s);
	ret->expires_s = statement_take_number(s);
	ret->password_id = statement_take_number(s);
	ret->generation = (unsigned)statement_take_number(s);
	ret->signer_id = statement_take_number(s);
	statement_take_bytes(s, &ret->renewed);
	ret->certificate_id = statement_take_number(s);
}

static int step_one(struct statement *s, struct ca_request_record *ret)
{
	_cleanup_(ca_request_record_done) struct ca_request_record record = {};
	int r;

	r = statement_step(s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	take_request(s, &record);
	r = statement_error(s);
	if (r >= 0)
		*ret = TAKE_STRUCT(record);
	return r;
}

int store_request_find(struct store *store, const char *label,
		       const struct store_transaction *transaction, struct ca_request_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_REQUEST_FIND);
	statement_bind_text(&s, label);
	statement_bind_bytes(&s, transaction->transaction_id);
	statement_bind_bytes(&s, transaction->requester);
	statement_bind_number(&s, transaction->range.first);
	statement_bind_number(&s, transaction->range.last);
	return step_one(&s, ret);
}

int store_request_load(struct store *store, const char *label, int64_t id,
		       struct ca_request_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_REQUEST_LOAD);
	statement_bind_text(&s, label);
	statement_bind_number(&s, id);
	return step_one(&s, ret);
}

/* Granted requests are many and have no index of their states; the others are few and have. */
static enum statement_name list_statement(const struct store_request_filter *filter)
{
	static const enum statement_name names[][3] = {
		{STATEMENT_REQUEST_LIST, STATEMENT_REQUEST_LIST_GRANTED,
		 STATEMENT_REQUEST_LIST_OTHER},
		{STATEMENT_REQUEST_LIST_SECTION, STATEMENT_REQUEST_LIST_SECTION_GRANTED,
		 STATEMENT_REQUEST_LIST_SECTION_OTHER},
	};
	size_t kind = !filter->state ? 0 : filter->state == CA_REQUEST_GRANTED ? 1 : 2;

	if (filter->section && filter->section->rollover)
		return STATEMENT_REQUEST_LIST_ROLLOVER;
	return names[filter->section != NULL][kind];
}

static int visit_all(struct statement *s, store_request_visit visit, void *context)
{
	int r;

	while ((r = statement_step(s)) == STATEMENT_ROW) {
		_cleanup_(ca_request_record_done) struct ca_request_record record = {};

		take_request(s, &record);
		r = statement_error(s);
		if (!r)
			r = visit(context, &record);
		if (r)
			break;
	}
	return r < 0 ? r : 0;
}

int store_request_list(struct store *store, const char *label,
		       const struct store_request_filter *filter, store_request_visit visit,
		       void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, list_statement(filter));
	statement_bind_text(&s, label);
	statement_bind_number(&s, filter->before_id ? filter->before_id : INT64_MAX);
	statement_bind_number(&s, filter->limit ? (int64_t)filter->limit : -1);
	statement_bind_number(&s, filter->state);
	if (filter->section) {
		statement_bind_number(&s, filter->section->class);
		statement_bind_number(&s, filter->section->shadow);
	}
	return visit_all(&s, visit, context);
}

int store_request_count_pending(struct store *store, uint64_t bucket, unsigned *ret_all,
				unsigned *ret_of_bucket)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_REQUEST_COUNT_PENDING);
	statement_bind_number(&s, (int64_t)bucket);
	r = statement_step(&s);
	if (r < 0)
		return r;
	*ret_all = (unsigned)statement_take_number(&s);
	*ret_of_bucket = (unsigned)statement_take_number(&s);
	return 0;
}

int store_request_most_pending(struct store *store, struct store_most_pending *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	struct store_most_pending most = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_REQUEST_MOST_PENDING);
	r = statement_step(&s);
	if (r == STATEMENT_ROW) {
		most.n = (unsigned)statement_take_number(&s);
		most.newest = statement_take_number(&s);
		statement_take_text(&s, &most.server);
		r = statement_error(&s);
	}
	if (r < 0)
		store_most_pending_done(&most);
	else
		*ret = most;
	return r;
}

void store_most_pending_done(struct store_most_pending *most)
{
	free(most->server);
	*most = (struct store_most_pending){};
}

int store_request_has_others(struct store *store, const char *label,
			     const struct ca_request_record *record, bool *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_REQUEST_OTHERS);
	statement_bind_text(&s, label);
	statement_bind_bytes(&s, span_of(record->transaction_id));
	statement_bind_bytes(&s, SPAN_ARRAY(record->requester));
	statement_bind_bytes(&s, SPAN_ARRAY(record->key_sha256));
	r = statement_step(&s);
	if (r < 0)
		return r;
	*ret = statement_take_boolean(&s);
	return statement_error(&s);
}

int store_request_count_refused(struct store *store, const char *label, unsigned *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_REQUEST_COUNT_REFUSED);
	statement_bind_text(&s, label);
	r = statement_step(&s);
	if (r < 0)
		return r;
	*ret = (unsigned)statement_take_number(&s);
	return statement_error(&s);
}

int store_request_count_authorized(struct store *store, const char *label, unsigned *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_REQUEST_COUNT_AUTHORIZED);
	statement_bind_text(&s, label);
	r = statement_step(&s);
	if (r < 0)
		return r;
	*ret = (unsigned)statement_take_number(&s);
	return statement_error(&s);
}

int store_request_first_expiry(struct store *store, const char *label, int64_t *ret_s)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_REQUEST_FIRST_EXPIRY);
	statement_bind_text(&s, label);
	r = statement_step(&s);
	if (r < 0)
		return r;
	*ret_s = statement_take_number(&s);
	return 0;
}
