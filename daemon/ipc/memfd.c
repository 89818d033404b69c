/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/memfd.h"

#include "daemon/ipc/channel.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without all of these the sender could still change, cut or stretch what we are reading. */
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int write_fully(int fd, struct span from)
{
	while (from.size > 0) {
		ssize_t n = write(fd, from.data, from.size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			from = SPAN(from.data + n, from.size - (size_t)n);
	}
	return 0;
}

int memfd_seal(struct span packet, int *ret_fd)
{
	_cleanup_(closep) int fd =
		memfd_create("claviger-message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return -errno;
	r = write_fully(fd, packet);
	if (r < 0)
		return r;
	if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int read_fully(int fd, uint8_t *to, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t n = pread(fd, to + at, size - at, (off_t)at);

		if (n == 0)
			return -EBADMSG;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			at += (size_t)n;
	}
	return 0;
}

/* The size of a memfd that nobody can change any more and that can be the message it says it is,
 * so that no peer makes us take in more than its message may have. */
static int check(int fd, size_t *ret_size)
{
	uint8_t head[IPC_HEADER_SIZE];
	struct ipc_header header;
	struct stat status;
	int seals, r;

	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &status) < 0)
		return -EBADMSG;
	if (status.st_size <= (off_t)IPC_PACKET_MOST)
		return -EBADMSG;
	r = read_fully(fd, head, sizeof(head));
	if (r < 0)
		return r;
	r = ipc_decode_header(SPAN_ARRAY(head), &header);
	if (r < 0)
		return r;
	if (status.st_size > (off_t)ipc_size_most(header.number))
		return -EBADMSG;
	*ret_size = (size_t)status.st_size;
	return 0;
}

/* Copied, not mapped: reading a hole in somebody else's memory can end in SIGBUS when memory is
 * short. */
int memfd_read(int fd, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes content = {0};
	size_t size;
	int r;

	r = check(fd, &size);
	if (r < 0)
		return r;
	r = bytes_new(size, &content);
	if (r < 0)
		return r;
	r = read_fully(fd, content.data, content.size);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(content);
	return 0;
}
