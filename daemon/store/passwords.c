/* SPDX-License-Identifier: Apache-2.0 */
/* One-time passwords. They are never removed: one that comes again tells of a breach (RFC 8894
 * §7.3). */
#include "daemon/store/internal.h"

int store_password_find(struct store *store, const char *label, struct span mac,
			struct ca_password_record *ret)
{
	_cleanup_(ca_password_record_done) struct ca_password_record record = {};
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_PASSWORD_FIND);
	statement_bind_text(&s, label);
	statement_bind_bytes(&s, mac);
	r = statement_step(&s);
	if (r < 0)
		return r;
	if (r == STATEMENT_ROW) {
		record.id = statement_take_number(&s);
		record.created_s = statement_take_number(&s);
		record.expires_s = statement_take_number(&s);
		record.used_s = statement_take_number(&s);
		record.superseded = statement_take_boolean(&s);
		statement_take_bytes(&s, &record.subject);
	}
	r = statement_error(&s);
	if (r >= 0)
		*ret = TAKE_STRUCT(record);
	return r;
}

int store_password_any_live(struct store *store, const char *label, int64_t now_s, bool *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_PASSWORD_ANY_LIVE);
	statement_bind_text(&s, label);
	statement_bind_number(&s, now_s);
	r = statement_step(&s);
	if (r < 0)
		return r;
	*ret = statement_take_boolean(&s);
	return statement_error(&s);
}

int store_password_first_expiry(struct store *store, const char *label, int64_t now_s,
				int64_t *ret_s)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_PASSWORD_FIRST_EXPIRY);
	statement_bind_text(&s, label);
	statement_bind_number(&s, now_s);
	r = statement_step(&s);
	if (r < 0)
		return r;
	*ret_s = statement_take_number(&s);
	return statement_error(&s);
}

/* Of all that bring one password at the same time, the first finds it unused. */
int password_spend_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};
	int r;

	if (!a->change->password_used)
		return 0;
	assert(a->server_id);
	s = statement_begin(a->connection, STATEMENT_PASSWORD_SPEND);
	statement_bind_number(&s, a->server_id);
	statement_bind_number(&s, a->change->password_used);
	statement_bind_number(&s, a->change->now_s);
	r = statement_run(&s);
	return r < 0 || statement_changes(&s) ? r : STORE_CHANGED;
}

static int supersede(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_PASSWORD_SUPERSEDE);

	statement_bind_number(&s, a->server_id);
	statement_bind_bytes(&s, a->change->password_subject);
	return statement_run(&s);
}

int password_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};
	const struct store_change *change = a->change;
	int r;

	if (!change->password_mac.size)
		return 0;
	assert(a->server_id);
	r = supersede(a);
	if (r < 0)
		return r;
	s = statement_begin(a->connection, STATEMENT_PASSWORD_INSERT);
	statement_bind_number(&s, a->server_id);
	statement_bind_bytes(&s, change->password_mac);
	statement_bind_bytes(&s, change->password_subject);
	statement_bind_number(&s, change->now_s);
	statement_bind_number(&s, change->password_expires_s);
	return statement_run(&s);
}
