/* SPDX-License-Identifier: Apache-2.0 */
/* Exchange keys: what opens envelopes and signs answers in a CA key's stead. */
#include "daemon/store/internal.h"
#include <stdlib.h>

struct exchanges {
	struct ca_exchange_record *items;
	size_t n;
};

static void exchanges_done(struct exchanges *exchanges)
{
	ca_exchange_records_free(exchanges->items, exchanges->n);
}

static void take_exchange(struct statement *s, struct ca_exchange_record *ret)
{
	ret->id = statement_take_number(s);
	ret->generation_id = statement_take_number(s);
	statement_take_text(s, &ret->key.token);
	statement_take_text(s, &ret->key.token_serial);
	statement_take_text(s, &ret->key.label);
	statement_take_bytes(s, &ret->key.spki);
	statement_take_digest(s, ret->key.key_sha256);
	statement_take_bytes(s, &ret->certificate);
	ret->not_before_s = statement_take_number(s);
	ret->not_after_s = statement_take_number(s);
	ret->takes_over_s = statement_take_number(s);
	ret->relabelled_s = statement_take_number(s);
	ret->destroyed_s = statement_take_number(s);
}

int store_exchanges_load(struct store *store, const char *label, struct ca_exchange_record **ret,
			 size_t *ret_n)
{
	_cleanup_(exchanges_done) struct exchanges exchanges = {};
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_EXCHANGE_LIST);
	statement_bind_text(&s, label);
	while ((r = statement_step(&s)) == STATEMENT_ROW) {
		struct ca_exchange_record *items =
			reallocarray(exchanges.items, exchanges.n + 1, sizeof(*exchanges.items));

		if (!items)
			return -ENOMEM;
		exchanges.items = items;
		items[exchanges.n] = (struct ca_exchange_record){};
		take_exchange(&s, &items[exchanges.n++]);
	}
	if (r < 0)
		return r;
	*ret_n = exchanges.n;
	*ret = TAKE_STRUCT(exchanges).items;
	return 0;
}

static void bind_exchange(struct statement *s, const struct ca_exchange_record *record)
{
	statement_bind_text(s, record->key.token);
	statement_bind_text(s, record->key.token_serial);
	statement_bind_text(s, record->key.label);
	statement_bind_bytes(s, span_of(record->key.spki));
	statement_bind_bytes(s, SPAN_ARRAY(record->key.key_sha256));
	statement_bind_bytes(s, span_of(record->certificate));
	statement_bind_number(s, record->not_before_s);
	statement_bind_number(s, record->not_after_s);
	statement_bind_number(s, record->takes_over_s);
	statement_bind_optional(s, record->relabelled_s);
	statement_bind_optional(s, record->destroyed_s);
}

int exchange_apply(struct application *a)
{
	const struct ca_exchange_record *record = a->change->exchange;
	_cleanup_(statement_done) struct statement s = {};
	int r;

	if (!record)
		return 0;
	assert(a->server_id && (record->generation_id || a->change->generation));
	a->exchange_generation_id =
		record->generation_id ? record->generation_id : a->generation_id;
	s = statement_begin(a->connection, STATEMENT_EXCHANGE_INSERT);
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->exchange_generation_id);
	bind_exchange(&s, record);
	r = statement_run(&s);
	if (r < 0)
		return r;
	a->exchange_id = statement_inserted_id(&s);
	return statement_changes(&s) ? 0 : STORE_CHANGED;
}

int exchange_step_apply(struct application *a)
{
	static const enum statement_name names[] = {
		[STORE_EXCHANGE_RELABELLED] = STATEMENT_EXCHANGE_RELABELLED,
		[STORE_EXCHANGE_DESTROYED] = STATEMENT_EXCHANGE_DESTROYED,
	};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	if (!a->change->exchange_step)
		return 0;
	assert(a->server_id && a->change->exchange_id);
	s = statement_begin(a->connection, names[a->change->exchange_step]);
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->change->exchange_id);
	statement_bind_number(&s, a->change->now_s);
	r = statement_run(&s);
	return r < 0 || statement_changes(&s) ? r : STORE_CHANGED;
}
