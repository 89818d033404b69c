/* SPDX-License-Identifier: Apache-2.0 */
/* The newest CRL of each server, and those signed ahead. */
#include "daemon/store/internal.h"

static void take_crl(struct statement *s, struct ca_crl_record *ret)
{
	ret->number = (uint64_t)statement_take_number(s);
	ret->this_update_s = statement_take_number(s);
	ret->next_update_s = statement_take_number(s);
	ret->revision = (uint64_t)statement_take_number(s);
	ret->generation_id = statement_take_number(s);
}

static int step_whole(struct statement *s, struct ca_crl_record *ret)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record record = {};
	int r;

	r = statement_step(s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	take_crl(s, &record);
	statement_take_bytes(s, &record.der);
	r = statement_error(s);
	if (r >= 0)
		*ret = TAKE_STRUCT(record);
	return r;
}

int store_crl_load(struct store *store, const char *label, struct ca_crl_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CRL_LOAD);
	statement_bind_text(&s, label);
	return step_whole(&s, ret);
}

int store_crl_load_own(struct store *store, int64_t generation_id, struct ca_crl_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CRL_LOAD_OWN);
	statement_bind_number(&s, generation_id);
	return step_whole(&s, ret);
}

int store_crl_ahead_load(struct store *store, const char *label, uint64_t number,
			 struct ca_crl_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CRL_AHEAD_LOAD);
	statement_bind_text(&s, label);
	statement_bind_number(&s, (int64_t)number);
	return step_whole(&s, ret);
}

int store_crl_ahead_list(struct store *store, const char *label, store_crl_visit visit,
			 void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CRL_AHEAD_LIST);
	statement_bind_text(&s, label);
	while ((r = statement_step(&s)) == STATEMENT_ROW) {
		struct ca_crl_record record = {};

		take_crl(&s, &record);
		r = visit(context, &record);
		if (r)
			break;
	}
	return r < 0 ? r : 0;
}

int store_crl_ahead_due(struct store *store, const char *label, int64_t now_s,
			struct ca_crl_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CRL_AHEAD_DUE);
	statement_bind_text(&s, label);
	statement_bind_number(&s, now_s);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	*ret = (struct ca_crl_record){};
	take_crl(&s, ret);
	return 0;
}

/*
 * Numbers rise, over all that was ever signed: one that was signed beside another comes too late.
 * A displaced generation's own that was signed elsewhere has its place among those of its key
 * alone, whatever was signed here by others since.
 */
static int take_number(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_CRL_NUMBER_TAKE);
	int r;

	statement_bind_number(&s, a->server_id);
	statement_bind_count(&s, a->change->crl_number);
	r = statement_run(&s);
	if (r < 0 || statement_changes(&s))
		return r;
	return a->change->crl_is_own && a->change->revocations ? 0 : STORE_CHANGED;
}

static int note_changed(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_CRL_CHANGED);

	statement_bind_number(&s, a->server_id);
	return statement_run(&s);
}

static int drop_ahead(struct application *a, uint64_t up_to)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_CRL_AHEAD_DROP);

	statement_bind_number(&s, a->server_id);
	statement_bind_count(&s, up_to);
	return statement_run(&s);
}

static int insert(struct application *a, enum statement_name name)
{
	_cleanup_(statement_done) struct statement s = statement_begin(a->connection, name);
	const struct store_change *change = a->change;
	int r;

	statement_bind_number(&s, a->server_id);
	statement_bind_count(&s, change->crl_number);
	statement_bind_number(&s, change->crl_this_update_s);
	statement_bind_number(&s, change->crl_next_update_s);
	statement_bind_count(&s, change->crl_revision);
	statement_bind_bytes(&s, change->crl);
	statement_bind_optional(&s,
				change->crl_generation ? change->crl_generation : a->generation_id);
	r = statement_run(&s);
	return r < 0 || statement_changes(&s) ? r : STORE_CHANGED;
}

/* Another generation's CRL takes the place of the newest, which its own key alone can follow. */
static int keep_own(struct application *a, int64_t generation_id)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_CRL_KEEP_OWN);

	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, generation_id);
	return statement_run(&s);
}

int crl_apply(struct application *a)
{
	int r;

	if (!a->change->crl.size)
		return 0;
	assert(a->server_id);
	r = take_number(a);
	if (!r && !a->change->crl_is_ahead && !a->change->crl_is_own)
		r = keep_own(a, a->change->crl_generation);
	if (!r)
		r = insert(a, a->change->crl_is_ahead ? STATEMENT_CRL_AHEAD_INSERT
			      : a->change->crl_is_own ? STATEMENT_CRL_OWN_REPLACE
						      : STATEMENT_CRL_REPLACE);
	/* What was signed ahead before has lower numbers, and may lack what this one lists. Another
	 * key's own CRL is none of its series: that one may be all there is while its token is
	 * away.
	 */
	if (!r && !a->change->crl_is_ahead && !a->change->crl_is_own)
		r = drop_ahead(a, a->change->crl_number);
	return r || a->change->crl_is_ahead ? r : note_changed(a);
}

static int set_wish(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_CRL_AHEAD_WISH);

	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, *a->change->ahead_wish_s);
	return statement_run(&s);
}

static int keep_own_of(struct application *a, uint64_t number)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_CRL_AHEAD_GENERATION);
	int r;

	statement_bind_number(&s, a->server_id);
	statement_bind_count(&s, number);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : STORE_CHANGED;
	return keep_own(a, statement_take_number(&s));
}

static int publish(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_CRL_AHEAD_PUBLISH);
	int r;

	statement_bind_number(&s, a->server_id);
	statement_bind_count(&s, a->change->publish_ahead);
	r = statement_run(&s);
	if (r < 0)
		return r;
	if (!statement_changes(&s))
		return STORE_CHANGED;
	r = drop_ahead(a, a->change->publish_ahead);
	return r ? r : note_changed(a);
}

int crl_ahead_apply(struct application *a)
{
	int r = 0;

	assert(a->server_id || (!a->change->ahead_wish_s && !a->change->publish_ahead));
	if (a->change->ahead_wish_s)
		r = set_wish(a);
	if (!r && a->change->publish_ahead)
		r = keep_own_of(a, a->change->publish_ahead);
	if (!r && a->change->publish_ahead)
		r = publish(a);
	return r;
}
