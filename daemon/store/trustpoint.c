/* SPDX-License-Identifier: Apache-2.0 */
/* Trustpoints, read as a whole. */
#include "daemon/store/trustpoint.h"
#include "daemon/store/internal.h"
#include <stdlib.h>
#include <string.h>

static void take_record(struct statement *s, struct ca_trustpoint_record *ret)
{
	ret->id = statement_take_number(s);
	statement_take_text(s, &ret->name);
	ret->revision = (uint64_t)statement_take_number(s);
	ret->created_s = statement_take_number(s);
	ret->capabilities = (unsigned)statement_take_number(s);
	ret->capabilities_s = statement_take_number(s);
	ret->halt = (enum ca_trustpoint_halt)statement_take_number(s);
	ret->halted_s = statement_take_number(s);
	statement_take_text(s, &ret->halt_reason);
	ret->failures = (unsigned)statement_take_number(s);
	ret->failed_s = statement_take_number(s);
	statement_take_text(s, &ret->failure);
	ret->next_ca_misses = (unsigned)statement_take_number(s);
	ret->next_ca_missed_s = statement_take_number(s);
	statement_take_digest(s, ret->exported_sha256);
	ret->reload_due = statement_take_boolean(s);
}

static void take_anchor(struct statement *s, void *item)
{
	struct ca_anchor_record *ret = item;

	ret->id = statement_take_number(s);
	statement_take_bytes(s, &ret->certificate);
	statement_take_bytes(s, &ret->others);
	ret->not_before_s = statement_take_number(s);
	ret->not_after_s = statement_take_number(s);
	ret->accepted_s = statement_take_number(s);
	ret->takes_over_s = statement_take_number(s);
	ret->changed_over_s = statement_take_number(s);
}

static void take_key(struct statement *s, struct ca_key_place *ret)
{
	statement_take_text(s, &ret->token);
	statement_take_text(s, &ret->token_serial);
	statement_take_text(s, &ret->label);
	statement_take_bytes(s, &ret->spki);
	statement_take_digest(s, ret->key_sha256);
}

static void take_identity(struct statement *s, void *item)
{
	struct ca_identity_record *ret = item;

	ret->id = statement_take_number(s);
	ret->anchor_id = statement_take_number(s);
	ret->usage = (int)statement_take_number(s);
	take_key(s, &ret->key);
	statement_take_bytes(s, &ret->certificate);
	ret->not_before_s = statement_take_number(s);
	ret->not_after_s = statement_take_number(s);
	ret->takes_over_s = statement_take_number(s);
	ret->changed_over_s = statement_take_number(s);
	ret->relabelled_s = statement_take_number(s);
	ret->key_destroyed_s = statement_take_number(s);
	ret->by_hand = statement_take_boolean(s);
	ret->jitter = (unsigned)statement_take_number(s);
}

/* Of a digest that the schema gives its length. */
static void take_exactly(struct statement *s, uint8_t *ret, size_t size)
{
	struct span value = statement_take_span(s);

	if (value.size == size)
		memcpy(ret, value.data, size);
	else if (!s->error)
		s->error = -EUCLEAN;
}

static void take_enrollment(struct statement *s, void *item)
{
	struct ca_enrollment_record *ret = item;

	ret->id = statement_take_number(s);
	ret->anchor_id = statement_take_number(s);
	ret->usage = (int)statement_take_number(s);
	ret->kind = (enum ca_enrollment_kind)statement_take_number(s);
	ret->state = (enum ca_enrollment_state)statement_take_number(s);
	take_key(s, &ret->key);
	ret->key_is_new = statement_take_boolean(s);
	ret->signer_id = statement_take_number(s);
	statement_take_bytes(s, &ret->signer);
	statement_take_bytes(s, &ret->message);
	statement_take_bytes(s, &ret->transaction_id);
	statement_take_bytes(s, &ret->sender_nonce);
	statement_take_bytes(s, &ret->subject);
	take_exactly(s, ret->request_md5, sizeof(ret->request_md5));
	take_exactly(s, ret->request_sha1, sizeof(ret->request_sha1));
	statement_take_digest(s, ret->request_sha256);
	ret->created_s = statement_take_number(s);
	ret->tries = (unsigned)statement_take_number(s);
	ret->tried_s = statement_take_number(s);
	statement_take_text(s, &ret->told);
}

