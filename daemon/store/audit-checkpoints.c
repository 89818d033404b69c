/* SPDX-License-Identifier: Apache-2.0 */
/* Signed checkpoints of the audit, and how far the tokens' own logs were compared with what is
 * here. None of it is part of the chain. */
#include "daemon/store/internal.h"
#include <string.h>

static void take_checkpoint(struct statement *s, struct store_checkpoint *ret)
{
	ret->number = statement_take_number(s);
	ret->seq = statement_take_number(s);
	ret->time_s = statement_take_number(s);
	ret->token = statement_take_text0(s);
	ret->spki = statement_take_span(s);
	ret->to_be_signed = statement_take_span(s);
	ret->signature = statement_take_span(s);
}

static int visit_all(struct store *store, enum statement_name name, store_checkpoint_visit visit,
		     void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, name);
	while ((r = statement_step(&s)) == STATEMENT_ROW) {
		struct store_checkpoint checkpoint = {};

		take_checkpoint(&s, &checkpoint);
		r = statement_error(&s);
		if (!r)
			r = visit(context, &checkpoint);
		if (r)
			break;
	}
	return r < 0 ? r : 0;
}

int store_checkpoint_list(struct store *store, store_checkpoint_visit visit, void *context)
{
	return visit_all(store, STATEMENT_CHECKPOINT_LIST, visit, context);
}

int store_checkpoint_newest(struct store *store, store_checkpoint_visit visit, void *context)
{
	return visit_all(store, STATEMENT_CHECKPOINT_NEWEST, visit, context);
}

static int insert(struct connection *connection, void *argument)
{
	const struct store_checkpoint *checkpoint = argument;
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_CHECKPOINT_INSERT);
	int r;

	statement_bind_number(&s, checkpoint->number);
	statement_bind_number(&s, checkpoint->seq);
	statement_bind_number(&s, checkpoint->time_s);
	statement_bind_text(&s, checkpoint->token);
	statement_bind_bytes(&s, checkpoint->spki);
	statement_bind_bytes(&s, checkpoint->to_be_signed);
	statement_bind_bytes(&s, checkpoint->signature);
	r = statement_run(&s);
	return r == -EEXIST ? STORE_EXISTS : r;
}

int store_checkpoint_add(struct store *store, const struct store_checkpoint *checkpoint)
{
	struct store_checkpoint copy = *checkpoint;

	return writer_do(store->writer, insert, &copy);
}

int store_id(struct store *store, uint8_t ret[static STORE_ID_SIZE])
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	struct span id;
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_DATABASE_ID);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	id = statement_take_span(&s);
	if (id.size != STORE_ID_SIZE)
		return -EUCLEAN;
	memcpy(ret, id.data, STORE_ID_SIZE);
	return 0;
}

int store_token_log_load(struct store *store, const char *token, int64_t *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	*ret = 0;
	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_TOKEN_LOG_LOAD);
	statement_bind_text(&s, token);
	r = statement_step(&s);
	if (r == STATEMENT_ROW)
		*ret = statement_take_number(&s);
	return r < 0 ? r : statement_error(&s);
}

struct place {
	const char *token;
	int64_t number;
};

static int save(struct connection *connection, void *argument)
{
	const struct place *place = argument;
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_TOKEN_LOG_SAVE);

	statement_bind_text(&s, place->token);
	statement_bind_number(&s, place->number);
	return statement_run(&s);
}

int store_token_log_save(struct store *store, const char *token, int64_t number)
{
	struct place place = {token, number};

	return writer_do(store->writer, save, &place);
}

static int load_label(struct connection *connection, struct span key, char **ret)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_LABEL_OF_KEY);
	int r;

	statement_bind_bytes(&s, key);
	r = statement_step(&s);
	if (r == STATEMENT_ROW)
		statement_take_text(&s, ret);
	return r < 0 ? r : statement_error(&s);
}

int store_certificate_of_key(struct store *store, struct span key_sha256, struct span serial,
			     struct bytes *ret_certificate, char **ret_label)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_OF_KEY);
	statement_bind_bytes(&s, key_sha256);
	statement_bind_bytes(&s, serial);
	r = statement_step(&s);
	if (r < 0)
		return r;
	if (r != STATEMENT_ROW) {
		r = load_label(loan.connection, key_sha256, ret_label);
		return r < 0 ? r : STORE_NOT_FOUND;
	}
	statement_take_bytes(&s, ret_certificate);
	statement_take_text(&s, ret_label);
	return statement_error(&s);
}
