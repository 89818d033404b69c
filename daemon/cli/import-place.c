/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/import-place.h"
#include "daemon/base/files.h"
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READER "claviger" /* whom clavigerd runs as */

static int folder_of(const char *path, char **ret)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return text_format(ret, ".");
	return text_format(ret, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

const char *import_place_name(const struct import_place *place)
{
	const char *slash = place->path ? strrchr(place->path, '/') : NULL;

	return slash ? slash + 1 : "import.conf";
}

/* In CONFIG.d, ending in .conf. */
static bool is_drop_in(const char *config, const char *path)
{
	size_t size = strlen(config);
	const char *name = path + size + 3, *end = strrchr(path, '.');

	return !strncmp(path, config, size) && !strncmp(path + size, ".d/", 3) && *name &&
	       *name != '.' && !strchr(name, '/') && end && !strcmp(end, ".conf");
}

enum command_status import_place_find(struct import_place *place, const char *config,
				      const char *path)
{
	_cleanup_(freep) char *folder = NULL;

	*place = (struct import_place){};
	if (folder_of(config, &folder) < 0)
		return COMMAND_FAILED;
	/* Options name whole paths. */
	place->folder = realpath(folder, NULL);
	if (!place->folder)
		place->folder = TAKE_PTR(folder);
	if (!path)
		return COMMAND_DONE;
	if (!is_drop_in(config, path)) {
		fprintf(stderr, "claviger: --write %s: a drop-in is %s.d/NAME.conf\n", path,
			config);
		return COMMAND_MISUSE;
	}
	if (access(path, F_OK) >= 0) {
		fprintf(stderr, "claviger: --write %s: there is such a file: nothing was done\n",
			path);
		return COMMAND_FAILED;
	}
	place->path = path;
	return COMMAND_DONE;
}

/* A new file that only its owner reads, and that is the daemon's where root makes it. */
static int write_secret(const char *path, struct span secret)
{
	const struct passwd *reader = geteuid() ? NULL : getpwnam(READER);
	_cleanup_(closep) int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	ssize_t written;

	if (fd < 0)
		return -errno;
	if (reader && fchown(fd, reader->pw_uid, reader->pw_gid) < 0)
		return -errno;
	written = write(fd, secret.data, secret.size);
	if (written < 0)
		return -errno;
	if ((size_t)written != secret.size)
		return -ENOSPC;
	return fsync(fd) < 0 ? -errno : 0;
}

/* The files that were made so far; removed again unless all was well. */
struct made {
	char *paths[64];
	size_t n;
};

static void made_done(struct made *made)
{
	for (size_t i = 0; i < made->n; i++) {
		unlink(made->paths[i]);
		free(made->paths[i]);
	}
}

static void keep(struct made *made)
{
	for (size_t i = 0; i < made->n; i++)
		free(made->paths[i]);
	made->n = 0;
}

static int write_one(const struct import_place *place, const struct import_section *section,
		     const struct import_secret *secret, struct made *made, char **ret_why)
{
	_cleanup_(freep) char *path = NULL;
	int r = import_secret_path(section, secret, place->folder, &path);

	if (r < 0)
		return r;
	if (made->n == ELEMENTS(made->paths))
		return -E2BIG;
	r = write_secret(path, span_of_secret(secret->secret));
	if (r != -EEXIST && access(path, F_OK) >= 0)
		made->paths[made->n++] = strdup(path);
	if (r < 0 && text_format(ret_why, "%s: %s", path, strerror(-r)) < 0)
		*ret_why = NULL;
	return r;
}

int import_place_write(const struct import_place *place, const struct import *import,
		       struct span text, char **ret_why)
{
	_cleanup_(made_done) struct made made = {};
	_cleanup_(freep) char *folder = NULL;
	int r = folder_of(place->path, &folder);

	for (size_t i = 0; i < import->n_sections; i++)
		for (size_t j = 0; j < import->sections[i].n_secrets && r >= 0; j++)
			r = write_one(place, &import->sections[i], &import->sections[i].secrets[j],
				      &made, ret_why);
	if (r < 0)
		return r;
	r = directory_make(folder, 0755);
	if (r >= 0)
		r = file_write_atomically(place->path, text, 0644);
	if (r >= 0)
		keep(&made);
	else if (text_format(ret_why, "%s: %s", place->path, file_error_text(r)) < 0)
		*ret_why = NULL;
	return r;
}

void import_place_done(struct import_place *place)
{
	free(place->folder);
	*place = (struct import_place){};
}
