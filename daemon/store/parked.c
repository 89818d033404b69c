/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for a token. */
#include "daemon/store/parked.h"
#include "daemon/store/internal.h"

/* Of the one that the newcomer takes the place of; 0 for none. */
static int find(struct connection *connection, const struct ca_parked_record *newcomer,
		int64_t *ret)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_PARKED_FIND);
	int r;

	statement_bind_text(&s, newcomer->server);
	statement_bind_bytes(&s, span_of(newcomer->transaction_id));
	statement_bind_bytes(&s, SPAN_ARRAY(newcomer->requester));
	r = statement_step(&s);
	*ret = r == STATEMENT_ROW ? statement_take_number(&s) : 0;
	return r < 0 ? r : statement_error(&s);
}

static int sum(struct connection *connection, uint64_t bucket, int64_t without,
	       struct store_parked_shares *ret)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_PARKED_SUM);
	int r;

	statement_bind_number(&s, (int64_t)bucket);
	statement_bind_number(&s, without);
	r = statement_step(&s);
	if (r < 0)
		return r;
	ret->number.all = (uint64_t)statement_take_number(&s);
	ret->bytes.all = (uint64_t)statement_take_number(&s);
	ret->number.of_peer = (uint64_t)statement_take_number(&s);
	ret->bytes.of_peer = (uint64_t)statement_take_number(&s);
	return statement_error(&s);
}

static int find_greatest(struct connection *connection, enum statement_name name, int64_t without,
			 struct ca_parked_share *ret, int64_t *ret_newest)
{
	_cleanup_(statement_done) struct statement s = statement_begin(connection, name);
	int r;

	statement_bind_number(&s, without);
	r = statement_step(&s);
	if (r != STATEMENT_ROW)
		return r;
	ret->of_greatest = (uint64_t)statement_take_number(&s);
	*ret_newest = statement_take_number(&s);
	return statement_error(&s);
}

int store_parked_shares(struct store *store, const struct ca_parked_record *newcomer,
			struct store_parked_shares *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	int64_t old = 0;
	int r;

	*ret = (struct store_parked_shares){};
	r = loan_take(store, &loan);
	if (r >= 0)
		r = find(loan.connection, newcomer, &old);
	if (r >= 0)
		r = sum(loan.connection, newcomer->peer_bucket, old, ret);
	if (r >= 0)
		r = find_greatest(loan.connection, STATEMENT_PARKED_MOST, old, &ret->number,
				  &ret->newest_of_most);
	if (r >= 0)
		r = find_greatest(loan.connection, STATEMENT_PARKED_LARGEST, old, &ret->bytes,
				  &ret->newest_of_largest);
	return r;
}

static int insert(struct connection *connection, void *argument)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_PARKED_INSERT);
	const struct ca_parked_record *record = argument;
	int r;

	statement_bind_text(&s, record->server);
	statement_bind_text(&s, record->token);
	statement_bind_bytes(&s, span_of(record->transaction_id));
	statement_bind_bytes(&s, SPAN_ARRAY(record->requester));
	statement_bind_text(&s, record->peer);
	statement_bind_number(&s, (int64_t)record->peer_bucket);
	statement_bind_number(&s, record->type);
	statement_bind_number(&s, record->received_s);
	statement_bind_bytes(&s, span_of(record->message));
	r = statement_run(&s);
	return r < 0 || statement_changes(&s) ? r : STORE_NOT_FOUND;
}

int store_parked_put(struct store *store, const struct ca_parked_record *record)
{
	struct ca_parked_record borrowed = *record;

	return writer_do(store->writer, insert, &borrowed);
}

static int remove_by_id(struct connection *connection, void *argument)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_PARKED_REMOVE);

	statement_bind_number(&s, *(const int64_t *)argument);
	return statement_run(&s);
}

int store_parked_remove(struct store *store, int64_t id)
{
	return writer_do(store->writer, remove_by_id, &id);
}

struct moving {
	int64_t id;
	const char *token;
};

static int move(struct connection *connection, void *argument)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_PARKED_MOVE);
	const struct moving *moving = argument;

	statement_bind_number(&s, moving->id);
	statement_bind_text(&s, moving->token);
	return statement_run(&s);
}

int store_parked_move(struct store *store, int64_t id, const char *token)
{
	struct moving moving = {id, token};

	return writer_do(store->writer, move, &moving);
}

static void take(struct statement *s, struct ca_parked_record *ret)
{
	ret->id = statement_take_number(s);
	statement_take_text(s, &ret->server);
	statement_take_text(s, &ret->token);
	statement_take_bytes(s, &ret->transaction_id);
	statement_take_digest(s, ret->requester);
	statement_take_text(s, &ret->peer);
	ret->peer_bucket = (uint64_t)statement_take_number(s);
	ret->type = (int)statement_take_number(s);
	ret->received_s = statement_take_number(s);
	statement_take_bytes(s, &ret->message);
}

int store_parked_next(struct store *store, const char *token, int64_t after_id,
		      struct ca_parked_record *ret)
{
	_cleanup_(ca_parked_record_done) struct ca_parked_record record = {};
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_PARKED_NEXT);
	statement_bind_text(&s, token);
	statement_bind_number(&s, after_id);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	take(&s, &record);
	r = statement_error(&s);
	if (r >= 0)
		*ret = TAKE_STRUCT(record);
	return r;
}

int store_parked_list(struct store *store, store_parked_visit visit, void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_PARKED_LIST);
	while ((r = statement_step(&s)) == STATEMENT_ROW) {
		struct store_parked_place place = {.server = statement_take_text0(&s)};

		place.token = statement_take_text0(&s);
		place.n = (unsigned)statement_take_number(&s);
		place.oldest_s = statement_take_number(&s);
		r = statement_error(&s);
		if (!r)
			r = visit(context, &place);
		if (r)
			break;
	}
	return r < 0 ? r : 0;
}

struct expiry {
	const char *label;
	int64_t until_s;
	unsigned n;
};

static int expire(struct connection *connection, void *argument)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_PARKED_EXPIRE);
	struct expiry *expiry = argument;
	int r;

	statement_bind_text(&s, expiry->label);
	statement_bind_number(&s, expiry->until_s);
	r = statement_run(&s);
	if (r >= 0)
		expiry->n = statement_changes(&s);
	return r;
}

int store_parked_expire(struct store *store, const char *label, int64_t until_s, unsigned *ret)
{
	struct expiry expiry = {.label = label, .until_s = until_s};
	int r = writer_do(store->writer, expire, &expiry);

	if (!r)
		*ret = expiry.n;
	return r;
}