/* One of the arrays of a state. */
struct list {
	enum statement_name statement;
	size_t size; /* of an item */
	void (*take)(struct statement *s, void *item);
	void **items;
	size_t *n;
};

static int add_row(const struct list *list, struct statement *s)
{
	char *items = reallocarray(*list->items, *list->n + 1, list->size);
	void *item;

	if (!items)
		return -ENOMEM;
	*list->items = items;
	item = memset(items + *list->n * list->size, 0, list->size);
	*list->n += 1; /* also of half a row: its owner frees it */
	list->take(s, item);
	return statement_error(s);
}

static int load_list(struct connection *connection, int64_t id, const struct list *list)
{
	_cleanup_(statement_done) struct statement s = statement_begin(connection, list->statement);
	int r;

	statement_bind_number(&s, id);
	while ((r = statement_step(&s)) == STATEMENT_ROW) {
		r = add_row(list, &s);
		if (r < 0)
			break;
	}
	return r;
}

static int load_record(struct connection *connection, const char *name,
		       struct ca_trustpoint_record *ret)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_TRUSTPOINT_LOAD);
	int r;

	statement_bind_text(&s, name);
	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : STORE_NOT_FOUND;
	take_record(&s, ret);
	return statement_error(&s);
}

static int load_all(struct connection *connection, const char *name,
		    struct ca_trustpoint_state *ret)
{
	const struct list lists[] = {
		{STATEMENT_TRUSTPOINT_ANCHOR_LIST, sizeof(*ret->anchors), take_anchor,
		 (void **)&ret->anchors, &ret->n_anchors},
		{STATEMENT_TRUSTPOINT_IDENTITY_LIST, sizeof(*ret->identities), take_identity,
		 (void **)&ret->identities, &ret->n_identities},
		{STATEMENT_TRUSTPOINT_ENROLLMENT_LIST, sizeof(*ret->enrollments), take_enrollment,
		 (void **)&ret->enrollments, &ret->n_enrollments},
	};
	int r = load_record(connection, name, &ret->record);

	for (size_t i = 0; i < ELEMENTS(lists) && !r; i++)
		r = load_list(connection, ret->record.id, &lists[i]);
	return r;
}

static int run(struct connection *connection, enum statement_name name)
{
	_cleanup_(statement_done) struct statement s = statement_begin(connection, name);

	return statement_run(&s);
}

/* All as of one moment: a certificate must not be missing here and its enrolment gone there. */
int store_trustpoint_load(struct store *store, const char *name, struct ca_trustpoint_state *ret)
{
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state state = {};
	_cleanup_(loan_done) struct loan loan = {};
	int end, r;

	r = loan_take(store, &loan);
	if (r >= 0)
		r = run(loan.connection, STATEMENT_READ_BEGIN);
	if (r < 0)
		return r;
	r = load_all(loan.connection, name, &state);
	end = run(loan.connection, STATEMENT_COMMIT);
	if (!r && end < 0)
		r = end;
	if (!r)
		*ret = TAKE_STRUCT(state);
	return r;
}

int store_trustpoint_key_users(struct store *store, const char *name, struct span key_sha256,
			       unsigned *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_TRUSTPOINT_KEY_USERS);
	statement_bind_text(&s, name);
	statement_bind_bytes(&s, key_sha256);
	r = statement_step(&s);
	if (r < 0)
		return r;
	assert(r == STATEMENT_ROW);
	*ret = (unsigned)statement_take_number(&s);
	return statement_error(&s);
}
