/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The HTTP server: libmicrohttpd's threads on the listening sockets, the guard over their
 * connections, the relay to clavigerd. The thread that made it drives guard and relay by
 * front_prepare() and front_step().
 */

#include "daemon/conf/conf.h"
#include "daemon/http/listen.h"
#include "daemon/http/relay.h"

struct front;

/* Starts to serve. @conf gets a reference more. What is wrong is logged. -errno. */
_checked_ int front_new(struct conf *conf, const struct listeners *listeners, struct front **ret);
/* Stops; connections that are left are closed. */
struct front *front_free(struct front *front);
void front_freep(struct front **front);

/* From the next request on; requests under way keep what they began with. */
void front_set_conf(struct front *front, struct conf *conf);

void front_prepare(struct front *front, int64_t now_ms, struct pollfd fds[static RELAY_FDS],
		   int64_t *ret_timeout_ms);
void front_step(struct front *front, int64_t now_ms);

/* No new connections; those that wait for a request are closed. */
void front_drain(struct front *front);
/* Answers all that wait for clavigerd with 503. */
void front_give_up(struct front *front);
void front_count(struct front *front, unsigned *ret_all, unsigned *ret_busy);
