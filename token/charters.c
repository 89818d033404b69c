/* SPDX-License-Identifier: Apache-2.0 */
#include "token/charters.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX	   ".charter"
#define FILE_LIMIT 65536

struct held_charter {
	struct charter_file file;
	uint8_t key_sha256[SHA256_SIZE];
	bool present; /* its key is on the token that was opened last */
	bool removed;
};

struct charters {
	char *directory;
	pthread_mutex_t lock;
	struct held_charter **items; /* removed ones stay, for whoever still holds them */
	size_t n;
};

static void held_free(struct held_charter *held)
{
	charter_file_done(&held->file);
	free(held);
}

/* Takes over @file. */
static int append(struct charters *charters, struct charter_file *file, struct held_charter **ret)
{
	struct held_charter **items =
		reallocarray(charters->items, charters->n + 1, sizeof(struct held_charter *));
	struct held_charter *held = calloc(1, sizeof(*held));

	if (items)
		charters->items = items;
	if (!items || !held) {
		free(held);
		return -ENOMEM;
	}
	held->file = TAKE_STRUCT(*file);
	sha256(span_of(held->file.spki), held->key_sha256);
	charters->items[charters->n++] = held;
	if (ret)
		*ret = held;
	return 0;
}

static int load(struct charters *charters, const char *name)
{
	_cleanup_(charter_file_done) struct charter_file file = {0};
	_cleanup_(bytes_done) struct bytes content = {0};
	_cleanup_(freep) char *path = NULL;
	int r;

	r = text_format(&path, "%s/%s", charters->directory, name);
	if (r == 0)
		r = file_read(path, FILE_LIMIT, &content);
	if (r == 0)
		r = charter_file_read(span_of(content), &file);
	if (r == -EBADMSG || r == -EFBIG) {
		log_error(LOG_FIELDS(log_text("FILE", path)),
			  "a charter is damaged; its key signs nothing until it is restored");
		return 0;
	}
	return r < 0 ? r : append(charters, &file, NULL);
}

static int is_charter(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name), suffix = strlen(SUFFIX);

	return size > suffix && strcmp(entry->d_name + size - suffix, SUFFIX) == 0;
}

