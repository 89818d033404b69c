/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/internal.h"

static void take_certificate(struct statement *s, struct ca_certificate_record *ret)
{
	ret->id = statement_take_number(s);
	ret->counter = (uint64_t)statement_take_number(s);
	statement_take_bytes(s, &ret->serial);
	ret->generation_id = statement_take_number(s);
	ret->request_id = statement_take_number(s);
	ret->class = (enum grant_class)statement_take_number(s);
	statement_take_bytes(s, &ret->subject);
	statement_take_digest(s, ret->key_sha256);
	ret->not_before_s = statement_take_number(s);
	ret->not_after_s = statement_take_number(s);
	statement_take_bytes(s, &ret->certificate);
	ret->revoked_s = statement_take_number(s);
	ret->revocation_reason = (int)statement_take_number(s);
}

static int step_one(struct statement *s, struct ca_certificate_record *ret)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record record = {};
	int r;

	r = statement_step(s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	take_certificate(s, &record);
	r = statement_error(s);
	if (r >= 0)
		*ret = TAKE_STRUCT(record);
	return r;
}

int store_certificate_load(struct store *store, int64_t id, struct ca_certificate_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_LOAD);
	statement_bind_number(&s, id);
	return step_one(&s, ret);
}

int store_certificate_find(struct store *store, const char *label, struct span serial,
			   struct ca_certificate_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_FIND);
	statement_bind_text(&s, label);
	statement_bind_bytes(&s, serial);
	return step_one(&s, ret);
}

int store_certificate_find_counter(struct store *store, const char *label, uint64_t counter,
				   struct ca_certificate_record *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	if (counter > INT64_MAX)
		return STORE_NOT_FOUND;
	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_FIND_COUNTER);
	statement_bind_text(&s, label);
	statement_bind_count(&s, counter);
	return step_one(&s, ret);
}

typedef void (*certificate_take)(struct statement *s, struct ca_certificate_record *ret);

static int visit_all(struct statement *s, certificate_take take, store_certificate_visit visit,
		     void *context)
{
	int r;

	while ((r = statement_step(s)) == STATEMENT_ROW) {
		_cleanup_(ca_certificate_record_done) struct ca_certificate_record record = {};

		take(s, &record);
		r = statement_error(s);
		if (!r)
			r = visit(context, &record);
		if (r)
			break;
	}
	return r < 0 ? r : 0;
}

int store_certificate_list(struct store *store, const char *label, uint64_t before_counter,
			   unsigned limit, store_certificate_visit visit, void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_LIST);
	statement_bind_text(&s, label);
	statement_bind_count(&s, before_counter ? before_counter : INT64_MAX);
	statement_bind_number(&s, limit ? (int64_t)limit : -1);
	return visit_all(&s, take_certificate, visit, context);
}

int store_certificate_list_after(struct store *store, const char *label, int64_t after_id,
				 unsigned limit, store_certificate_visit visit, void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_LIST_AFTER);
	statement_bind_text(&s, label);
	statement_bind_number(&s, after_id);
	statement_bind_number(&s, limit);
	return visit_all(&s, take_certificate, visit, context);
}

int store_certificate_list_beside(struct store *store, const char *label,
				  const struct ca_certificate_record *certificate, int64_t now_s,
				  store_certificate_visit visit, void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_CERTIFICATE_LIST_BESIDE);
	statement_bind_text(&s, label);
	statement_bind_number(&s, certificate->generation_id);
	statement_bind_number(&s, now_s);
	statement_bind_bytes(&s, span_of(certificate->subject));
	return visit_all(&s, take_certificate, visit, context);
}

struct visitor {
	store_certificate_visit visit;
	void *context;
};

static void take_revoked(struct statement *s, struct ca_certificate_record *ret)
{
	statement_take_bytes(s, &ret->serial);
	ret->revoked_s = statement_take_number(s);
	ret->revocation_reason = (int)statement_take_number(s);
}

/* What was still in force when the CRL before was signed has not been on one after its end yet. */
static int list_revoked(struct store *store, enum statement_name name, const char *label,
			int64_t previous_crl_s, const struct visitor *visitor)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, name);
	statement_bind_text(&s, label);
	statement_bind_number(&s, previous_crl_s);
	return visit_all(&s, take_revoked, visitor->visit, visitor->context);
}

int store_revoked_list(struct store *store, const char *label, int64_t previous_crl_s,
		       store_certificate_visit visit, void *context)
{
	return list_revoked(store, STATEMENT_CERTIFICATE_REVOKED, label, previous_crl_s,
			    &(struct visitor){visit, context});
}

int store_revoked_list_all(struct store *store, const char *label, int64_t previous_crl_s,
			   store_certificate_visit visit, void *context)
{
	return list_revoked(store, STATEMENT_CERTIFICATE_REVOKED_ALL, label, previous_crl_s,
			    &(struct visitor){visit, context});
}

static int ask_compromised(struct connection *connection, const char *label, struct span key,
			   bool *ret)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_CERTIFICATE_KEY_COMPROMISED);
	int r;

	statement_bind_text(&s, label);
	statement_bind_bytes(&s, key);
	r = statement_step(&s);
	if (r < 0)
		return r;
	*ret = statement_take_boolean(&s);
	return statement_error(&s);
}

/* Of those whose bytes differ, whether one is another name. */
static int ask_shared(struct connection *connection, const char *label,
		      const struct store_key_question *question, bool *ret)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_CERTIFICATE_KEY_SUBJECTS);
	int r;

	*ret = false;
	statement_bind_text(&s, label);
	statement_bind_bytes(&s, question->key_sha256);
	statement_bind_bytes(&s, question->subject);
	statement_bind_number(&s, question->now_s);
	do {
		r = statement_step(&s);
		if (r == STATEMENT_ROW)
			*ret = !question->same_name(statement_take_span(&s), question->subject);
	} while (r == STATEMENT_ROW && !*ret);
	return r < 0 ? r : statement_error(&s);
}

int store_key_history(struct store *store, const char *label,
		      const struct store_key_question *question, struct store_key_history *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	int r;

	r = loan_take(store, &loan);
	if (r >= 0)
		r = ask_compromised(loan.connection, label, question->key_sha256,
				    &ret->compromised);
	if (r >= 0)
		r = ask_shared(loan.connection, label, question, &ret->certified_for_another);
	return r;
}

int certificate_apply(struct application *a)
{
	_cleanup_(statement_done) struct statement s = {};
	const struct ca_certificate_record *record = a->change->certificate;
	int r;

	if (!record)
		return 0;
	assert(a->server_id);
	if (!a->change->generation && !a->change->renewed_generation)
		a->generation_id = record->generation_id;
	if (!a->change->request)
		a->request_id = record->request_id;
	s = statement_begin(a->connection, STATEMENT_CERTIFICATE_INSERT);
	statement_bind_number(&s, a->server_id);
	statement_bind_count(&s, record->counter);
	statement_bind_bytes(&s, span_of(record->serial));
	statement_bind_number(&s, a->generation_id);
	statement_bind_optional(&s, a->request_id);
	statement_bind_number(&s, record->class);
	statement_bind_bytes(&s, span_of(record->subject));
	statement_bind_bytes(&s, SPAN_ARRAY(record->key_sha256));
	statement_bind_number(&s, record->not_before_s);
	statement_bind_number(&s, record->not_after_s);
	statement_bind_bytes(&s, span_of(record->certificate));
	r = statement_run(&s);
	if (r < 0)
		return r;
	a->certificate_id = statement_inserted_id(&s);
	return statement_changes(&s) ? 0 : STORE_CHANGED;
}
