/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Local sockets: inherited from systemd by name, else bound by ourselves; and who is at the other
 * end. Byte traffic over them is daemon/ipc's.
 */

#include "daemon/base/err.h"
#include <sys/socket.h>
#include <sys/types.h>

struct peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	gid_t groups[64]; /* SO_PEERGROUPS; SO_PEERCRED shows the primary one alone */
	size_t n_groups;
};

/*
 * A listening AF_UNIX socket of @type (SOCK_STREAM, SOCK_SEQPACKET): the descriptor that systemd
 * passed under @name (FileDescriptorName=), else a new one bound at @path with @mode, whatever
 * stale socket lay there removed. -EADDRINUSE where somebody still listens there.
 */
_checked_ int socket_listen(const char *name, const char *path, int type, mode_t mode, int *ret_fd);
/* Only what systemd passed; -ENOENT where it passed nothing under @name. */
_checked_ int socket_inherit(const char *name, int *ret_fd);
/* Connects and returns a descriptor with close-on-exec. -errno of connect(2). Blocks at most for
 * the listener's backlog. */
_checked_ int socket_connect(const char *path, int type, int *ret_fd);
/* The same, waiting for at most @timeout_ms; -ETIMEDOUT. Sends of @ret_fd that block have a time
 * limit from then on. */
_checked_ int socket_connect_within(const char *path, int type, int64_t timeout_ms, int *ret_fd);
_checked_ int socket_peer(int fd, struct peer *ret);
/* Whether @group (a name) is among the peer's; a group this system does not have is nobody's. */
bool peer_in_group(const struct peer *peer, const char *group);