static int load_all(struct charters *charters)
{
	struct dirent **entries = NULL;
	int n = scandir(charters->directory, &entries, is_charter, alphasort);
	int r = n < 0 ? -errno : 0;

	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = load(charters, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return r;
}

int charters_open(const char *directory, struct charters **ret)
{
	_cleanup_(charters_closep) struct charters *charters = calloc(1, sizeof(*charters));
	int r;

	if (!charters)
		return -ENOMEM;
	pthread_mutex_init(&charters->lock, NULL);
	r = text_format(&charters->directory, "%s", directory);
	if (r == 0)
		r = load_all(charters);
	if (r == 0)
		*ret = TAKE_PTR(charters);
	return r;
}

struct charters *charters_close(struct charters *charters)
{
	if (!charters)
		return NULL;
	for (size_t i = 0; i < charters->n; i++)
		held_free(charters->items[i]);
	free(charters->items);
	free(charters->directory);
	pthread_mutex_destroy(&charters->lock);
	free(charters);
	return NULL;
}

void charters_closep(struct charters **charters)
{
	*charters = charters_close(*charters);
}

/* Looking them up. */

static bool is_finished(const struct held_charter *held)
{
	return held->file.made && !held->removed;
}

unsigned charters_count(struct charters *charters)
{
	unsigned count = 0;

	pthread_mutex_lock(&charters->lock);
	for (size_t i = 0; i < charters->n; i++)
		count += is_finished(charters->items[i]);
	pthread_mutex_unlock(&charters->lock);
	return count;
}

struct held_charter *charters_at(struct charters *charters, unsigned position)
{
	struct held_charter *found = NULL;

	pthread_mutex_lock(&charters->lock);
	for (size_t i = 0; i < charters->n && !found; i++) {
		if (is_finished(charters->items[i]) && position-- == 0)
			found = charters->items[i];
	}
	pthread_mutex_unlock(&charters->lock);
	return found;
}

struct held_charter *charters_find(struct charters *charters, struct span key_sha256)
{
	struct held_charter *found = NULL;

	pthread_mutex_lock(&charters->lock);
	for (size_t i = 0; i < charters->n && !found; i++) {
		struct held_charter *held = charters->items[i];
		if (is_finished(held) && span_equal(SPAN_ARRAY(held->key_sha256), key_sha256))
			found = held;
	}
	pthread_mutex_unlock(&charters->lock);
	return found;
}

const struct charter_file *charter_fixed(const struct held_charter *held)
{
	return &held->file;
}

struct charter charter_rules(const struct held_charter *held)
{
	struct charter rules = {
		.role = held->file.role,
		.issuer = span_of(held->file.issuer),
		.decrypts = held->file.decrypts,
	};

	memcpy(rules.key_sha256, held->key_sha256, sizeof(rules.key_sha256));
	return rules;
}

int charters_read_label(struct charters *charters, const struct held_charter *held, char **ret)
{
	int r;

	pthread_mutex_lock(&charters->lock);
	r = text_format(ret, "%s", held->file.label);
	pthread_mutex_unlock(&charters->lock);
	return r;
}

bool charters_is_present(struct charters *charters, const struct held_charter *held)
{
	bool present;

	pthread_mutex_lock(&charters->lock);
	present = held->present;
	pthread_mutex_unlock(&charters->lock);
	return present;
}

int64_t charters_not_after_s(struct charters *charters, const struct held_charter *held)
{
	int64_t not_after_s;

	pthread_mutex_lock(&charters->lock);
	not_after_s = held->file.not_after_s;
	pthread_mutex_unlock(&charters->lock);
	return not_after_s;
}

/* Changing them: on disk first, then in memory. */

static int path_of(const struct charters *charters, struct span id, char **ret)
{
	_cleanup_(buffer_done) struct buffer path = {0};

	buffer_printf(&path, "%s/", charters->directory);
	text_append_hex(&path, id, false);
	buffer_append_text(&path, SUFFIX);
	return buffer_take_text(&path, ret);
}

static int put_on_disk(const struct charters *charters, const struct charter_file *file)
{
	_cleanup_(bytes_done) struct bytes content = {0};
	_cleanup_(freep) char *path = NULL;
	int r;

	r = path_of(charters, span_of(file->id), &path);
	if (r == 0)
		r = charter_file_write(file, &content);
	if (r == 0)
		r = file_write_atomically(path, span_of(content), 0600);
	return r;
}

static int remove_from_disk(const struct charters *charters, struct held_charter *held)
{
	_cleanup_(freep) char *path = NULL;
	int r = path_of(charters, span_of(held->file.id), &path);

	if (r < 0)
		return r;
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	held->removed = true;
	return directory_sync(charters->directory);
}

/* With the lock held. */
static struct held_charter *find_intended(struct charters *charters, struct span id)
{
	for (size_t i = 0; i < charters->n; i++) {
		struct held_charter *held = charters->items[i];
		if (!held->file.made && !held->removed && span_equal(span_of(held->file.id), id))
			return held;
	}
	return NULL;
}

int charters_intend(struct charters *charters, const struct charter_file *file)
{
	_cleanup_(charter_file_done) struct charter_file copy = {0};
	int r;

	assert(!file->made);
	r = charter_file_copy(file, &copy);
	if (r < 0)
		return r;
	pthread_mutex_lock(&charters->lock);
	r = put_on_disk(charters, &copy);
	if (r == 0)
		r = append(charters, &copy, NULL);
	pthread_mutex_unlock(&charters->lock);
	return r;
}

/* The intended one is replaced, not changed: what was handed out of it stays as it was. */
static int finish(struct charters *charters, struct held_charter *intended, struct span spki,
		  struct held_charter **ret)
{
	_cleanup_(charter_file_done) struct charter_file made = {0};
	struct held_charter *held = NULL;
	int r;

	r = charter_file_copy(&intended->file, &made);
	if (r < 0)
		return r;
	bytes_done(&made.spki);
	made.made = true;
	r = bytes_copy(spki, &made.spki);
	if (r == 0)
		r = put_on_disk(charters, &made);
	if (r == 0)
		r = append(charters, &made, &held);
	if (r)
		return r;
	held->present = true;
	intended->removed = true;
	*ret = held;
	return 0;
}

int charters_finish(struct charters *charters, struct span id, struct span spki,
		    struct held_charter **ret)
{
	struct held_charter *intended;
	int r;

	pthread_mutex_lock(&charters->lock);
	intended = find_intended(charters, id);
	r = intended ? finish(charters, intended, spki, ret) : -ENOENT;
	pthread_mutex_unlock(&charters->lock);
	return r;
}

int charters_drop(struct charters *charters, struct span id)
{
	struct held_charter *intended;
	int r;

	pthread_mutex_lock(&charters->lock);
	intended = find_intended(charters, id);
	r = intended ? remove_from_disk(charters, intended) : 0;
	pthread_mutex_unlock(&charters->lock);
	return r;
}

const struct charter_file *charters_next_intended(struct charters *charters, const char *token,
						  unsigned *position)
{
	const struct charter_file *found = NULL;

	pthread_mutex_lock(&charters->lock);
	while (*position < charters->n && !found) {
		const struct held_charter *held = charters->items[(*position)++];
		if (!held->file.made && !held->removed && strcmp(held->file.token, token) == 0)
			found = &held->file;
	}
	pthread_mutex_unlock(&charters->lock);
	return found;
}

void charters_set_present(struct charters *charters, struct held_charter *held, bool present)
{
	pthread_mutex_lock(&charters->lock);
	held->present = present;
	pthread_mutex_unlock(&charters->lock);
}

int charters_set_label(struct charters *charters, struct held_charter *held, const char *label)
{
	struct charter_file changed;
	char *copy = NULL;
	int r = text_format(&copy, "%s", label);

	if (r < 0)
		return r;
	pthread_mutex_lock(&charters->lock);
	changed = held->file;
	changed.label = copy;
	r = put_on_disk(charters, &changed);
	if (r == 0) {
		free(held->file.label);
		held->file.label = TAKE_PTR(copy);
	}
	pthread_mutex_unlock(&charters->lock);
	free(copy);
	return r;
}

int charters_set_not_after(struct charters *charters, struct held_charter *held,
			   int64_t not_after_s)
{
	struct charter_file changed;
	int r = 0;

	pthread_mutex_lock(&charters->lock);
	if (not_after_s > held->file.not_after_s) {
		changed = held->file;
		changed.not_after_s = not_after_s;
		r = put_on_disk(charters, &changed);
		if (r == 0)
			held->file.not_after_s = not_after_s;
	}
	pthread_mutex_unlock(&charters->lock);
	return r;
}

int charters_remove(struct charters *charters, struct held_charter *held)
{
	int r;

	pthread_mutex_lock(&charters->lock);
	r = remove_from_disk(charters, held);
	pthread_mutex_unlock(&charters->lock);
	return r;
}
