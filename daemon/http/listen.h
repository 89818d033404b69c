/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The sockets to serve: those that systemd passed under the name `http`, else those of Listen=.
 */

#include "daemon/conf/conf.h"

#define LISTEN_MAX 16

struct listeners {
	int fds[LISTEN_MAX];
	size_t n;
	bool inherited; /* they outlive us: whoever comes later starts us again */
};

/* Opens all or none. What is wrong is logged. -errno. */
_checked_ int listeners_open(const struct conf *conf, struct listeners *ret);
void listeners_done(struct listeners *listeners);
