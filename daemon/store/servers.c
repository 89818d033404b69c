/* SPDX-License-Identifier: Apache-2.0 */
/* Servers and their generations. */
#include "daemon/store/internal.h"
#include <stdlib.h>
#include <string.h>

int store_server_load(struct store *store, const char *label, struct ca_server_record *ret)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_SERVER_LOAD);
	statement_bind_text(&s, label);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	statement_take_text(&s, &record.label);
	record.enabled = statement_take_boolean(&s);
	record.created_s = statement_take_number(&s);
	record.next_counter = (uint64_t)statement_take_number(&s);
	record.last_counter = (uint64_t)statement_take_number(&s);
	record.revocation_revision = (uint64_t)statement_take_number(&s);
	record.crl_number = (uint64_t)statement_take_number(&s);
	record.crl_this_update_s = statement_take_number(&s);
	record.crl_next_update_s = statement_take_number(&s);
	record.crl_revision = (uint64_t)statement_take_number(&s);
	record.crl_last_number = (uint64_t)statement_take_number(&s);
	record.ahead_wish_s = statement_take_number(&s);
	record.ahead_first_s = statement_take_number(&s);
	record.ahead_last_s = statement_take_number(&s);
	record.ahead_next_update_s = statement_take_number(&s);
	record.ahead_revision = (uint64_t)statement_take_number(&s);
	record.rollover_wish_s = statement_take_number(&s);
	record.rollover_cancelled_s = statement_take_number(&s);
	record.crl_generation_id = statement_take_number(&s);
	r = statement_error(&s);
	if (r >= 0)
		*ret = TAKE_STRUCT(record);
	return r;
}

struct generations {
	struct ca_generation_record *items;
	size_t n;
};

static void generations_done(struct generations *generations)
{
	ca_generation_records_free(generations->items, generations->n);
}

static void take_generation(struct statement *s, struct ca_generation_record *ret)
{
	ret->id = statement_take_number(s);
	ret->number = (unsigned)statement_take_number(s);
	statement_take_bytes(s, &ret->certificate);
	ret->not_before_s = statement_take_number(s);
	ret->not_after_s = statement_take_number(s);
	ret->takes_over_s = statement_take_number(s);
	ret->destroyed_s = statement_take_number(s);
	statement_take_text(s, &ret->token);
	statement_take_text(s, &ret->token_serial);
	statement_take_bytes(s, &ret->key_id);
	statement_take_bytes(s, &ret->spki);
	statement_take_digest(s, ret->key_sha256);
	ret->counter = (uint64_t)statement_take_number(s);
	statement_take_bytes(s, &ret->serial);
	statement_take_bytes(s, &ret->issuer);
	ret->archived_s = statement_take_number(s);
	ret->available_s = statement_take_number(s);
	ret->changed_over_s = statement_take_number(s);
	ret->relabelled_s = statement_take_number(s);
	ret->issued_until_s = statement_take_number(s);
	ret->certified_until_s = statement_take_number(s);
	ret->own_crl_number = (uint64_t)statement_take_number(s);
	ret->own_crl_this_update_s = statement_take_number(s);
	ret->own_crl_next_update_s = statement_take_number(s);
	ret->own_crl_revision = (uint64_t)statement_take_number(s);
	statement_take_bytes(s, &ret->superiors);
	ret->backed_up_s = statement_take_number(s);
}

int store_generations_load(struct store *store, const char *label,
			   struct ca_generation_record **ret, size_t *ret_n)
{
	_cleanup_(generations_done) struct generations generations = {};
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_GENERATION_LIST);
	statement_bind_text(&s, label);
	while ((r = statement_step(&s)) == STATEMENT_ROW) {
		struct ca_generation_record *items = reallocarray(
			generations.items, generations.n + 1, sizeof(*generations.items));

		if (!items)
			return -ENOMEM;
		generations.items = items;
		items[generations.n] = (struct ca_generation_record){};
		take_generation(&s, &items[generations.n++]);
	}
	if (r < 0)
		return r;
	*ret_n = generations.n;
	*ret = TAKE_STRUCT(generations).items;
	return 0;
}

int store_setting_list(struct store *store, const char *label, store_setting_visit visit,
		       void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_SETTING_LIST);
	statement_bind_text(&s, label);
	while ((r = statement_step(&s)) == STATEMENT_ROW) {
		_cleanup_(freep) char *option = NULL, *value = NULL;

		statement_take_text(&s, &option);
		statement_take_text(&s, &value);
		r = statement_error(&s);
		if (r >= 0)
			r = visit(context, &(struct store_setting){option, value});
		if (r)
			break;
	}
	return r;
}

static int server_insert(struct application *a, const char *label)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_SERVER_INSERT);
	int r;

	statement_bind_text(&s, label);
	statement_bind_number(&s, a->change->now_s);
	r = statement_run(&s);
	if (r >= 0)
		a->server_id = statement_inserted_id(&s);
	return r;
}

