/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The server's inside, for server.c and server-upkeep.c alone. */

#include "token/changes.h"
#include "token/door.h"
#include "token/pin-wanted.h"
#include "token/server.h"
#include <stdatomic.h>

/* The thread's side of a timer: at most one at a time. */
struct upkeep {
	struct pool_job job; /* first */
	struct server *server;
	enum presence_wait kind;
	atomic_bool pending;
};

struct server {
	sd_event *event;
	char *configuration;
	struct conf *conf;
	struct service *service;
	struct pool *pool;
	struct door *doors[2];
	struct changes *changes;
	struct pin_wanted *pin_wanted;
	sd_event_source *presence_timer, *watch_timer;
	struct upkeep upkeep;
	int64_t began_ms; /* monotonic */
	bool is_told_ready;
	bool open_again;      /* something changed while the token was looked after */
	bool readers_changed; /* and it was the readers */
};

/* Has a thread open the token, or look at it, before anything else; where one is at that already, a
 * wish to open it waits for its end. */
void server_start_upkeep(struct server *server, enum presence_wait kind);
/* Adds the timers, and what wakes the loop when something became of the token. -errno. */
_checked_ int server_add_upkeep(struct server *server);
