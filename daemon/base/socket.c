/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/socket.h"
#include "daemon/base/socket-internal.h"
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define BACKLOG		   128
#define GROUP_RECORD_BYTES 4096

static void names_freep(char ***names)
{
	for (char **name = *names; name && *name; name++)
		free(*name);
	free(*names);
}

int socket_inherit(const char *name, int *ret_fd)
{
	_cleanup_(names_freep) char **names = NULL;
	int n = sd_listen_fds_with_names(0, &names); /* the environment stays for the next call */

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0) {
			*ret_fd = SD_LISTEN_FDS_START + i;
			return 0;
		}
	return -ENOENT;
}

/* Removes a socket that nobody listens on; anything else at @path is in use. */
static int stale_remove(const char *path, int type, const struct sockaddr_un *address)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (fd < 0)
		return -errno;
	/* connect(2) refuses a plain file in the same way as a dead socket */
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode) ||
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
	    errno != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* The mode of the descriptor is that of the file which bind(2) makes, less the umask, so nobody
 * finds it wider for a moment; what the umask took comes back afterwards. */
static int bind_at(int fd, const char *path, int type, mode_t mode)
{
	struct sockaddr_un address;
	int r = socket_address(path, &address);

	if (r < 0)
		return r;
	if (fchmod(fd, mode) < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno != EADDRINUSE)
			return -errno;
		r = stale_remove(path, type, &address);
		if (r < 0)
			return r;
		if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
			return -errno;
	}
	return chmod(path, mode) < 0 ? -errno : 0;
}

int socket_listen(const char *name, const char *path, int type, mode_t mode, int *ret_fd)
{
	_cleanup_(closep) int fd = -1;
	int r = socket_inherit(name, ret_fd);

	if (r != -ENOENT)
		return r;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = bind_at(fd, path, type, mode);
	if (r < 0)
		return r;
	if (listen(fd, BACKLOG) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* A peer in more groups than struct peer holds keeps the first of them: it has less then, never
 * more. */
static int peer_groups(int fd, struct peer *peer)
{
	_cleanup_(freep) gid_t *all = NULL;
	socklen_t size = sizeof(peer->groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &size) == 0) {
		peer->n_groups = size / sizeof(gid_t);
		return 0;
	}
	if (errno != ERANGE)
		return -errno;
	all = malloc(size);
	if (!all)
		return -ENOMEM;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, all, &size) < 0)
		return -errno;
	memcpy(peer->groups, all, sizeof(peer->groups));
	peer->n_groups = ELEMENTS(peer->groups);
	return 0;
}

int socket_peer(int fd, struct peer *ret)
{
	struct ucred credentials = {0};
	socklen_t size = sizeof(credentials);
	struct peer peer = {0};
	int r;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
		return -errno;
	peer.uid = credentials.uid;
	peer.gid = credentials.gid;
	peer.pid = credentials.pid;
	r = peer_groups(fd, &peer);
	if (r < 0)
		return r;
	*ret = peer;
	return 0;
}

/* The group's number; false where there is none of that name. */
static bool group_find(const char *name, gid_t *ret)
{
	struct group *found = NULL;
	struct group record;
	int r = ERANGE;

	/* ERANGE: the record has more members than the memory holds */
	for (size_t size = GROUP_RECORD_BYTES; r == ERANGE && size <= 1 << 20; size *= 4) {
		char *memory = malloc(size);

		r = memory ? getgrnam_r(name, &record, memory, size, &found) : ENOMEM;
		if (r == 0 && found)
			*ret = found->gr_gid;
		free(memory);
	}
	return r == 0 && found;
}

bool peer_in_group(const struct peer *peer, const char *group)
{
	gid_t gid = 0;

	if (!group_find(group, &gid))
		return false;
	if (peer->gid == gid)
		return true;
	for (size_t i = 0; i < peer->n_groups; i++)
		if (peer->groups[i] == gid)
			return true;
	return false;
}
