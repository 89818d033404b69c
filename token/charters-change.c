/* SPDX-License-Identifier: Apache-2.0 */
/* Changing charters, of charters.h: on disk first, then in memory. */
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "token/charters-internal.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int path_of(const struct charters *charters, struct span id, char **ret)
{
	_cleanup_(buffer_done) struct buffer path = {0};

	buffer_printf(&path, "%s/", charters->directory);
	text_append_hex(&path, id, false);
	buffer_append_text(&path, CHARTERS_SUFFIX);
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
		r = charters_append(charters, &copy, NULL);
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
		r = charters_append(charters, &made, &held);
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

/* One text of it, @field of @held->file, replaced. */
static int set_text(struct charters *charters, struct held_charter *held, size_t field,
		    const char *text)
{
	struct charter_file changed;
	char *copy = NULL, **was, **is;
	int r = text_format(&copy, "%s", text);

	if (r < 0)
		return r;
	pthread_mutex_lock(&charters->lock);
	changed = held->file;
	was = (char **)((char *)&held->file + field);
	is = (char **)((char *)&changed + field);
	*is = copy;
	r = put_on_disk(charters, &changed);
	if (r == 0) {
		free(*was);
		*was = TAKE_PTR(copy);
	}
	pthread_mutex_unlock(&charters->lock);
	free(copy);
	return r;
}

int charters_set_token(struct charters *charters, struct held_charter *held, const char *serial)
{
	return set_text(charters, held, offsetof(struct charter_file, token), serial);
}

int charters_set_label(struct charters *charters, struct held_charter *held, const char *label)
{
	return set_text(charters, held, offsetof(struct charter_file, label), label);
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

int charters_set_kept(struct charters *charters, struct held_charter *held)
{
	struct charter_file changed;
	int r;

	pthread_mutex_lock(&charters->lock);
	changed = held->file;
	changed.exportable = KEY_EXPORTABLE_NEVER;
	r = put_on_disk(charters, &changed);
	if (r == 0)
		held->file.exportable = KEY_EXPORTABLE_NEVER;
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
