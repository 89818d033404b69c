/* SPDX-License-Identifier: Apache-2.0 */
/* What RAs pass on to their CAs. */
#include "daemon/store/internal.h"
#include <stdlib.h>

int store_forward_list(struct store *store, store_forward_visit visit, void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_FORWARD_LIST);
	while ((r = statement_step(&s)) == STATEMENT_ROW) {
		struct store_forward_place place = {.id = statement_take_number(&s)};

		place.request_id = statement_take_number(&s);
		place.server = statement_take_text0(&s);
		place.forward.state = (enum ca_forward_state)statement_take_number(&s);
		place.forward.created_s = statement_take_number(&s);
		place.forward.tries = (unsigned)statement_take_number(&s);
		place.forward.tried_s = statement_take_number(&s);
		place.told = statement_take_text0(&s);
		r = statement_error(&s);
		if (!r)
			r = visit(context, &place);
		if (r)
			break;
	}
	return r < 0 ? r : 0;
}

static void take(struct statement *s, struct ca_forward_record *ret)
{
	ret->id = statement_take_number(s);
	ret->request_id = statement_take_number(s);
	ret->state = (enum ca_forward_state)statement_take_number(s);
	statement_take_bytes(s, &ret->client);
	ret->exchange_id = statement_take_number(s);
	ret->generation_id = statement_take_number(s);
	statement_take_bytes(s, &ret->message);
	statement_take_bytes(s, &ret->transaction_id);
	statement_take_bytes(s, &ret->sender_nonce);
	ret->created_s = statement_take_number(s);
	ret->tries = (unsigned)statement_take_number(s);
	ret->tried_s = statement_take_number(s);
	statement_take_text(s, &ret->told);
}

int store_forward_load(struct store *store, const char *label, int64_t request_id,
		       struct ca_forward_record *ret)
{
	_cleanup_(ca_forward_record_done) struct ca_forward_record record = {};
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_FORWARD_LOAD);
	statement_bind_text(&s, label);
	statement_bind_number(&s, request_id);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	take(&s, &record);
	r = statement_error(&s);
	if (r >= 0)
		*ret = TAKE_STRUCT(record);
	return r;
}

static void bind(struct statement *s, const struct ca_forward_record *record)
{
	statement_bind_number(s, record->state);
	statement_bind_bytes(s, span_of(record->client));
	statement_bind_optional(s, record->exchange_id);
	statement_bind_optional(s, record->generation_id);
	statement_bind_bytes(s, span_of(record->message));
	statement_bind_bytes(s, span_of(record->transaction_id));
	statement_bind_bytes(s, span_of(record->sender_nonce));
	statement_bind_number(s, record->created_s);
	statement_bind_number(s, record->tries);
	statement_bind_optional(s, record->tried_s);
	statement_bind_text(s, record->told);
}

static int insert(struct application *a, const struct ca_forward_record *record)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_FORWARD_INSERT);
	int r;

	statement_bind_number(&s, a->request_id);
	bind(&s, record);
	r = statement_run(&s);
	if (r >= 0)
		a->forward_id = statement_inserted_id(&s);
	return r;
}

int forward_apply(struct application *a)
{
	const struct ca_forward_record *record = a->change->forward;
	_cleanup_(statement_done) struct statement s = {};
	int r;

	if (!record)
		return 0;
	if (!a->change->request)
		a->request_id = record->request_id;
	assert(a->request_id);
	if (!record->id)
		return insert(a, record);
	a->forward_id = record->id;
	s = statement_begin(a->connection, STATEMENT_FORWARD_UPDATE);
	statement_bind_number(&s, a->request_id);
	bind(&s, record);
	statement_bind_number(&s, record->id);
	r = statement_run(&s);
	return r < 0 || statement_changes(&s) ? r : STORE_CHANGED;
}
