/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/checkpoint.h"
#include "daemon/base/log.h"
#include "daemon/store/connection.h"
#include "daemon/store/thread.h"
#include <stdlib.h>

#define WAKE_PAGES 1000	 /* 4 MiB: as SQLite does it by itself */
#define WAIT_PAGES 16000 /* 64 MiB: the thread does not keep up */

struct checkpoint {
	struct connection *connection;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned wanted, done; /* passes, counted; they wrap */
	bool stopping;
	unsigned wait_at_pages; /* the writer's own */
};

/* PASSIVE never waits for anyone; what it could not move, it moves the next time. */
static void pass(struct checkpoint *checkpoint)
{
	int rc = sqlite3_wal_checkpoint_v2(checkpoint->connection->db, NULL,
					   SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

	if (rc != SQLITE_OK)
		(void)connection_errno(checkpoint->connection->db, rc);
}

static void *body(void *argument)
{
	struct checkpoint *checkpoint = argument;

	pthread_mutex_lock(&checkpoint->lock);
	for (;;) {
		unsigned wanted;

		while (checkpoint->wanted == checkpoint->done && !checkpoint->stopping)
			pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
		if (checkpoint->wanted == checkpoint->done)
			break;
		wanted = checkpoint->wanted;
		pthread_mutex_unlock(&checkpoint->lock);
		pass(checkpoint);
		pthread_mutex_lock(&checkpoint->lock);
		checkpoint->done = wanted;
		pthread_cond_broadcast(&checkpoint->changed);
	}
	pthread_mutex_unlock(&checkpoint->lock);
	return NULL;
}

int checkpoint_start(const char *path, struct checkpoint **ret)
{
	struct checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));
	int r;

	if (!checkpoint)
		return -ENOMEM;
	pthread_mutex_init(&checkpoint->lock, NULL);
	pthread_cond_init(&checkpoint->changed, NULL);
	checkpoint->wait_at_pages = WAIT_PAGES;
	r = connection_open(path, CONNECTION_WRITES, &checkpoint->connection);
	if (r >= 0)
		r = thread_start(&checkpoint->thread, body, checkpoint);
	if (r < 0) {
		connection_free(checkpoint->connection);
		free(checkpoint);
		return r;
	}
	*ret = checkpoint;
	return 0;
}

struct checkpoint *checkpoint_stop(struct checkpoint *checkpoint)
{
	if (!checkpoint)
		return NULL;
	pthread_mutex_lock(&checkpoint->lock);
	checkpoint->stopping = true;
	pthread_cond_broadcast(&checkpoint->changed);
	pthread_mutex_unlock(&checkpoint->lock);
	pthread_join(checkpoint->thread, NULL);
	pthread_cond_destroy(&checkpoint->changed);
	pthread_mutex_destroy(&checkpoint->lock);
	connection_free(checkpoint->connection);
	free(checkpoint);
	return NULL;
}

static void ask(struct checkpoint *checkpoint, bool wait)
{
	unsigned wanted;

	pthread_mutex_lock(&checkpoint->lock);
	/* A pass that is on its way may have begun before the newest pages: to wait for all of them
	 * takes one more. */
	if (wait || checkpoint->wanted == checkpoint->done)
		checkpoint->wanted++;
	wanted = checkpoint->wanted;
	pthread_cond_broadcast(&checkpoint->changed);
	while (wait && (int)(checkpoint->done - wanted) < 0)
		pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
	pthread_mutex_unlock(&checkpoint->lock);
}

void checkpoint_note(struct checkpoint *checkpoint, unsigned log_pages)
{
	bool wait = log_pages >= checkpoint->wait_at_pages;

	if (log_pages >= WAKE_PAGES)
		ask(checkpoint, wait);
	/* Where a reader keeps the log from being emptied, waiting for each commit would not help.
	 */
	if (wait)
		checkpoint->wait_at_pages = log_pages + WAIT_PAGES;
	else if (log_pages < WAIT_PAGES)
		checkpoint->wait_at_pages = WAIT_PAGES;
}