int server_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};
	const struct store_change *change = a->change;
	int r;

	if (change->create_server) {
		assert(!change->server || !strcmp(change->server, change->create_server));
		return server_insert(a, change->create_server);
	}
	if (!change->server)
		return 0;
	s = statement_begin(a->connection, STATEMENT_SERVER_FIND);
	statement_bind_text(&s, change->server);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	a->server_id = statement_take_number(&s);
	return 0;
}

/* A certificate of the CA's own takes a counter too; none gets it again. */
int serials_pass(struct application *a, uint64_t counter)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_SERIALS_PASS);

	statement_bind_number(&s, a->server_id);
	statement_bind_count(&s, counter);
	return statement_run(&s);
}

static void bind_generation(struct statement *s, const struct ca_generation_record *record)
{
	statement_bind_number(s, record->number);
	statement_bind_bytes(s, span_of(record->certificate));
	statement_bind_number(s, record->not_before_s);
	statement_bind_number(s, record->not_after_s);
	statement_bind_number(s, record->takes_over_s);
	statement_bind_optional(s, record->destroyed_s);
	statement_bind_text(s, record->token);
	statement_bind_text(s, record->token_serial);
	statement_bind_bytes(s, span_of(record->key_id));
	statement_bind_bytes(s, span_of(record->spki));
	statement_bind_bytes(s, SPAN_ARRAY(record->key_sha256));
	statement_bind_count(s, record->counter);
	statement_bind_bytes(s, span_of(record->serial));
	statement_bind_bytes(s, span_of(record->issuer));
	statement_bind_optional(s, record->archived_s);
	statement_bind_optional(s, record->available_s);
	statement_bind_optional(s, record->changed_over_s);
	statement_bind_optional(s, record->relabelled_s);
	statement_bind_bytes(s, span_of(record->superiors));
}

/* It was signed before there was a certificate. */
static int take_crl(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_CRL_TAKE);

	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->generation_id);
	return statement_run(&s);
}

int generation_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};
	const struct ca_generation_record *record = a->change->generation;
	int r;

	if (!record)
		return 0;
	assert(a->server_id);
	s = statement_begin(a->connection, STATEMENT_GENERATION_INSERT);
	statement_bind_number(&s, a->server_id);
	bind_generation(&s, record);
	r = statement_run(&s);
	if (r < 0)
		return r;
	a->generation_id = statement_inserted_id(&s);
	r = a->change->generation_has_crl ? take_crl(a) : 0;
	return r < 0 ? r : serials_pass(a, record->counter);
}

int settings_apply(struct application *a)
{
	int r = 0;

	for (size_t i = 0; i < a->change->n_settings && r >= 0; i++) {
		_cleanup_(statement_done) struct statement s =
			statement_begin(a->connection, STATEMENT_SETTING_REPLACE);

		assert(a->server_id);
		statement_bind_number(&s, a->server_id);
		statement_bind_text(&s, a->change->settings[i].option);
		statement_bind_text(&s, a->change->settings[i].value);
		r = statement_run(&s);
	}
	return r;
}

int last_counter_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};
	int r;

	if (!a->change->last_counter)
		return 0;
	assert(a->server_id);
	s = statement_begin(a->connection, STATEMENT_SERIALS_RESTORE);
	statement_bind_number(&s, a->server_id);
	statement_bind_count(&s, a->change->last_counter);
	r = statement_run(&s);
	return r < 0 ? r : serials_pass(a, a->change->last_counter);
}

int enabled_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};

	if (!a->change->enabled)
		return 0;
	assert(a->server_id);
	s = statement_begin(a->connection, STATEMENT_SERVER_ENABLE);
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, *a->change->enabled);
	return statement_run(&s);
}

/* The label is free for another then: no configuration can name one with a slash. */
int server_delete_apply(struct application *a)
{
	static const enum statement_name steps[] = {STATEMENT_SERVER_DELETE,
						    STATEMENT_SERVER_DELETE_KEYS,
						    STATEMENT_EXCHANGE_DELETE_KEYS};
	static const enum statement_name others[] = {STATEMENT_SERVER_DELETE_REQUESTS,
						     STATEMENT_SERVER_DELETE_PARKED,
						     STATEMENT_TRUSTPOINT_DELETE_OF_SERVER};
	int r = 0;

	if (!a->change->delete_server)
		return 0;
	assert(a->server_id);
	for (size_t i = 0; i < ELEMENTS(steps) && r >= 0; i++) {
		_cleanup_(statement_done) struct statement s =
			statement_begin(a->connection, steps[i]);

		statement_bind_number(&s, a->server_id);
		statement_bind_number(&s, a->change->now_s);
		r = statement_run(&s);
	}
	for (size_t i = 0; i < ELEMENTS(others) && r >= 0; i++) {
		_cleanup_(statement_done) struct statement s =
			statement_begin(a->connection, others[i]);

		statement_bind_number(&s, a->server_id);
		r = statement_run(&s);
	}
	return r;
}
