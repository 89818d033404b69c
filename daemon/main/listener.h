/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A listening local socket on the event loop. */

#include "daemon/base/err.h"
#include <sys/types.h>
#include <systemd/sd-event.h>

struct listener_place {
	const char *name;      /* FileDescriptorName= under systemd, NAME.sock without */
	const char *directory; /* where it is bound without */
	int type;
	mode_t mode;
	bool refuses_descriptors; /* its peers have none to send: base/socket-guard.h */
};

struct listener {
	int fd;
	sd_event_source *source;
	void (*on_connect)(void *context, int fd); /* owns fd, which does not block */
	void *context;
};

/* @ret must stay where it is until listener_close(). -errno, logged. */
_checked_ int listener_open(sd_event *loop, const struct listener_place *place,
			    void (*on_connect)(void *context, int fd), void *context,
			    struct listener *ret);
void listener_close(struct listener *listener);
