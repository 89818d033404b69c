/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One listening socket and the connections that came through it, on the event loop: packets are
 * read here and handed to token/request.h. What a peer may ask depends on the door alone.
 */

#include "token/request.h"
#include <systemd/sd-event.h>

struct door;

struct door_facts {
	enum request_door door;
	int fd; /* listening; the door's from now on, also on failure */
	struct service *service;
	struct pool *pool;
};

_checked_ int door_open(sd_event *event, const struct door_facts *facts, struct door **ret);
/* Closes the socket and lets go of its connections; requests under way keep theirs. */
struct door *door_close(struct door *door);
