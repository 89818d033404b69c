/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of serial counters. */
#include "daemon/store/internal.h"

struct reservation {
	const char *label;
	unsigned n;
	uint64_t first;
};

static int reserve(struct connection *connection, void *argument)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_SERIALS_RESERVE);
	struct reservation *reservation = argument;
	int r;

	statement_bind_text(&s, reservation->label);
	statement_bind_number(&s, reservation->n);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	reservation->first = (uint64_t)statement_take_number(&s);
	r = statement_step(&s);
	assert(r <= 0);
	return r;
}

int store_serials_reserve(struct store *store, const char *label, unsigned n, uint64_t *ret_first)
{
	struct reservation reservation = {.label = label, .n = n};
	int r;

	assert(n > 0);
	r = writer_do(store->writer, reserve, &reservation);
	if (!r)
		*ret_first = reservation.first;
	return r;
}

int store_serials_first(struct store *store, const char *label, uint64_t *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_SERVER_FIRST_COUNTER);
	statement_bind_text(&s, label);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	*ret = (uint64_t)statement_take_number(&s);
	return statement_error(&s);
}

int store_serials_of_key(struct store *store, struct span key_sha256, uint64_t *ret_next,
			 char **ret_label)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_SERIALS_OF_KEY);
	statement_bind_bytes(&s, key_sha256);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	*ret_next = (uint64_t)statement_take_number(&s);
	statement_take_text(&s, ret_label);
	return statement_error(&s);
}

struct rest {
	const char *label;
	uint64_t next, end;
};

static int give_back(struct connection *connection, void *argument)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_SERIALS_RETURN);
	const struct rest *rest = argument;

	statement_bind_text(&s, rest->label);
	statement_bind_count(&s, rest->next);
	statement_bind_count(&s, rest->end);
	return statement_run(&s);
}

int store_serials_return(struct store *store, const char *label, uint64_t next, uint64_t end)
{
	struct rest rest = {label, next, end};

	assert(next && next <= end);
	return writer_do(store->writer, give_back, &rest);
}
