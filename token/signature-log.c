/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include "token/signature-log-internal.h"
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A subject is cut to this many bytes, so that a line is never longer than a page or so. */
#define SUBJECT_MOST 1024

struct signature_log {
	int fd;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t synced;
	int64_t number;	 /* of the last line */
	int64_t durable; /* of the last line that is on the disk, or was given up */
	/* Lines above the one and up to the other could not be synced: errno. */
	int64_t failed_after, failed_upto;
	int failure;
	bool syncing; /* one of those that wait does it for all */
	bool cut;     /* the beginning of a line stands at the end, and could not be taken back */
};

int signature_line_number(struct span line, int64_t *ret)
{
	const uint8_t *tab = line.size ? memchr(line.data, '\t', line.size) : NULL;

	if (!tab)
		return -EBADMSG;
	return text_read_number(SPAN(line.data, (size_t)(tab - line.data)), 1, INT64_MAX, ret);
}

/* The last line of what was written; a line that power failure cut is left standing, and ended. */
static int find_last(struct signature_log *log)
{
	char tail[SIGNATURE_LINE_MOST];
	struct stat st;
	struct span rest;
	const uint8_t *end;
	ssize_t n;

	if (fstat(log->fd, &st) < 0)
		return -errno;
	n = pread(log->fd, tail, sizeof(tail),
		  st.st_size > SIGNATURE_LINE_MOST ? st.st_size - SIGNATURE_LINE_MOST : 0);
	if (n < 0)
		return -errno;
	rest = SPAN(tail, (size_t)n);
	while (rest.size && (end = memchr(rest.data, '\n', rest.size))) {
		int64_t number;
		if (signature_line_number(SPAN(rest.data, (size_t)(end - rest.data)), &number) == 0)
			log->number = number;
		rest = span_slice(rest, (size_t)(end - rest.data) + 1, rest.size);
	}
	if (rest.size && write(log->fd, "\n", 1) != 1)
		return -EIO;
	return 0;
}

int signature_log_open(const char *path, struct signature_log **ret)
{
	struct signature_log *log = calloc(1, sizeof(*log));
	int r;

	if (!log)
		return -ENOMEM;
	pthread_mutex_init(&log->lock, NULL);
	pthread_cond_init(&log->synced, NULL);
	log->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	r = log->fd < 0 ? -errno : find_last(log);
	log->durable = log->number;
	if (r < 0)
		signature_log_close(log);
	else
		*ret = log;
	return r;
}

struct signature_log *signature_log_close(struct signature_log *log)
{
	if (!log)
		return NULL;
	closep(&log->fd);
	pthread_cond_destroy(&log->synced);
	pthread_mutex_destroy(&log->lock);
	free(log);
	return NULL;
}

int signature_log_fd(const struct signature_log *log)
{
	return log->fd;
}

static void append_hex(struct buffer *line, struct span value)
{
	buffer_append_byte(line, '\t');
	text_append_hex(line, value, false);
	if (value.size == 0)
		buffer_append_byte(line, '-');
}

static void append_record(struct buffer *line, const struct signature_record *record)
{
	uint8_t digest[SHA256_SIZE];
	char time[32];

	if (record->to_be_signed.data)
		sha256(record->to_be_signed, digest);
	buffer_printf(line, "\t%s", text_format_time(record->time_s, time));
	append_hex(line, record->key);
	buffer_printf(line, "\t%s", record->kind);
	append_hex(line, record->serial);
	buffer_append_byte(line, '\t');
	text_append_escaped(line, span_slice(record->subject, 0, SUBJECT_MOST));
	append_hex(line, record->to_be_signed.data ? SPAN_ARRAY(digest) : (struct span){0});
	append_hex(line, record->head);
	buffer_append_byte(line, '\n');
}

static bool take_back(struct signature_log *log, ssize_t n)
{
	struct stat st;

	return fstat(log->fd, &st) == 0 && ftruncate(log->fd, st.st_size - n) == 0;
}

/* One write, whole or not at all as far as a killed process goes. What a full disk took of a line
 * is taken back; where that fails too it is left standing, and ended by the next line. */
static int write_line(struct signature_log *log, struct span line)
{
	ssize_t n = write(log->fd, line.data, line.size);

	if (n < 0)
		return -errno;
	if ((size_t)n < line.size) {
		log->cut = !take_back(log, n) || log->cut;
		return -ENOSPC;
	}
	log->cut = false;
	return 0;
}

/* Under the lock, which it lets go of meanwhile: all that was written so far. What can't be synced
 * is given up, for its signatures are kept back; later lines go on behind it. */
static void sync_all(struct signature_log *log)
{
	int64_t upto = log->number;
	int r;

	log->syncing = true;
	pthread_mutex_unlock(&log->lock);
	r = fdatasync(log->fd) < 0 ? -errno : 0;
	pthread_mutex_lock(&log->lock);
	if (r < 0) {
		log->failed_after = log->failure ? log->failed_after : log->durable;
		log->failed_upto = upto;
		log->failure = r;
	}
	log->durable = upto;
	log->syncing = false;
	pthread_cond_broadcast(&log->synced);
}

/* Under the lock: returns once the line of this number is on the disk. */
static int wait_for(struct signature_log *log, int64_t number)
{
	while (log->durable < number) {
		if (log->syncing)
			pthread_cond_wait(&log->synced, &log->lock);
		else
			sync_all(log);
	}
	return number > log->failed_after && number <= log->failed_upto ? log->failure : 0;
}

int signature_log_append(struct signature_log *log, const struct signature_record *record)
{
	_cleanup_(buffer_done) struct buffer rest = {0}, line = {0};
	int r;

	append_record(&rest, record);
	pthread_mutex_lock(&log->lock);
	buffer_printf(&line, "%s%" PRId64, log->cut ? "\n" : "", log->number + 1);
	buffer_append(&line, span_of_buffer(&rest));
	r = rest.error || line.error ? -ENOMEM : write_line(log, span_of_buffer(&line));
	if (r == 0)
		log->number++;
	if (r == 0 && !record->may_trail)
		r = wait_for(log, log->number);
	pthread_mutex_unlock(&log->lock);
	return r;
}
