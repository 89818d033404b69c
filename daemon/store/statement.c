/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/statement.h"
#include <stdlib.h>
#include <string.h>

static const char *const texts[] = {
#define STATEMENT(name, sql) [STATEMENT_##name] = (sql),
#include "daemon/store/statements.def"
#undef STATEMENT
};

struct statement statement_begin(struct connection *connection, enum statement_name name)
{
	struct statement s = {.connection = connection};
	sqlite3_stmt **cached = &connection->statements[name];
	int rc;

	if (!*cached) {
		rc = sqlite3_prepare_v3(connection->db, texts[name], -1, SQLITE_PREPARE_PERSISTENT,
					cached, NULL);
		if (rc != SQLITE_OK)
			s.error = connection_errno(connection->db, rc);
	}
	s.stmt = *cached;
	return s;
}

void statement_done(struct statement *s)
{
	if (!s->stmt)
		return;
	sqlite3_reset(s->stmt);
	sqlite3_clear_bindings(s->stmt);
	s->stmt = NULL;
}

static void note(struct statement *s, int rc)
{
	if (rc != SQLITE_OK && !s->error)
		s->error = connection_errno(s->connection->db, rc);
}

void statement_bind_number(struct statement *s, int64_t value)
{
	if (!s->error)
		note(s, sqlite3_bind_int64(s->stmt, ++s->n_bound, value));
}

void statement_bind_count(struct statement *s, uint64_t value)
{
	if (value > INT64_MAX && !s->error)
		s->error = -EOVERFLOW;
	statement_bind_number(s, (int64_t)value);
}

void statement_bind_optional(struct statement *s, int64_t value)
{
	if (value)
		statement_bind_number(s, value);
	else if (!s->error)
		note(s, sqlite3_bind_null(s->stmt, ++s->n_bound));
}

void statement_bind_bytes(struct statement *s, struct span value)
{
	/* No pointer would be NULL to SQLite, not an empty value. */
	const void *data = value.size ? (const void *)value.data : "";

	if (!s->error)
		note(s,
		     sqlite3_bind_blob64(s->stmt, ++s->n_bound, data, value.size, SQLITE_STATIC));
}

void statement_bind_text(struct statement *s, const char *value)
{
	if (!s->error)
		note(s, sqlite3_bind_text(s->stmt, ++s->n_bound, value, -1, SQLITE_STATIC));
}

int statement_step(struct statement *s)
{
	int rc;

	if (s->error)
		return s->error;
	assert(s->n_bound == sqlite3_bind_parameter_count(s->stmt));
	s->n_taken = 0;
	rc = sqlite3_step(s->stmt);
	if (rc == SQLITE_ROW)
		return STATEMENT_ROW;
	if (rc != SQLITE_DONE)
		note(s, rc);
	return s->error;
}

int statement_run(struct statement *s)
{
	int r = statement_step(s);

	assert(r <= 0);
	return r;
}

unsigned statement_changes(const struct statement *s)
{
	return (unsigned)sqlite3_changes(s->connection->db);
}

int64_t statement_inserted_id(const struct statement *s)
{
	return sqlite3_last_insert_rowid(s->connection->db);
}

int64_t statement_take_number(struct statement *s)
{
	return sqlite3_column_int64(s->stmt, s->n_taken++);
}

bool statement_take_boolean(struct statement *s)
{
	return statement_take_number(s) != 0;
}

struct span statement_take_span(struct statement *s)
{
	int column = s->n_taken++;
	const void *data = sqlite3_column_blob(s->stmt, column);

	return SPAN(data, (size_t)sqlite3_column_bytes(s->stmt, column));
}

const char *statement_take_text0(struct statement *s)
{
	return (const char *)sqlite3_column_text(s->stmt, s->n_taken++);
}

bool statement_took_whole_text(const struct statement *s)
{
	int column = s->n_taken - 1;
	const char *text = (const char *)sqlite3_column_text(s->stmt, column);

	return !text || strlen(text) == (size_t)sqlite3_column_bytes(s->stmt, column);
}

void statement_take_bytes(struct statement *s, struct bytes *ret)
{
	int r = bytes_copy(statement_take_span(s), ret);

	if (r < 0 && !s->error)
		s->error = r;
}

void statement_take_text(struct statement *s, char **ret)
{
	const char *text = statement_take_text0(s);

	*ret = text ? strdup(text) : NULL;
	if (text && !*ret && !s->error)
		s->error = -ENOMEM;
}

void statement_take_digest(struct statement *s, uint8_t ret[static SHA256_SIZE])
{
	struct span digest = statement_take_span(s);

	if (digest.size == SHA256_SIZE)
		memcpy(ret, digest.data, SHA256_SIZE);
	else if (!s->error)
		s->error = -EUCLEAN;
}

int statement_error(const struct statement *s)
{
	return s->error;
}
