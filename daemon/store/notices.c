/* SPDX-License-Identifier: Apache-2.0 */
/* What was told of what expires. */
#include "daemon/store/notices.h"
#include "daemon/store/internal.h"

int store_notice_load(struct store *store, const uint8_t thing[static SHA256_SIZE], int64_t *ret_s)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_NOTICE_LOAD);
	statement_bind_bytes(&s, SPAN(thing, SHA256_SIZE));
	r = statement_step(&s);
	if (r < 0)
		return r;
	*ret_s = r == STATEMENT_ROW ? statement_take_number(&s) : 0;
	return statement_error(&s);
}

static int forget(struct connection *connection, int64_t now_s)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_NOTICE_FORGET);

	statement_bind_number(&s, now_s);
	return statement_run(&s);
}

static int save(struct connection *connection, void *argument)
{
	const struct store_notice *notice = argument;
	_cleanup_(statement_done) struct statement s = {};
	int r = forget(connection, notice->told_s);

	if (r < 0)
		return r;
	s = statement_begin(connection, STATEMENT_NOTICE_SAVE);
	statement_bind_bytes(&s, SPAN_ARRAY(notice->thing));
	statement_bind_number(&s, notice->until_s);
	statement_bind_number(&s, notice->told_s);
	return statement_run(&s);
}

int store_notice_save(struct store *store, const struct store_notice *notice)
{
	struct store_notice copy = *notice;

	return writer_do(store->writer, save, &copy);
}
