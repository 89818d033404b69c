/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/writer.h"
#include "daemon/base/log.h"
#include "daemon/store/audit.h"
#include "daemon/store/checkpoint.h"
#include "daemon/store/statement.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A change that waits; on its caller's stack. */
struct job {
	writer_apply apply;
	void *argument;
	int result;
	bool done;
	pthread_cond_t woken;
	struct job *next;
};

struct writer {
	struct connection *connection;
	struct checkpoint *checkpoint;
	unsigned log_pages;   /* of the write-ahead log, as of the newest commit */
	pthread_mutex_t lock; /* of all below */
	struct job *first, **end;
	bool stopping, leading;
	uint8_t audit_head[SHA256_SIZE];
	void (*on_audit)(void *context);
	void *on_audit_context;
	int trouble;
};

static int run(struct writer *writer, enum statement_name name)
{
	_cleanup_(statement_done) struct statement s = statement_begin(writer->connection, name);

	return statement_run(&s);
}

/* Some errors (a full disk among them) make SQLite roll the whole transaction back by itself. */
static bool is_in_transaction(const struct writer *writer)
{
	return !sqlite3_get_autocommit(writer->connection->db);
}

/* Fails only where the group is lost. */
static int apply_one(struct writer *writer, struct job *job)
{
	int r;

	r = run(writer, STATEMENT_SAVEPOINT);
	if (r < 0)
		return r;
	job->result = job->apply(writer->connection, job->argument);
	if (!is_in_transaction(writer))
		return job->result < 0 ? job->result : -EIO;
	if (job->result)
		r = run(writer, STATEMENT_SAVEPOINT_ROLLBACK);
	return r < 0 ? r : run(writer, STATEMENT_SAVEPOINT_RELEASE);
}

/* Whether the file still stands under its name: what is written into one that was removed or
 * replaced, as a careless restore does, is gone with this process. */
static int check_place(struct writer *writer)
{
	int moved = 0;
	int rc = sqlite3_file_control(writer->connection->db, "main", SQLITE_FCNTL_HAS_MOVED,
				      &moved);

	return rc == SQLITE_OK && moved ? -ESTALE : 0;
}

static int apply_all(struct writer *writer, struct job *jobs, uint8_t head[static SHA256_SIZE])
{
	int r;

	r = run(writer, STATEMENT_BEGIN);
	for (struct job *job = jobs; job && r >= 0; job = job->next)
		r = apply_one(writer, job);
	if (r >= 0)
		r = audit_head_load(writer->connection, head);
	if (r >= 0)
		r = check_place(writer);
	if (r >= 0)
		r = run(writer, STATEMENT_COMMIT);
	if (r < 0 && is_in_transaction(writer) && run(writer, STATEMENT_ROLLBACK) < 0)
		log_error(LOG_PLAIN, "database: a failed transaction can't be rolled back");
	return r;
}

/* Of the disk, the file or the lock; other faults are a change's own. */
static bool is_of_storage(int error)
{
	static const int errors[] = {ENOSPC, EROFS, EIO, EUCLEAN, EBUSY, EACCES, ESTALE};

	for (size_t i = 0; i < ELEMENTS(errors); i++)
		if (error == -errors[i])
			return true;
	return false;
}

/* What a group tells of the disk: its trouble, 0 where something was written; @before where nothing
 * was to be. */
static int trouble_of(const struct job *jobs, int before)
{
	for (; jobs; jobs = jobs->next) {
		if (is_of_storage(jobs->result))
			return jobs->result;
		if (!jobs->result)
			before = 0;
	}
	return before;
}

/* Under the lock. */
static void set_trouble(struct writer *writer, int trouble)
{
	if (trouble && trouble != writer->trouble)
		log_error(LOG_FIELDS(log_number("ERRNO", -trouble)),
			  "the database can't be written: %s", strerrordesc_np(-trouble));
	else if (!trouble && writer->trouble)
		log_notice(LOG_PLAIN, "the database can be written again");
	writer->trouble = trouble;
}

