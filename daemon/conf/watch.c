/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/watch.h"

#include "daemon/base/files.h"
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* A file that is only begun is none yet; a directory is made, and filled after. */
#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB)

struct conf_watch {
	int fd;
	int drop_ins;	 /* its watch; -1 while the folder is not there */
	char *folder;	 /* PATH.d */
	char *directory; /* of both */
	char *file;	 /* their names in it */
	const char *drop_in_folder;
};

static const char *name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void watch_drop_ins(struct conf_watch *watch)
{
	watch->drop_ins = inotify_add_watch(watch->fd, watch->folder, EVENTS | IN_ONLYDIR);
}

static int open_all(struct conf_watch *watch, const char *path)
{
	size_t size = (size_t)(name_in(path) - path);

	int r = text_format(&watch->folder, "%s.d", path);
	if (r >= 0)
		r = size ? text_format(&watch->directory, "%.*s", (int)size, path)
			 : text_format(&watch->directory, ".");
	if (r >= 0)
		r = text_format(&watch->file, "%s", name_in(path));
	if (r < 0)
		return r;
	watch->drop_in_folder = name_in(watch->folder);
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0 || inotify_add_watch(watch->fd, watch->directory, EVENTS) < 0)
		return -errno;
	watch_drop_ins(watch);
	return 0;
}

int conf_watch_open(const char *path, struct conf_watch **ret)
{
	struct conf_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return -ENOMEM;
	watch->fd = watch->drop_ins = -1;
	int r = open_all(watch, path);
	if (r < 0)
		conf_watch_close(watch);
	else
		*ret = watch;
	return r;
}

struct conf_watch *conf_watch_close(struct conf_watch *watch)
{
	if (!watch)
		return NULL;
	closep(&watch->fd);
	free(watch->folder);
	free(watch->directory);
	free(watch->file);
	free(watch);
	return NULL;
}

int conf_watch_fd(const struct conf_watch *watch)
{
	return watch->fd;
}

static bool is_change(struct conf_watch *watch, const struct inotify_event *event)
{
	bool is_folder = event->len && strcmp(event->name, watch->drop_in_folder) == 0 &&
			 event->wd != watch->drop_ins;

	if (event->mask & IN_Q_OVERFLOW || is_folder) {
		watch_drop_ins(watch);
		return true;
	}
	if (event->mask & (IN_CREATE | IN_IGNORED))
		return false;
	return event->wd == watch->drop_ins ||
	       (event->len && strcmp(event->name, watch->file) == 0);
}

bool conf_watch_take(struct conf_watch *watch)
{
	_Alignas(struct inotify_event) char events[16 * (sizeof(struct inotify_event) + 256)];
	bool changed = false;
	ssize_t n;

	while ((n = read(watch->fd, events, sizeof(events))) > 0)
		for (char *at = events; at < events + n;) {
			const struct inotify_event *event = (void *)at;

			changed |= is_change(watch, event);
			at += sizeof(*event) + event->len;
		}
	return changed;
}
