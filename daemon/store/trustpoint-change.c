/* SPDX-License-Identifier: Apache-2.0 */
/* What a change does to a trustpoint, step by step. */
#include "daemon/store/internal.h"
#include "daemon/store/trustpoint.h"

/* Runs a statement of the trustpoint's own. */
static int run_own(struct application *a, enum statement_name name)
{
	_cleanup_(statement_done) struct statement s = statement_begin(a->connection, name);

	statement_bind_number(&s, a->trustpoint_id);
	return statement_run(&s);
}

static int insert_trustpoint(struct application *a)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_TRUSTPOINT_INSERT);
	int r;

	statement_bind_text(&s, a->change->trustpoint->name);
	statement_bind_number(&s, a->change->now_s);
	r = statement_run(&s);
	if (r >= 0)
		a->trustpoint_id = statement_inserted_id(&s);
	return r;
}

/* Finds the trustpoint, as it was when the change was decided on, or makes it. */
static int find_or_insert(struct application *a)
{
	const struct store_trustpoint_change *change = a->change->trustpoint;
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_TRUSTPOINT_FIND);
	uint64_t revision;
	int r;

	statement_bind_text(&s, change->name);
	r = statement_step(&s);
	if (r < 0)
		return r;
	if (!r && change->expected_revision)
		return STORE_CHANGED;
	if (!r)
		return change->clear ? 0 : insert_trustpoint(a);
	a->trustpoint_id = statement_take_number(&s);
	revision = (uint64_t)statement_take_number(&s);
	if (revision != change->expected_revision)
		return STORE_CHANGED;
	return run_own(a, STATEMENT_TRUSTPOINT_COUNT);
}

static int update_record(struct application *a)
{
	const struct ca_trustpoint_record *record = a->change->trustpoint->record;
	_cleanup_(statement_done) struct statement s = {};

	if (!record)
		return 0;
	s = statement_begin(a->connection, STATEMENT_TRUSTPOINT_UPDATE);
	statement_bind_number(&s, a->trustpoint_id);
	statement_bind_number(&s, record->capabilities);
	statement_bind_optional(&s, record->capabilities_s);
	statement_bind_number(&s, record->halt);
	statement_bind_optional(&s, record->halted_s);
	statement_bind_text(&s, record->halt_reason);
	statement_bind_number(&s, record->failures);
	statement_bind_optional(&s, record->failed_s);
	statement_bind_text(&s, record->failure);
	statement_bind_number(&s, record->next_ca_misses);
	statement_bind_optional(&s, record->next_ca_missed_s);
	statement_bind_bytes(&s, SPAN_ARRAY(record->exported_sha256));
	statement_bind_number(&s, record->reload_due);
	return statement_run(&s);
}

static int drop(struct application *a, enum statement_name name, int64_t id)
{
	_cleanup_(statement_done) struct statement s = {};
	int r;

	if (!id)
		return 0;
	s = statement_begin(a->connection, name);
	statement_bind_number(&s, a->trustpoint_id);
	statement_bind_number(&s, id);
	r = statement_run(&s);
	return r < 0 || statement_changes(&s) ? r : STORE_CHANGED;
}

/* What hangs on another goes first: that one would take it along. */
static int drop_all(struct application *a)
{
	const struct store_trustpoint_change *change = a->change->trustpoint;
	int r = drop(a, STATEMENT_TRUSTPOINT_ENROLLMENT_DROP, change->drop_enrollment);

	if (!r)
		r = drop(a, STATEMENT_TRUSTPOINT_IDENTITY_DROP, change->drop_identity);
	return r ? r : drop(a, STATEMENT_TRUSTPOINT_ANCHOR_DROP, change->drop_anchor);
}

int trustpoint_apply(struct application *a)
{
	const struct store_trustpoint_change *change = a->change->trustpoint;
	int r;

	if (!change)
		return 0;
	assert(!change->clear ||
	       (!change->record && !change->anchor && !change->identity && !change->enrollment));
	r = find_or_insert(a);
	if (r)
		return r;
	if (change->clear)
		return run_own(a, STATEMENT_TRUSTPOINT_DELETE);
	r = drop_all(a);
	return r ? r : update_record(a);
}

/* A record's statement: inserts where @id is 0, else replaces. All but the id is bound after it. */
struct replacement {
	enum statement_name insert, update;
	int64_t id;
	int64_t *ret_id;
};

static struct statement replacement_begin(struct application *a, const struct replacement *this)
{
	struct statement s = statement_begin(a->connection, this->id ? this->update : this->insert);

	statement_bind_number(&s, a->trustpoint_id);
	return s;
}

static int replacement_run(struct statement *s, const struct replacement *this)
{
	int r;

	if (this->id)
		statement_bind_number(s, this->id);
	r = statement_run(s);
	if (r < 0)
		return r;
	*this->ret_id = this->id ? this->id : statement_inserted_id(s);
	return statement_changes(s) ? 0 : STORE_CHANGED;
}

