/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of generations after their birth, and the message that gives out the next one. */
#include "daemon/store/internal.h"

static int drop_next_ca(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_NEXT_CA_DROP);

	statement_bind_number(&s, a->server_id);
	return statement_run(&s);
}

int generation_renew_apply(struct application *a)
{
	const struct ca_generation_record *record = a->change->renewed_generation;
	_cleanup_(statement_done) struct statement s = {};
	int r;

	if (!record)
		return 0;
	assert(a->server_id && record->id);
	s = statement_begin(a->connection, STATEMENT_GENERATION_RENEW);
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, record->id);
	statement_bind_bytes(&s, span_of(record->certificate));
	statement_bind_number(&s, record->not_before_s);
	statement_bind_number(&s, record->not_after_s);
	statement_bind_number(&s, record->takes_over_s);
	statement_bind_count(&s, record->counter);
	statement_bind_bytes(&s, span_of(record->serial));
	statement_bind_optional(&s, record->changed_over_s);
	r = statement_run(&s);
	if (r < 0)
		return r;
	a->generation_id = record->id;
	if (!statement_changes(&s))
		return STORE_CHANGED;
	r = drop_next_ca(a);
	return r < 0 ? r : serials_pass(a, record->counter);
}

static int run_for_server(struct application *a, enum statement_name name, int64_t value)
{
	_cleanup_(statement_done) struct statement s = statement_begin(a->connection, name);

	assert(a->server_id);
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, value);
	return statement_run(&s);
}

static int take_step(struct application *a, enum statement_name name)
{
	_cleanup_(statement_done) struct statement s = statement_begin(a->connection, name);
	int r;

	assert(a->server_id && a->change->generation_id);
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->change->generation_id);
	statement_bind_number(&s, a->change->now_s);
	r = statement_run(&s);
	return r < 0 || statement_changes(&s) ? r : STORE_CHANGED;
}

static int deny_requests(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_ROLLOVER_CANCEL_REQUESTS);

	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->change->generation_id);
	statement_bind_number(&s, a->change->now_s);
	return statement_run(&s);
}

/* All that hung on it goes with it. */
static int cancel(struct application *a)
{
	int r = deny_requests(a);

	if (r >= 0)
		r = run_for_server(a, STATEMENT_CRL_AHEAD_DROP_OF, a->change->generation_id);
	if (r >= 0)
		r = drop_next_ca(a);
	return r < 0 ? r : run_for_server(a, STATEMENT_ROLLOVER_CANCEL, a->change->now_s);
}

int generation_step_apply(struct application *a)
{
	static const enum statement_name names[] = {
		[STORE_GENERATION_ARCHIVED] = STATEMENT_GENERATION_ARCHIVED,
		[STORE_GENERATION_AVAILABLE] = STATEMENT_GENERATION_AVAILABLE,
		[STORE_GENERATION_CHANGED_OVER] = STATEMENT_GENERATION_CHANGED_OVER,
		[STORE_GENERATION_RELABELLED] = STATEMENT_GENERATION_RELABELLED,
		[STORE_GENERATION_DESTROYED] = STATEMENT_GENERATION_DESTROYED,
		[STORE_GENERATION_CANCELLED] = STATEMENT_GENERATION_CANCELLED,
		[STORE_GENERATION_WITHDRAWN] = STATEMENT_GENERATION_WITHDRAWN,
	};
	enum store_generation_step step = a->change->generation_step;
	int r;

	if (!step)
		return 0;
	r = take_step(a, names[step]);
	if (!r && (step == STORE_GENERATION_CHANGED_OVER || step == STORE_GENERATION_WITHDRAWN))
		r = drop_next_ca(a);
	if (!r && step == STORE_GENERATION_CANCELLED)
		r = cancel(a);
	return r;
}

int rollover_wish_apply(struct application *a)
{
	if (a->change->rollover_cancel)
		return run_for_server(a, STATEMENT_ROLLOVER_CANCEL, a->change->now_s);
	return a->change->rollover_wish_s
		       ? run_for_server(a, STATEMENT_ROLLOVER_WISH, *a->change->rollover_wish_s)
		       : 0;
}

int next_ca_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};

	if (!a->change->next_ca.size)
		return 0;
	assert(a->server_id && a->change->generation_id);
	s = statement_begin(a->connection, STATEMENT_NEXT_CA_REPLACE);
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->change->generation_id);
	statement_bind_bytes(&s, a->change->next_ca);
	return statement_run(&s);
}

int store_generation_dependents(struct store *store, int64_t generation_id,
				struct store_dependents *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_GENERATION_DEPENDENTS);
	statement_bind_number(&s, generation_id);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	ret->issued = (unsigned)statement_take_number(&s);
	ret->waiting = (unsigned)statement_take_number(&s);
	return statement_error(&s);
}

int store_next_ca_load(struct store *store, const char *label, struct bytes *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_NEXT_CA_LOAD);
	statement_bind_text(&s, label);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	statement_take_bytes(&s, ret);
	return statement_error(&s);
}
