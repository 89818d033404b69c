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