int trustpoint_anchor_apply(struct application *a)
{
	const struct ca_anchor_record *record =
		a->change->trustpoint ? a->change->trustpoint->anchor : NULL;
	_cleanup_(statement_done) struct statement s = {};

	if (!record)
		return 0;
	const struct replacement this = {STATEMENT_TRUSTPOINT_ANCHOR_INSERT,
					 STATEMENT_TRUSTPOINT_ANCHOR_UPDATE, record->id,
					 &a->anchor_id};
	s = replacement_begin(a, &this);
	statement_bind_bytes(&s, span_of(record->certificate));
	statement_bind_bytes(&s, span_of(record->others));
	statement_bind_number(&s, record->not_before_s);
	statement_bind_number(&s, record->not_after_s);
	statement_bind_number(&s, record->accepted_s);
	statement_bind_number(&s, record->takes_over_s);
	statement_bind_optional(&s, record->changed_over_s);
	return replacement_run(&s, &this);
}

static void bind_key(struct statement *s, const struct ca_key_place *key)
{
	statement_bind_text(s, key->token);
	statement_bind_text(s, key->token_serial);
	statement_bind_text(s, key->label);
	statement_bind_bytes(s, span_of(key->spki));
	statement_bind_bytes(s, SPAN_ARRAY(key->key_sha256));
}

/* 0 names the one that came with the same change. */
static int64_t anchor_of(const struct application *a, int64_t id)
{
	return id ? id : a->anchor_id;
}

int trustpoint_identity_apply(struct application *a)
{
	const struct ca_identity_record *record =
		a->change->trustpoint ? a->change->trustpoint->identity : NULL;
	_cleanup_(statement_done) struct statement s = {};

	if (!record)
		return 0;
	const struct replacement this = {STATEMENT_TRUSTPOINT_IDENTITY_INSERT,
					 STATEMENT_TRUSTPOINT_IDENTITY_UPDATE, record->id,
					 &a->identity_id};
	s = replacement_begin(a, &this);
	statement_bind_number(&s, anchor_of(a, record->anchor_id));
	statement_bind_number(&s, record->usage);
	bind_key(&s, &record->key);
	statement_bind_bytes(&s, span_of(record->certificate));
	statement_bind_number(&s, record->not_before_s);
	statement_bind_number(&s, record->not_after_s);
	statement_bind_number(&s, record->takes_over_s);
	statement_bind_optional(&s, record->changed_over_s);
	statement_bind_optional(&s, record->relabelled_s);
	statement_bind_optional(&s, record->key_destroyed_s);
	statement_bind_number(&s, record->by_hand);
	statement_bind_number(&s, record->jitter);
	return replacement_run(&s, &this);
}

static void bind_enrollment(struct statement *s, const struct ca_enrollment_record *record)
{
	statement_bind_number(s, record->usage);
	statement_bind_number(s, record->kind);
	statement_bind_number(s, record->state);
	bind_key(s, &record->key);
	statement_bind_number(s, record->key_is_new);
	statement_bind_optional(s, record->signer_id);
	statement_bind_bytes(s, span_of(record->signer));
	statement_bind_bytes(s, span_of(record->message));
	statement_bind_bytes(s, span_of(record->transaction_id));
	statement_bind_bytes(s, span_of(record->sender_nonce));
	statement_bind_bytes(s, span_of(record->subject));
	statement_bind_bytes(s, SPAN_ARRAY(record->request_md5));
	statement_bind_bytes(s, SPAN_ARRAY(record->request_sha1));
	statement_bind_bytes(s, SPAN_ARRAY(record->request_sha256));
	statement_bind_number(s, record->created_s);
	statement_bind_number(s, record->tries);
	statement_bind_optional(s, record->tried_s);
	statement_bind_text(s, record->told);
}

int trustpoint_enrollment_apply(struct application *a)
{
	const struct ca_enrollment_record *record =
		a->change->trustpoint ? a->change->trustpoint->enrollment : NULL;
	_cleanup_(statement_done) struct statement s = {};

	if (!record)
		return 0;
	const struct replacement this = {STATEMENT_TRUSTPOINT_ENROLLMENT_INSERT,
					 STATEMENT_TRUSTPOINT_ENROLLMENT_UPDATE, record->id,
					 &a->enrollment_id};
	s = replacement_begin(a, &this);
	statement_bind_number(&s, anchor_of(a, record->anchor_id));
	bind_enrollment(&s, record);
	return replacement_run(&s, &this);
}

void trustpoint_fill_in(const struct application *a, struct store_trustpoint_change *change)
{
	if (change->anchor)
		change->anchor->id = a->anchor_id;
	if (change->identity) {
		change->identity->id = a->identity_id;
		change->identity->anchor_id = anchor_of(a, change->identity->anchor_id);
	}
	if (change->enrollment) {
		change->enrollment->id = a->enrollment_id;
		change->enrollment->anchor_id = anchor_of(a, change->enrollment->anchor_id);
	}
}
