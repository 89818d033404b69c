/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/publication/space.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/lock.h"
#include "daemon/conf/url.h"
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define LEAST_FREE_BYTES ((uint64_t)256 << 20)

struct walk {
	space_visit visit;
	void *context;
	const char **seen;
	size_t n_seen;
};

static void look(struct walk *walk, const char *path)
{
	struct space space = {.path = path};
	struct statvfs facts;
	const char **longer;

	for (size_t i = 0; i < walk->n_seen; i++)
		if (!strcmp(walk->seen[i], path))
			return;
	longer = reallocarray(walk->seen, walk->n_seen + 1, sizeof(*longer));
	if (!longer || statvfs(path, &facts) < 0) {
		walk->seen = longer ? longer : walk->seen;
		return;
	}
	walk->seen = longer;
	longer[walk->n_seen++] = path;
	space.free_bytes = (uint64_t)facts.f_bavail * facts.f_frsize;
	space.low = space.free_bytes < LEAST_FREE_BYTES;
	walk->visit(walk->context, &space);
}

static void look_at_server(struct walk *walk, const struct conf_server *server)
{
	for (size_t i = 0; i < conf_n_options; i++) {
		const struct conf_option *option = &conf_options[i];
		struct conf_url url;
		const char *place;

		if (option->section != CONF_SERVER || !conf_is_store(option))
			continue;
		place = *(char *const *)((const char *)server + option->offset);
		/* A path is the end of its text, also behind file://. */
		if (place && !conf_url_read(span_of_text(place), &url) &&
		    url.scheme == CONF_SCHEME_FILE)
			look(walk, (const char *)url.path.data);
	}
}

void flow_space(const struct flow *flow, space_visit visit, void *context)
{
	struct walk walk = {.visit = visit, .context = context};

	look(&walk, flow->conf->daemon.state_directory);
	for (size_t i = 0; i < flow->conf->n_servers; i++)
		look_at_server(&walk, &flow->conf->servers[i]);
	free(walk.seen);
}

static void tell(void *context, const struct space *space)
{
	(void)context;
	if (space->low)
		log_warning(LOG_FIELDS(log_event(LOG_EVENT_SPACE_LOW),
				       log_text("PATH", space->path),
				       log_number("FREE_MIB", (int64_t)(space->free_bytes >> 20))),
			    "low space: the database and the CRL grow");
}

void flow_tell_space(const struct flow *flow)
{
	flow_space(flow, tell, NULL);
}
