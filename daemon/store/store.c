/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/files.h"
#include "daemon/store/internal.h"
#include "daemon/store/migration.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSWORD_KEY_SIZE 32

int loan_take(struct store *store, struct loan *ret)
{
	ret->store = store;
	return pool_borrow(&store->readers, &ret->connection);
}

void loan_done(struct loan *loan)
{
	if (loan->connection)
		pool_give_back(&loan->store->readers, TAKE_PTR(loan->connection));
}

/* Makes the name of a new file in @path's folder durable. */
static int sync_folder_of(const char *path)
{
	_cleanup_(freep) char *folder = NULL;
	const char *slash = strrchr(path, '/');
	int r;

	if (!slash)
		return directory_sync(".");
	r = text_format(&folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	return r < 0 ? r : directory_sync(folder);
}

/* Nobody else reads CSRs and the passwords' key. SQLite gives its log the mode of the database. */
static int make_private(const char *path)
{
	_cleanup_(closep) int fd =
		open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return chmod(path, 0600) < 0 ? -errno : 0;
	return fd < 0 ? -errno : sync_folder_of(path);
}

static int make_password_key(struct connection *connection)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_ORIGIN_INSERT);
	uint8_t key[PASSWORD_KEY_SIZE];
	int r;

	random_fill(key, sizeof(key));
	statement_bind_bytes(&s, SPAN_ARRAY(key));
	r = statement_run(&s);
	wipe(key, sizeof(key));
	return r;
}

static int load_password_key(struct connection *connection, struct secret *ret)
{
	_cleanup_(statement_done) struct statement s =
		statement_begin(connection, STATEMENT_ORIGIN_LOAD);
	int r;

	r = statement_step(&s);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	return secret_copy(statement_take_span(&s), ret);
}

/* What is needed before anybody reads or writes: the schema, and the key made at birth. */
static int prepare(struct store *store, struct connection *connection)
{
	int r;

	r = migration_run(connection->db, &migrations_of_store);
	if (r >= 0)
		r = make_password_key(connection);
	if (r >= 0)
		r = load_password_key(connection, &store->password_key);
	return r;
}

int store_open(const char *path, struct store **ret)
{
	_cleanup_(store_closep) struct store *store = calloc(1, sizeof(*store));
	_cleanup_(connection_freep) struct connection *connection = NULL;
	int r;

	if (!store)
		return -ENOMEM;
	r = pool_init(&store->readers, path);
	if (r >= 0)
		r = make_private(path);
	if (r >= 0)
		r = connection_open(path, CONNECTION_WRITES, &connection);
	if (r >= 0)
		r = prepare(store, connection);
	if (r >= 0)
		r = writer_start(TAKE_PTR(connection), path, &store->writer);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(store);
	return 0;
}

struct store *store_close(struct store *store)
{
	if (!store)
		return NULL;
	pool_done(&store->readers);
	writer_stop(store->writer);
	secret_done(&store->password_key);
	free(store);
	return NULL;
}

void store_closep(struct store **store)
{
	*store = store_close(*store);
}

struct span store_password_key(struct store *store)
{
	return span_of_secret(store->password_key);
}

void store_audit_head(struct store *store, uint8_t ret[static SHA256_SIZE])
{
	writer_audit_head(store->writer, ret);
}

void store_on_audit(struct store *store, void (*function)(void *context), void *context)
{
	writer_on_audit(store->writer, function, context);
}

static int probe(struct connection *connection, void *argument)
{
	_cleanup_(statement_done) struct statement s = statement_begin(connection, STATEMENT_PROBE);

	(void)argument;
	return statement_run(&s);
}

int store_probe(struct store *store)
{
	return writer_do(store->writer, probe, NULL);
}

bool store_is_writable(struct store *store, const char **ret_reason)
{
	static const struct {
		int error;
		const char *reason;
	} rows[] = {
		{ENOSPC, "the file system of the database is full"},
		{EROFS, "the file system of the database is read-only"},
		{EIO, "the database can't be written: input/output error"},
		{EUCLEAN, "the database is damaged"},
		{EBUSY, "the database is locked by another program"},
		{ENOMEM, "the database can't be written: out of memory"},
		{ESTALE, "the database's file was removed or replaced: put it back, or restart "
			 "clavigerd to go on with what stands there now"},
	};
	int trouble = writer_trouble(store->writer);

	*ret_reason = trouble ? "the database can't be written" : "";
	for (size_t i = 0; i < ELEMENTS(rows) && trouble; i++)
		if (trouble == -rows[i].error)
			*ret_reason = rows[i].reason;
	return !trouble;
}
