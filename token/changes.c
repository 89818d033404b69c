/* SPDX-License-Identifier: Apache-2.0 */
#include "token/changes.h"
#include "daemon/base/files.h"
#include "daemon/conf/watch.h"
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB)

/* The PIN's directory, and the one name in it that matters. */
struct watched {
	sd_event_source *source;
	char *directory;
	char *name;
};

struct changes {
	struct changes_facts facts;
	struct conf_watch *configuration;
	sd_event_source *source;
	struct watched pin;
};

static int on_configuration(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct changes *changes = userdata;

	(void)source;
	(void)fd;
	(void)events;
	if (conf_watch_take(changes->configuration))
		changes->facts.on_configuration(changes->facts.context);
	return 0;
}

static int on_pin(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
	struct changes *changes = userdata;

	(void)source;
	if (event->len && strcmp(event->name, changes->pin.name) == 0)
		changes->facts.on_pin(changes->facts.context);
	return 0;
}

static int watch_pin(sd_event *event, struct changes *changes)
{
	struct watched *watched = &changes->pin;
	const char *path = changes->facts.pin, *slash = strrchr(path, '/');
	int r;

	if (slash)
		r = text_format(&watched->directory, "%.*s/", (int)(slash - path), path);
	else
		r = text_format(&watched->directory, ".");
	if (r == 0)
		r = text_format(&watched->name, "%s", slash ? slash + 1 : path);
	if (r < 0)
		return r;
	r = sd_event_add_inotify(event, &watched->source, watched->directory, EVENTS, on_pin,
				 changes);
	return r == -ENOENT || r == -ENOTDIR || r == -EACCES ? 0 : r;
}

static int watch_all(sd_event *event, struct changes *changes)
{
	int r = conf_watch_open(changes->facts.configuration, &changes->configuration);

	if (r >= 0)
		r = sd_event_add_io(event, &changes->source, conf_watch_fd(changes->configuration),
				    EPOLLIN, on_configuration, changes);
	else if (r == -ENOENT || r == -ENOTDIR || r == -EACCES)
		r = 0;
	return r >= 0 && changes->facts.pin ? watch_pin(event, changes) : r;
}

int changes_watch(sd_event *event, const struct changes_facts *facts, struct changes **ret)
{
	struct changes *changes = calloc(1, sizeof(*changes));
	int r;

	if (!changes)
		return -ENOMEM;
	changes->facts = *facts;
	r = watch_all(event, changes);
	if (r < 0)
		changes_stop(changes);
	else
		*ret = changes;
	return r < 0 ? r : 0;
}

struct changes *changes_stop(struct changes *changes)
{
	if (!changes)
		return NULL;
	(void)sd_event_source_disable_unref(changes->source);
	(void)sd_event_source_disable_unref(changes->pin.source);
	conf_watch_close(changes->configuration);
	free(changes->pin.directory);
	free(changes->pin.name);
	free(changes);
	return NULL;
}
