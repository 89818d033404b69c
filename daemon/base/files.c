/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing of files.h; who may read a secret is files-secret.c. */
#include "daemon/base/files.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_SIZE 16384

int file_open(const char *path, int *ret_fd)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int file_read(const char *path, size_t limit, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer out = {0};
	_cleanup_(closep) int fd = -1;
	uint8_t chunk[CHUNK_SIZE];
	ssize_t n;
	int r = file_open(path, &fd);

	if (r < 0)
		return r;
	/* the size that stat tells is not asked: files of /proc and /sys have none */
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		buffer_append(&out, SPAN(chunk, (size_t)n));
		if (out.size > limit)
			return -EFBIG;
	}
	if (out.size == 0 && out.error == 0)
		return bytes_new(0, ret);
	return buffer_take(&out, ret);
}

const char *file_error_text(int error)
{
	static const struct {
		int error;
		const char *text;
	} rows[] = {
		{-EINVAL, "not a file but a pipe or a device: a file is wanted"},
		{-EFBIG, "larger than such a file can be"},
		{-EPERM, "others may read it: chmod 0600"},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].error == error)
			return rows[i].text;
	return strerrordesc_np(-error);
}

static int write_all(int fd, struct span content)
{
	while (content.size) {
		ssize_t n = write(fd, content.data, content.size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		content = span_slice(content, (size_t)n, SIZE_MAX);
	}
	return 0;
}

static int parent_of(const char *path, char **ret)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return text_format(ret, ".");
	return text_format(ret, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* Hidden: who lists the directory sees whole files alone. A template of mkostemp(). */
static int temporary_of(const char *path, char **ret)
{
	const char *slash = strrchr(path, '/');
	int parent_size = slash ? (int)(slash - path) + 1 : 0;

	return text_format(ret, "%.*s.%s.XXXXXX", parent_size, path, path + parent_size);
}

static int temporary_write(int fd, struct span content, mode_t mode)
{
	int r = write_all(fd, content);

	if (r < 0)
		return r;
	return fchmod(fd, mode) < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* Root may put a file in the place of /dev/null, and of /dev/stdout, a link into /proc. */
static bool is_device(const char *path)
{
	static const char proc[] = "/proc/";
	char target[sizeof(proc)];
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return true;
	return readlink(path, target, sizeof(target)) >= (ssize_t)sizeof(proc) - 1 &&
	       !memcmp(target, proc, sizeof(proc) - 1);
}

int file_write_atomically(const char *path, struct span content, mode_t mode)
{
	_cleanup_(freep) char *temporary = NULL;
	_cleanup_(freep) char *parent = NULL;
	_cleanup_(closep) int fd = -1;
	int r = is_device(path) ? -EINVAL : parent_of(path, &parent);

	if (r < 0)
		return r;
	r = temporary_of(path, &temporary);
	if (r < 0)
		return r;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = temporary_write(fd, content, mode);
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0) {
		unlink(temporary);
		return r;
	}
	return directory_sync(parent);
}

static int directory_make_one(const char *path, mode_t mode)
{
	struct stat st;

	/* chmod too, since the umask may have taken bits away */
	if (mkdir(path, mode) == 0)
		return chmod(path, mode) < 0 ? -errno : 0;
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int directory_make(const char *path, mode_t mode)
{
	_cleanup_(freep) char *upto = NULL;
	int r;

	if (!path[0])
		return -ENOENT;
	r = text_format(&upto, "%s", path);
	if (r < 0)
		return r;
	for (char *slash = strchr(upto + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		r = directory_make_one(upto, mode);
		*slash = '/';
		if (r < 0)
			return r;
	}
	return directory_make_one(path, mode);
}

int directory_sync(const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int text_format(char **ret, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return -ENOMEM;
	*ret = text;
	return 0;
}

void directory_remove_flat(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!folder) {
		closep(&fd);
		return;
	}
	while ((entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(fd, entry->d_name, 0);
	closedir(folder);
	unlinkat(parent, name, AT_REMOVEDIR);
}
