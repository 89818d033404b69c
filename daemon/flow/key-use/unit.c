/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/key-use/unit.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MOST  16	 /* of groups in groups */
#define GROUPS_MOST 8192 /* looked at for one process */

struct search {
	const char *const *units;
	size_t n;
	pid_t pid;
	unsigned groups; /* looked at so far */
	const char *found;
};

static void closedirp(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static void fclosep(FILE **file)
{
	if (*file)
		fclose(*file);
}

/* Gone, or a controller's (threads alone): nothing to see there. */
static int pass_over(int error)
{
	return error == ENOENT || error == ENODEV || error == ENOTDIR || error == EOPNOTSUPP ||
			       error == EACCES
		       ? 0
		       : -error;
}

static int open_group(int within, const char *name, int *ret_fd)
{
	*ret_fd = openat(within, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return *ret_fd < 0 ? pass_over(errno) : 0;
}

/* Takes @fd over. */
static int list_group(struct search *search, int *fd, DIR **ret)
{
	if (++search->groups > GROUPS_MOST)
		return -E2BIG;
	*ret = fdopendir(*fd);
	if (!*ret)
		return -errno;
	*fd = -1;
	return 0;
}

static int look_at_processes(struct search *search, int group, bool *ret)
{
	_cleanup_(closep) int fd = openat(group, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	_cleanup_(fclosep) FILE *file = NULL;
	char line[32];

	if (fd < 0)
		return pass_over(errno);
	file = fdopen(fd, "re");
	if (!file)
		return -errno;
	fd = -1;
	while (!*ret && fgets(line, sizeof(line), file))
		*ret = strtol(line, NULL, 10) == search->pid;
	return 0;
}

/* Whether the process is in this group or one within it. */
static int look_within(struct search *search, int within, const char *name, unsigned depth,
		       bool *ret)
{
	_cleanup_(closedirp) DIR *directory = NULL;
	_cleanup_(closep) int fd = -1;
	const struct dirent *entry;
	int r = open_group(within, name, &fd);

	if (r < 0 || fd < 0)
		return r;
	r = look_at_processes(search, fd, ret);
	if (r >= 0 && !*ret)
		r = list_group(search, &fd, &directory);
	while (r >= 0 && !*ret && depth < DEPTH_MOST && (entry = readdir(directory)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			r = look_within(search, dirfd(directory), entry->d_name, depth + 1, ret);
	return r;
}

static bool is_slice(const char *name)
{
	const char *end = strrchr(name, '.');

	return end && !strcmp(end, ".slice");
}

static const char *find_wanted(const struct search *search, const char *name)
{
	for (size_t i = 0; i < search->n; i++)
		if (!strcmp(search->units[i], name))
			return search->units[i];
	return NULL;
}

static int look_in_slice(struct search *search, int within, const char *name, unsigned depth);

static int look_at_entry(struct search *search, int within, const char *name, unsigned depth)
{
	const char *unit = find_wanted(search, name);
	bool inside = false;
	int r = 0;

	if (unit)
		r = look_within(search, within, name, depth, &inside);
	if (inside)
		search->found = unit;
	else if (r >= 0 && is_slice(name) && depth < DEPTH_MOST)
		r = look_in_slice(search, within, name, depth + 1);
	return r;
}

static int look_in_slice(struct search *search, int within, const char *name, unsigned depth)
{
	_cleanup_(closedirp) DIR *directory = NULL;
	_cleanup_(closep) int fd = -1;
	const struct dirent *entry;
	int r = open_group(within, name, &fd);

	if (r < 0 || fd < 0)
		return r;
	r = list_group(search, &fd, &directory);
	while (r >= 0 && !search->found && (entry = readdir(directory)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			r = look_at_entry(search, dirfd(directory), entry->d_name, depth);
	return r;
}

int key_use_unit_find(const char *root, const char *const *units, size_t n, pid_t pid,
		      const char **ret)
{
	/* Where systemd keeps its own hierarchy: the unified one alone, or beside the old ones. */
	static const char *const places[] = {".", "unified", "systemd"};
	struct search search = {.units = units, .n = n, .pid = pid};
	_cleanup_(closep) int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? pass_over(errno) : 0;

	*ret = NULL;
	if (r < 0 || fd < 0 || pid <= 0)
		return r;
	for (size_t i = 0; i < ELEMENTS(places) && r >= 0 && !search.found; i++)
		r = look_in_slice(&search, fd, places[i], 0);
	*ret = search.found;
	return r;
}
