/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/publish.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/flow/allowance.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUBLIC_FILE 0644

static int write_file(const char *directory, const char *name, struct span content)
{
	_cleanup_(freep) char *path = NULL;
	int r;

	r = text_format(&path, "%s/%s", directory, name);
	return r < 0 ? r : file_write_atomically(path, content, PUBLIC_FILE);
}

static int write_capabilities(const char *directory, const struct conf_server *conf)
{
	_cleanup_(buffer_done) struct buffer text = {};
	struct scep_allowance allowance = allowance_of(conf);

	scep_append_capabilities(&text, &allowance);
	return text.error ? text.error : write_file(directory, "caps", span_of_buffer(&text));
}

static int write_crl(const char *directory, const struct ca_server_record *record)
{
	char expires[32];
	int r;

	if (!record->crl.size)
		return 0;
	r = write_file(directory, "crl", span_of(record->crl));
	if (r < 0)
		return r;
	snprintf(expires, sizeof(expires), "%lld\n", (long long)record->crl_next_update_s);
	return write_file(directory, "crl.expires", span_of_text(expires));
}

static int fill(struct flow *flow, struct authority *authority, const char *directory,
		int64_t now_s)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct generation *active = generations_active(generations, now_s);
	int r;

	r = store_server_load(flow->store, authority->conf->label, &record);
	if (r)
		return r < 0 ? r : -ENOENT;
	r = write_capabilities(directory, authority->conf);
	if (r >= 0 && active)
		r = write_file(directory, "cacert", active->certificate.whole);
	if (r >= 0 && active)
		r = write_file(directory, "ca.crt", active->certificate.whole);
	return r < 0 ? r : write_crl(directory, &record);
}

/* A directory of its own for this version: `.LABEL.N`, with the first N that is free. */
static int make_version(const char *public_directory, const char *label, char **ret)
{
	_cleanup_(freep) char *path = NULL;
	int r = -EEXIST;

	for (unsigned i = 0; r == -EEXIST && i < 1000; i++) {
		freep(&path);
		path = NULL;
		r = text_format(&path, "%s/.%s.%u", public_directory, label, i);
		if (r < 0)
			return r;
		r = mkdir(path, 0755) < 0 ? -errno : 0;
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(path);
	return 0;
}

static int point_to(const char *public_directory, const char *label, const char *version)
{
	_cleanup_(freep) char *link = NULL, *fresh = NULL;
	int r;

	r = text_format(&link, "%s/%s", public_directory, label);
	if (r >= 0)
		r = text_format(&fresh, "%s/.%s.link", public_directory, label);
	if (r < 0)
		return r;
	if (unlink(fresh) < 0 && errno != ENOENT)
		return -errno;
	if (symlink(strrchr(version, '/') + 1, fresh) < 0 || rename(fresh, link) < 0)
		return -errno;
	return directory_sync(public_directory);
}

static void remove_directory(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!directory) {
		closep(&fd);
		return;
	}
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			unlinkat(fd, entry->d_name, 0);
	closedir(directory);
	unlinkat(parent, name, AT_REMOVEDIR);
}

/* `.LABEL.N`, where @prefix is `.LABEL.`: a label may hold dots and digits itself. */
static bool is_version(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return !strncmp(name, prefix, n) && name[n] &&
	       strspn(name + n, "0123456789") == strlen(name + n);
}

/* Older versions, and what a crash left half-written. A reader that holds one open keeps its files.
 */
static void sweep(const char *public_directory, const char *label, const char *keep)
{
	_cleanup_(freep) char *prefix = NULL;
	DIR *directory = opendir(public_directory);
	struct dirent *entry;

	if (directory && text_format(&prefix, ".%s.", label) >= 0)
		while ((entry = readdir(directory)))
			if (is_version(entry->d_name, prefix) &&
			    strcmp(entry->d_name, strrchr(keep, '/') + 1) != 0)
				remove_directory(dirfd(directory), entry->d_name);
	if (directory)
		closedir(directory);
}

static void note_published(struct authority *authority, bool is_published)
{
	pthread_mutex_lock(&authority->lock);
	authority->is_published = is_published;
	pthread_mutex_unlock(&authority->lock);
}

int flow_publish(struct flow *flow, struct authority *authority, int64_t now_s)
{
	const char *label = authority->conf->label;
	_cleanup_(freep) char *version = NULL;
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	int r;

	claim = claim_take(flow->claims, CLAIM_PUBLICATION, span_of_text(label));
	note_published(authority, false);
	r = make_version(flow->public_directory, label, &version);
	if (r >= 0)
		r = fill(flow, authority, version, now_s);
	if (r >= 0)
		r = point_to(flow->public_directory, label, version);
	if (r < 0) {
		log_error(LOG_FIELDS(log_text("SERVER", label), log_number("ERRNO", -r)),
			  "public files can't be written");
		return r;
	}
	note_published(authority, true);
	sweep(flow->public_directory, label, version);
	log_debug(LOG_FIELDS(log_text("SERVER", label)), "public files published");
	return 0;
}

int flow_publish_missing(struct flow *flow, struct authority *authority, int64_t now_s)
{
	bool is_due;

	pthread_mutex_lock(&authority->lock);
	is_due = authority->generations->created && !authority->is_published;
	pthread_mutex_unlock(&authority->lock);
	return is_due ? flow_publish(flow, authority, now_s) : 0;
}
