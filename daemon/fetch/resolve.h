/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A host's name, looked up by a thread of its own: a name server that does not answer holds up
 * nobody. Who does not want to know any more lets go of it; the thread ends when it ends.
 */

#include "daemon/base/bytes.h"
#include <sys/socket.h>

struct resolve;

/* Begins. @host: a name or an address, without brackets; @port 1…65535. -ENOMEM, -EAGAIN, -errno.
 */
_checked_ int resolve_begin(struct span host, unsigned port, struct resolve **ret);
struct resolve *resolve_let_go(struct resolve *resolve);
/* Readable once it has ended. */
int resolve_fd(const struct resolve *resolve);

struct resolve_address {
	struct sockaddr_storage address;
	socklen_t size;
};
/* Once it has ended. -ENOENT where there is no such name or no answer. Doesn't block. */
_checked_ int resolve_take(const struct resolve *resolve, struct resolve_address *ret);