static void write_group(struct writer *writer, struct job *jobs)
{
	uint8_t head[SHA256_SIZE];
	int r = apply_all(writer, jobs, head);
	bool audited;

	/* What was decided beside a change that is lost now was decided on nothing. */
	for (struct job *job = jobs; job && r < 0; job = job->next)
		job->result = r;
	pthread_mutex_lock(&writer->lock);
	audited = r >= 0 && memcmp(writer->audit_head, head, sizeof(head)) != 0;
	if (audited)
		memcpy(writer->audit_head, head, sizeof(head));
	set_trouble(writer, trouble_of(jobs, writer->trouble));
	pthread_mutex_unlock(&writer->lock);
	if (audited && writer->on_audit)
		writer->on_audit(writer->on_audit_context);
}

static void wake_all(struct job *jobs)
{
	while (jobs) {
		struct job *job = jobs;

		jobs = job->next; /* it is gone once its caller runs */
		job->done = true;
		pthread_cond_signal(&job->woken);
	}
}

static struct job *take_all(struct writer *writer)
{
	struct job *jobs = writer->first;

	writer->first = NULL;
	writer->end = &writer->first;
	return jobs;
}

/*
 * Writes all that waits, on the thread of one of those who wait: no other has to be woken first,
 * and what comes meanwhile is the next group. Called under the lock.
 */
static void lead(struct writer *writer)
{
	struct job *jobs = take_all(writer);

	writer->leading = true;
	pthread_mutex_unlock(&writer->lock);
	write_group(writer, jobs);
	pthread_mutex_lock(&writer->lock);
	wake_all(jobs);
	pthread_mutex_unlock(&writer->lock);
	checkpoint_note(writer->checkpoint, writer->log_pages);
	pthread_mutex_lock(&writer->lock);
	writer->leading = false;
	if (writer->first)
		pthread_cond_signal(&writer->first->woken);
}

static int note_log_pages(void *context, sqlite3 *db, const char *name, int pages)
{
	struct writer *writer = context;

	(void)db;
	(void)name;
	writer->log_pages = (unsigned)pages;
	return SQLITE_OK;
}

static void writer_free(struct writer *writer)
{
	checkpoint_stop(writer->checkpoint);
	pthread_mutex_destroy(&writer->lock);
	connection_free(writer->connection);
	free(writer);
}

int writer_start(struct connection *connection, const char *path, struct writer **ret)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	int r;

	if (!writer) {
		connection_free(connection);
		return -ENOMEM;
	}
	writer->connection = connection;
	writer->end = &writer->first;
	pthread_mutex_init(&writer->lock, NULL);
	sqlite3_wal_hook(connection->db, note_log_pages, writer);
	r = audit_head_load(connection, writer->audit_head);
	if (r >= 0)
		r = checkpoint_start(path, &writer->checkpoint);
	if (r < 0) {
		writer_free(writer);
		return r;
	}
	*ret = writer;
	return 0;
}

struct writer *writer_stop(struct writer *writer)
{
	if (!writer)
		return NULL;
	pthread_mutex_lock(&writer->lock);
	writer->stopping = true;
	pthread_mutex_unlock(&writer->lock);
	writer_free(writer);
	return NULL;
}

int writer_do(struct writer *writer, writer_apply apply, void *argument)
{
	struct job job = {.apply = apply, .argument = argument};

	pthread_cond_init(&job.woken, NULL);
	pthread_mutex_lock(&writer->lock);
	assert(!writer->stopping);
	*writer->end = &job;
	writer->end = &job.next;
	while (!job.done) {
		if (writer->leading)
			pthread_cond_wait(&job.woken, &writer->lock);
		else
			lead(writer);
	}
	pthread_mutex_unlock(&writer->lock);
	pthread_cond_destroy(&job.woken);
	return job.result;
}

void writer_audit_head(struct writer *writer, uint8_t ret[static SHA256_SIZE])
{
	pthread_mutex_lock(&writer->lock);
	memcpy(ret, writer->audit_head, SHA256_SIZE);
	pthread_mutex_unlock(&writer->lock);
}

void writer_on_audit(struct writer *writer, void (*function)(void *context), void *context)
{
	writer->on_audit = function;
	writer->on_audit_context = context;
}

int writer_trouble(struct writer *writer)
{
	int trouble;

	pthread_mutex_lock(&writer->lock);
	trouble = writer->trouble;
	pthread_mutex_unlock(&writer->lock);
	return trouble;
}
