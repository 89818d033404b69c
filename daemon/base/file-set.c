/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/file-set.h"
#include "daemon/base/files.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSIONS_MOST 1000
#define FILE_MODE     0644
#define FOLDER_MODE   0755

/* At work in one directory; descriptors, so that nobody exchanges what a path means. */
struct work {
	const struct file_set *set;
	int directory, version;
	char link[NAME_MAX], fresh[NAME_MAX], folder[NAME_MAX]; /* .SET, .SET~new, .SET~N */
};

static void work_done(struct work *work)
{
	closep(&work->version);
	closep(&work->directory);
}

/* What snprintf() into NAME_MAX bytes returned. */
static int fits(int n)
{
	return n < 0 || n >= NAME_MAX ? -ENAMETOOLONG : 0;
}

static int open_directory(struct work *work)
{
	struct stat status;

	work->directory = open(work->set->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (work->directory < 0 || fstat(work->directory, &status) < 0)
		return -errno;
	return (status.st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH ? FILE_SET_OPEN_TO_ALL : 0;
}

/* What was made a moment ago may have been exchanged since, where the directory is others' too. */
static int open_version(struct work *work)
{
	struct stat status;

	work->version = openat(work->directory, work->folder,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (work->version < 0 || fstat(work->version, &status) < 0)
		return -errno;
	return status.st_uid == geteuid() && fchmod(work->version, FOLDER_MODE) == 0 ? 0 : -EPERM;
}

static int make_version(struct work *work)
{
	for (unsigned i = 0; i < VERSIONS_MOST; i++) {
		int r = fits(snprintf(work->folder, NAME_MAX, ".%s~%u", work->set->name, i));

		if (r < 0)
			return r;
		if (mkdirat(work->directory, work->folder, FOLDER_MODE) == 0)
			return open_version(work);
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

static int write_all(int fd, struct span content)
{
	while (content.size) {
		ssize_t n = write(fd, content.data, content.size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			content = span_slice(content, (size_t)n, content.size);
	}
	return fchmod(fd, FILE_MODE) < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int write_item(const struct work *work, const struct file_set_item *item)
{
	_cleanup_(closep) int fd =
		openat(work->version, item->name,
		       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);

	return fd < 0 ? -errno : write_all(fd, item->content);
}

/* @name becomes a link to @target in one step. */
static int point(const struct work *work, const char *name, const char *target)
{
	if (unlinkat(work->directory, work->fresh, 0) < 0 && errno != ENOENT)
		return -errno;
	if (symlinkat(target, work->directory, work->fresh) < 0)
		return -errno;
	return renameat(work->directory, work->fresh, work->directory, name) < 0 ? -errno : 0;
}

enum standing { NOTHING, OURS, A_FILE, FOREIGN };

/* What stands at @name, which is a link to @target where it is ours. */
static enum standing look(const struct work *work, const char *name, const char *target)
{
	char found[PATH_MAX];
	struct stat status;
	ssize_t n = readlinkat(work->directory, name, found, sizeof(found));

	if (n >= 0)
		return (size_t)n == strlen(target) && !memcmp(found, target, (size_t)n) ? OURS
											: FOREIGN;
	if (errno == ENOENT)
		return NOTHING;
	if (fstatat(work->directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return FOREIGN;
	return S_ISREG(status.st_mode) ? A_FILE : FOREIGN;
}

static int target_of(const struct work *work, const char *name, char ret[static NAME_MAX])
{
	return fits(snprintf(ret, NAME_MAX, "%s/%s", work->link, name));
}

static int check_names(const struct work *work)
{
	char target[NAME_MAX];

	for (size_t i = 0; i < work->set->n; i++) {
		const char *name = work->set->items[i].name;
		int r = target_of(work, name, target);

		if (r < 0)
			return r;
		if (look(work, name, target) == FOREIGN)
			return FILE_SET_TAKEN;
	}
	return 0;
}

/* Those that are new: through the link that has them by now. */
static int point_names(const struct work *work)
{
	char target[NAME_MAX];
	int r = 0;

	for (size_t i = 0; i < work->set->n && r >= 0; i++) {
		const char *name = work->set->items[i].name;

		r = target_of(work, name, target);
		if (r >= 0 && look(work, name, target) != OURS)
			r = point(work, name, target);
	}
	return r;
}

static bool has(const struct file_set *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++)
		if (!strcmp(set->items[i].name, name))
			return true;
	return false;
}

static void drop_former(const struct work *work)
{
	char target[NAME_MAX];

	for (const char *const *name = work->set->former; name && *name; name++)
		if (!has(work->set, *name) && target_of(work, *name, target) >= 0 &&
		    look(work, *name, target) == OURS)
			unlinkat(work->directory, *name, 0);
}

/* Versions before, and what a crash left: `.SET~N`. */
static void sweep(const struct work *work, const char *keep)
{
	size_t n = strlen(work->link);
	int fd = openat(work->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!directory) {
		closep(&fd);
		return;
	}
	while ((entry = readdir(directory)))
		if (!strncmp(entry->d_name, work->link, n) && entry->d_name[n] == '~' &&
		    strcmp(entry->d_name, keep) != 0)
			directory_remove_flat(fd, entry->d_name);
	closedir(directory);
}

static int fill(struct work *work)
{
	int r = make_version(work);

	for (size_t i = 0; i < work->set->n && r >= 0; i++)
		r = write_item(work, &work->set->items[i]);
	if (r >= 0 && fsync(work->version) < 0)
		r = -errno;
	return r < 0 ? r : point(work, work->link, work->folder);
}

static int begin(struct work *work)
{
	int r = fits(snprintf(work->link, NAME_MAX, ".%s", work->set->name));

	if (r >= 0)
		r = fits(snprintf(work->fresh, NAME_MAX, ".%s~new", work->set->name));
	if (r >= 0)
		r = open_directory(work);
	return r ? r : check_names(work);
}

int file_set_write(const struct file_set *set)
{
	_cleanup_(work_done) struct work work = {.set = set, .directory = -1, .version = -1};
	int r = begin(&work);

	if (r)
		return r;
	r = fill(&work);
	if (r < 0) {
		if (work.folder[0])
			directory_remove_flat(work.directory, work.folder);
		return r;
	}
	r = point_names(&work);
	drop_former(&work);
	sweep(&work, work.folder);
	return r < 0 ? r : fsync(work.directory) < 0 ? -errno : 0;
}

bool file_set_is_there(const struct file_set *set)
{
	_cleanup_(closep) int directory = open(set->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < set->n; i++)
		if (faccessat(directory, set->items[i].name, F_OK, 0) < 0)
			return false;
	return directory >= 0;
}

bool file_set_stands(const struct file_set *set)
{
	char link[PATH_MAX];
	struct stat status;
	int n = snprintf(link, sizeof(link), "%s/.%s", set->directory, set->name);

	return n > 0 && n < (int)sizeof(link) && lstat(link, &status) == 0 &&
	       S_ISLNK(status.st_mode);
}

int file_set_remove(const struct file_set *set)
{
	_cleanup_(work_done) struct work work = {.set = set, .directory = -1, .version = -1};
	int r = begin(&work);

	if (r)
		return r;
	drop_former(&work);
	if (unlinkat(work.directory, work.link, 0) < 0 && errno != ENOENT)
		return -errno;
	sweep(&work, "");
	return fsync(work.directory) < 0 ? -errno : 0;
}
