/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/audit.h"
#include "daemon/store/internal.h"
#include <string.h>

static void append_number(struct buffer *out, uint64_t value, unsigned n_bytes)
{
	while (n_bytes--)
		buffer_append_byte(out, (uint8_t)(value >> (8 * n_bytes)));
}

static void append_text(struct buffer *out, const char *text)
{
	struct span span = span_of_text(text);

	append_number(out, span.size, 4);
	buffer_append(out, span);
}

int audit_hash(const struct store_audit_record *record, uint8_t ret[static SHA256_SIZE])
{
	_cleanup_(buffer_done) struct buffer out = {};

	buffer_append_text(&out, "claviger audit 1");
	buffer_append(&out, SPAN_ARRAY(record->previous));
	append_number(&out, (uint64_t)record->time_s, 8);
	append_text(&out, record->server);
	append_text(&out, record->type);
	append_text(&out, record->actor);
	append_text(&out, record->details);
	if (out.error)
		return out.error;
	sha256(span_of_buffer(&out), ret);
	return 0;
}

int audit_head_load(struct connection *connection, uint8_t ret[static SHA256_SIZE])
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_AUDIT_HEAD);
	int r;

	memset(ret, 0, SHA256_SIZE);
	r = statement_step(&s);
	if (r <= 0)
		return r;
	statement_take_digest(&s, ret);
	return statement_error(&s);
}

static int insert(struct application *a, const struct store_audit_record *record)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(a->connection, STATEMENT_AUDIT_INSERT);

	statement_bind_number(&s, record->time_s);
	statement_bind_text(&s, record->server);
	statement_bind_text(&s, record->type);
	statement_bind_text(&s, record->actor);
	statement_bind_text(&s, record->details);
	statement_bind_bytes(&s, SPAN_ARRAY(record->previous));
	statement_bind_bytes(&s, SPAN_ARRAY(record->hash));
	return statement_run(&s);
}

int audit_apply(struct application *a)
{
	const struct store_change *change = a->change;
	struct store_audit_record record = {
		.time_s = change->now_s,
		.server = change->create_server ? change->create_server : change->server,
	};
	int r = 0;

	if (change->n_audit)
		r = audit_head_load(a->connection, record.previous);
	for (size_t i = 0; i < change->n_audit && r >= 0; i++) {
		record.type = change->audit[i].type;
		record.actor = change->audit[i].actor;
		record.details = change->audit[i].details;
		r = audit_hash(&record, record.hash);
		if (r >= 0)
			r = insert(a, &record);
		memcpy(record.previous, record.hash, SHA256_SIZE);
	}
	return r;
}

/* What stands behind a NUL is in no hash, and an absent text has the hash of an empty one. */
static const char *take_text(struct statement *s, bool *foreign)
{
	const char *text = statement_take_text0(s);

	*foreign |= !statement_took_whole_text(s);
	return text;
}

static void take_record(struct statement *s, struct store_audit_record *ret)
{
	ret->seq = statement_take_number(s);
	ret->time_s = statement_take_number(s);
	ret->server = take_text(s, &ret->foreign);
	ret->type = take_text(s, &ret->foreign);
	ret->actor = take_text(s, &ret->foreign);
	ret->details = take_text(s, &ret->foreign);
	ret->foreign |= ret->server && !*ret->server;
	statement_take_digest(s, ret->previous);
	statement_take_digest(s, ret->hash);
}

/* Hands on each row of @s, which is bound. */
static int visit_rows(struct statement *s, store_audit_visit visit, void *context)
{
	int r;

	while ((r = statement_step(s)) == STATEMENT_ROW) {
		struct store_audit_record record = {};

		take_record(s, &record);
		r = statement_error(s);
		if (!r)
			r = visit(context, &record);
		if (r)
			break;
	}
	return r < 0 ? r : 0;
}

int store_audit_list(struct store *store, int64_t after_seq, unsigned limit,
		     store_audit_visit visit, void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_AUDIT_LIST);
	statement_bind_number(&s, after_seq);
	statement_bind_number(&s, limit ? (int64_t)limit : -1);
	return visit_rows(&s, visit, context);
}

int store_audit_find(struct store *store, const struct store_audit_filter *filter,
		     store_audit_visit visit, void *context)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, filter->newest_first ? STATEMENT_AUDIT_FIND_NEWEST
								  : STATEMENT_AUDIT_FIND);
	statement_bind_number(&s, filter->after_seq);
	statement_bind_number(&s, filter->limit ? (int64_t)filter->limit : -1);
	statement_bind_text(&s, filter->server);
	statement_bind_text(&s, filter->type);
	return visit_rows(&s, visit, context);
}

int store_audit_newest(struct store *store, struct store_audit_newest *ret)
{
	_cleanup_(loan_done) struct loan loan = {};
	_cleanup_(statement_done) struct statement s = {};
	int r;

	*ret = (struct store_audit_newest){};
	r = loan_take(store, &loan);
	if (r < 0)
		return r;
	s = statement_begin(loan.connection, STATEMENT_AUDIT_NEWEST);
	r = statement_step(&s);
	if (r <= 0)
		return r;
	ret->seq = statement_take_number(&s);
	ret->time_s = statement_take_number(&s);
	statement_take_digest(&s, ret->hash);
	return statement_error(&s);
}

struct walk {
	struct store_audit_report report;
	uint8_t head[SHA256_SIZE]; /* of the last good record */
	store_audit_visit visit;
	void *context;
};

/* What is wrong with the record that should be the next one; NULL: nothing. @hash: computed. */
static const char *find_fault(const struct walk *walk, const struct store_audit_record *record,
			      const uint8_t hash[static SHA256_SIZE])
{
	if (record->seq > walk->report.good + 1)
		return "is missing";
	if (record->seq <= walk->report.good)
		return "has a number that is none";
	if (!span_equal(SPAN_ARRAY(record->previous), SPAN_ARRAY(walk->head)))
		return "does not follow the one before it: one of the two was changed, moved or "
		       "put in";
	if (record->foreign || !span_equal(SPAN_ARRAY(record->hash), SPAN(hash, SHA256_SIZE)))
		return "was changed: its hash is not that of what stands there";
	return NULL;
}

static int check_link(void *context, const struct store_audit_record *record)
{
	struct walk *walk = context;
	struct store_audit_report *report = &walk->report;
	uint8_t hash[SHA256_SIZE];
	int r;

	r = audit_hash(record, hash);
	if (r < 0)
		return r;
	report->fault = find_fault(walk, record, hash);
	if (report->fault) {
		report->bad = report->good + 1;
		return 1;
	}
	report->good = record->seq;
	memcpy(walk->head, hash, sizeof(hash));
	return walk->visit ? walk->visit(walk->context, record) : 0;
}

int store_audit_verify(struct store *store, store_audit_visit visit, void *context,
		       struct store_audit_report *ret)
{
	struct walk walk = {.visit = visit, .context = context};
	int r;

	r = store_audit_list(store, 0, 0, check_link, &walk);
	if (r < 0)
		return r;
	*ret = walk.report;
	return walk.report.fault ? STORE_CHANGED : 0;
}
