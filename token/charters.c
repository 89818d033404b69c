/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "hsm/rsa-key.h"
#include "token/charters-internal.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_LIMIT 65536

static void held_free(struct held_charter *held)
{
	charter_file_done(&held->file);
	free(held);
}

int charters_append(struct charters *charters, struct charter_file *file, struct held_charter **ret)
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
	return r < 0 ? r : charters_append(charters, &file, NULL);
}

static int is_charter(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name), suffix = strlen(CHARTERS_SUFFIX);

	return size > suffix && strcmp(entry->d_name + size - suffix, CHARTERS_SUFFIX) == 0;
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

struct hsm_rsa_key charter_key(const struct held_charter *held)
{
	const struct charter_file *file = charter_fixed(held);

	return (struct hsm_rsa_key){span_of(file->id), span_of(file->spki)};
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

enum key_exportable charters_exportable(struct charters *charters, const struct held_charter *held)
{
	int exportable;

	pthread_mutex_lock(&charters->lock);
	exportable = held->file.exportable;
	pthread_mutex_unlock(&charters->lock);
	return (enum key_exportable)exportable;
}

int64_t charters_not_after_s(struct charters *charters, const struct held_charter *held)
{
	int64_t not_after_s;

	pthread_mutex_lock(&charters->lock);
	not_after_s = held->file.not_after_s;
	pthread_mutex_unlock(&charters->lock);
	return not_after_s;
}

int charters_check_token(struct charters *charters, const char *serial, char **ret_known)
{
	const char *other = NULL;
	int64_t newest_s = 0;
	bool known = false;
	int r = 0;

	pthread_mutex_lock(&charters->lock);
	for (size_t i = 0; i < charters->n && !known; i++) {
		const struct held_charter *held = charters->items[i];

		/* The audit's key may have been left behind (keeper-adopt.c). */
		if (!is_finished(held) || held->file.role == CHARTER_AUDIT)
			continue;
		known = strcmp(held->file.token, serial) == 0;
		/* The newest: the token that was used last. */
		if (!other || held->file.made_s >= newest_s) {
			other = held->file.token;
			newest_s = held->file.made_s;
		}
	}
	if (!known && other)
		r = text_format(ret_known, "%s", other) ?: CHARTERS_FOREIGN;
	pthread_mutex_unlock(&charters->lock);
	return r;
}

bool charters_is_of_token(struct charters *charters, const struct held_charter *held,
			  const char *serial)
{
	bool same;

	pthread_mutex_lock(&charters->lock);
	same = strcmp(held->file.token, serial) == 0;
	pthread_mutex_unlock(&charters->lock);
	return same;
}
