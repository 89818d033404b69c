/* SPDX-License-Identifier: Apache-2.0 */
#include "token/changes.h"
#include "daemon/base/files.h"
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB)

/* One directory, and the one name in it that matters; NULL: all of them. */
struct watched {
	sd_event_source *source;
	char *directory;
	char *name;
	void (*on_change)(void *context);
	void *context;
};

enum { FILE_ITSELF, DROP_INS, PIN_ITSELF, ALL };

struct changes {
	struct watched watched[ALL];
};

static int on_event(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
	struct watched *watched = userdata;

	(void)source;
	if (!watched->name || (event->len && strcmp(event->name, watched->name) == 0))
		watched->on_change(watched->context);
	return 0;
}

static int watch(sd_event *event, struct watched *watched)
{
	int r = sd_event_add_inotify(event, &watched->source, watched->directory, EVENTS, on_event,
				     watched);

	return r == -ENOENT || r == -ENOTDIR || r == -EACCES ? 0 : r;
}

static int watch_file(sd_event *event, const char *path, struct watched *watched)
{
	const char *slash = strrchr(path, '/');
	int r;

	if (slash)
		r = text_format(&watched->directory, "%.*s/", (int)(slash - path), path);
	else
		r = text_format(&watched->directory, ".");
	if (r == 0)
		r = text_format(&watched->name, "%s", slash ? slash + 1 : path);
	return r < 0 ? r : watch(event, watched);
}

static int watch_all(sd_event *event, const struct changes_facts *facts, struct watched *watched)
{
	int r;

	for (size_t i = 0; i < ALL; i++) {
		watched[i].on_change = i == PIN_ITSELF ? facts->on_pin : facts->on_configuration;
		watched[i].context = facts->context;
	}
	r = watch_file(event, facts->configuration, &watched[FILE_ITSELF]);
	if (r == 0)
		r = text_format(&watched[DROP_INS].directory, "%s.d", facts->configuration);
	if (r == 0)
		r = watch(event, &watched[DROP_INS]);
	if (r == 0 && facts->pin)
		r = watch_file(event, facts->pin, &watched[PIN_ITSELF]);
	return r;
}

int changes_watch(sd_event *event, const struct changes_facts *facts, struct changes **ret)
{
	struct changes *changes = calloc(1, sizeof(*changes));
	int r = changes ? watch_all(event, facts, changes->watched) : -ENOMEM;

	if (r < 0)
		changes_stop(changes);
	else
		*ret = changes;
	return r;
}

struct changes *changes_stop(struct changes *changes)
{
	if (!changes)
		return NULL;
	for (size_t i = 0; i < ALL; i++) {
		(void)sd_event_source_disable_unref(changes->watched[i].source);
		free(changes->watched[i].directory);
		free(changes->watched[i].name);
	}
	free(changes);
	return NULL;
}
