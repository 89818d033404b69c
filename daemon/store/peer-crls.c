/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs of others, a bounded cache. */
#include "daemon/store/peer-crls.h"
#include "daemon/store/internal.h"

static int take_der(struct statement *s, struct bytes *ret)
{
	int r = statement_step(s);

	if (r != STATEMENT_ROW)
		return r < 0 ? r : STORE_NOT_FOUND;
	statement_take_bytes(s, ret);
	return statement_error(s);
}

int store_peer_crl_load(struct store *store, const char *source, struct span issuer, int64_t now_s,
			struct bytes *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_PEER_CRL_LOAD);
	statement_bind_text(&s, source);
	statement_bind_bytes(&s, issuer);
	statement_bind_number(&s, now_s);
	return take_der(&s, ret);
}

int store_peer_crl_find(struct store *store, struct span issuer, int64_t now_s, struct bytes *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_PEER_CRL_FIND);
	statement_bind_bytes(&s, issuer);
	statement_bind_number(&s, now_s);
	return take_der(&s, ret);
}

struct saving {
	const struct store_peer_crl *crl;
	int64_t now_s;
};

static int expire(struct connection *connection, int64_t now_s)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_PEER_CRL_EXPIRE);

	statement_bind_number(&s, now_s);
	return statement_run(&s);
}

static int replace(struct connection *connection, const struct store_peer_crl *crl)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_PEER_CRL_REPLACE);

	statement_bind_text(&s, crl->source);
	statement_bind_bytes(&s, crl->issuer);
	statement_bind_number(&s, crl->next_update_s);
	statement_bind_bytes(&s, crl->der);
	return statement_run(&s);
}

static int trim(struct connection *connection)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_PEER_CRL_TRIM);

	statement_bind_number(&s, STORE_PEER_CRLS_MOST);
	statement_bind_number(&s, STORE_PEER_CRL_BYTES_MOST);
	return statement_run(&s);
}

static int save(struct connection *connection, void *argument)
{
	const struct saving *saving = argument;
	int r = expire(connection, saving->now_s);

	if (r >= 0)
		r = replace(connection, saving->crl);
	return r < 0 ? r : trim(connection);
}

int store_peer_crl_save(struct store *store, const struct store_peer_crl *crl, int64_t now_s)
{
	struct saving saving = {crl, now_s};

	return writer_do(store->writer, save, &saving);
}
