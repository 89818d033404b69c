/* SPDX-License-Identifier: Apache-2.0 */
#include "token/tally.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct row {
	uint8_t key[SHA256_SIZE];
	const char *kind;
	unsigned long long n;
	unsigned whole; /* of this minute, with lines of their own */
};

/* As many rows as keys that served and their kinds: few, and never fewer. */
struct tally {
	pthread_mutex_t lock;
	struct row *rows;
	size_t n_rows;
	int64_t written_s;
};

#define PERIOD_S 60

int tally_new(int64_t now_s, struct tally **ret)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (!tally)
		return -ENOMEM;
	pthread_mutex_init(&tally->lock, NULL);
	tally->written_s = now_s;
	*ret = tally;
	return 0;
}

struct tally *tally_free(struct tally *tally)
{
	if (!tally)
		return NULL;
	pthread_mutex_destroy(&tally->lock);
	free(tally->rows);
	free(tally);
	return NULL;
}

static struct row *find(struct tally *tally, const uint8_t key[static SHA256_SIZE],
			const char *kind)
{
	for (size_t i = 0; i < tally->n_rows; i++)
		if (memcmp(tally->rows[i].key, key, SHA256_SIZE) == 0 &&
		    strcmp(tally->rows[i].kind, kind) == 0)
			return &tally->rows[i];
	return NULL;
}

static struct row *add(struct tally *tally, const uint8_t key[static SHA256_SIZE], const char *kind)
{
	struct row *rows = reallocarray(tally->rows, tally->n_rows + 1, sizeof(*rows));
	struct row *row;

	if (!rows)
		return NULL;
	tally->rows = rows;
	row = &rows[tally->n_rows++];
	*row = (struct row){.kind = kind};
	memcpy(row->key, key, SHA256_SIZE);
	return row;
}

static int count(struct row *row, unsigned whole)
{
	if (row->whole < whole) {
		row->whole++;
		return TALLY_WHOLE;
	}
	row->n++;
	return 0;
}

int tally_count(struct tally *tally, const uint8_t key[static SHA256_SIZE], const char *kind,
		unsigned whole)
{
	struct row *row;
	int r;

	pthread_mutex_lock(&tally->lock);
	row = find(tally, key, kind);
	if (!row)
		row = add(tally, key, kind);
	r = row ? count(row, whole) : -ENOMEM;
	pthread_mutex_unlock(&tally->lock);
	return r;
}

void tally_give_back(struct tally *tally, const uint8_t key[static SHA256_SIZE], const char *kind)
{
	struct row *row;

	pthread_mutex_lock(&tally->lock);
	row = find(tally, key, kind);
	if (row && row->whole)
		row->whole--;
	pthread_mutex_unlock(&tally->lock);
}

static int write_row(struct row *row, struct signature_log *log, int64_t now_s)
{
	_cleanup_(buffer_done) struct buffer text = {0};
	struct signature_record record = {
		.time_s = now_s,
		.key = SPAN_ARRAY(row->key),
		.kind = row->kind,
		.may_trail = true,
	};
	int r;

	buffer_printf(&text, "%llu signature%s%s", row->n, row->n == 1 ? "" : "s",
		      row->whole ? " more" : "");
	record.subject = span_of_buffer(&text);
	r = text.error ? text.error : signature_log_append(log, &record);
	if (r == 0)
		row->n = 0;
	return r;
}

bool tally_is_due(struct tally *tally, int64_t now_s)
{
	bool is_due;

	pthread_mutex_lock(&tally->lock);
	is_due = now_s < tally->written_s || now_s - tally->written_s >= PERIOD_S;
	pthread_mutex_unlock(&tally->lock);
	return is_due;
}

int tally_write(struct tally *tally, struct signature_log *log, int64_t now_s)
{
	int r = 0;

	pthread_mutex_lock(&tally->lock);
	tally->written_s = now_s;
	for (size_t i = 0; i < tally->n_rows && r == 0; i++)
		if (tally->rows[i].n)
			r = write_row(&tally->rows[i], log, now_s);
	for (size_t i = 0; i < tally->n_rows; i++)
		tally->rows[i].whole = 0;
	pthread_mutex_unlock(&tally->lock);
	return r;
}
