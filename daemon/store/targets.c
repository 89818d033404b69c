/* SPDX-License-Identifier: Apache-2.0 */
/* Places that files are written to: how far each is. */
#include "daemon/store/internal.h"
#include <stdlib.h>

struct targets {
	struct ca_target_record *items;
	size_t n;
};

static void targets_done(struct targets *targets)
{
	ca_target_records_free(targets->items, targets->n);
}

static void take_target(struct statement *s, struct ca_target_record *ret)
{
	ret->id = statement_take_number(s);
	ret->kind = (enum ca_target_kind)statement_take_number(s);
	ret->file = (enum ca_file)statement_take_number(s);
	statement_take_text(s, &ret->place);
	ret->done = statement_take_number(s);
	ret->attempts = (unsigned)statement_take_number(s);
	ret->next_try_s = statement_take_number(s);
	ret->first_failure_s = statement_take_number(s);
	statement_take_text(s, &ret->reason);
}

static int add_target(struct targets *targets, struct statement *s)
{
	struct ca_target_record *items =
		reallocarray(targets->items, targets->n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	targets->items = items;
	items[targets->n] = (struct ca_target_record){};
	take_target(s, &items[targets->n++]);
	return statement_error(s);
}

int store_targets_load(struct store *store, const char *label, struct ca_target_record **ret,
		       size_t *ret_n)
{
	_cleanup_(targets_done) struct targets targets = {};
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_TARGET_LIST);
	statement_bind_text(&s, label);
	while ((r = statement_step(&s)) == STATEMENT_ROW) {
		r = add_target(&targets, &s);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	*ret_n = targets.n;
	*ret = TAKE_STRUCT(targets).items;
	return 0;
}

int store_target_facts(struct store *store, const char *label, struct ca_target_facts *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_TARGET_FACTS);
	statement_bind_text(&s, label);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	ret->certificate_id = statement_take_number(&s);
	ret->last_counter = (uint64_t)statement_take_number(&s);
	ret->crl_changes = statement_take_number(&s);
	return statement_error(&s);
}

int target_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};
	const struct ca_target_record *record = a->change->target;
	int r;

	if (!record)
		return 0;
	assert(a->server_id);
	s = statement_begin(a->connection, STATEMENT_TARGET_REPLACE);
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, record->kind);
	statement_bind_number(&s, record->file);
	statement_bind_text(&s, record->place);
	statement_bind_number(&s, record->done);
	statement_bind_number(&s, record->attempts);
	statement_bind_number(&s, record->next_try_s);
	statement_bind_number(&s, record->first_failure_s);
	statement_bind_text(&s, record->reason);
	r = statement_step(&s);
	if (r < 0)
		return r;
	assert(r == STATEMENT_ROW);
	a->target_id = statement_take_number(&s);
	/* To its end: only then it is done. */
	return statement_step(&s);
}
