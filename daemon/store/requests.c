/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, read. */
#include "daemon/store/internal.h"

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

int store_request_find(struct store *store, const char *label, struct span transaction_id,
		       struct span requester, struct ca_request_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_REQUEST_FIND);
	statement_bind_text(&s, label);
	statement_bind_bytes(&s, transaction_id);
	statement_bind_bytes(&s, requester);
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
	if (!filter->state)
		return STATEMENT_REQUEST_LIST;
	return filter->state == CA_REQUEST_GRANTED ? STATEMENT_REQUEST_LIST_GRANTED
						   : STATEMENT_REQUEST_LIST_OTHER;
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
	enum statement_name name = list_statement(filter);
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, name);
	statement_bind_text(&s, label);
	statement_bind_number(&s, filter->before_id ? filter->before_id : INT64_MAX);
	statement_bind_number(&s, filter->limit ? (int64_t)filter->limit : -1);
	if (name == STATEMENT_REQUEST_LIST_OTHER)
		statement_bind_number(&s, filter->state);
	return visit_all(&s, visit, context);
}

int store_request_count_pending(struct store *store, const char *label, uint64_t bucket,
				unsigned *ret_all, unsigned *ret_of_bucket)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_REQUEST_COUNT_PENDING);
	statement_bind_text(&s, label);
	statement_bind_number(&s, (int64_t)bucket);
	r = statement_step(&s);
	if (r < 0)
		return r;
	*ret_all = (unsigned)statement_take_number(&s);
	*ret_of_bucket = (unsigned)statement_take_number(&s);
	return 0;
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
