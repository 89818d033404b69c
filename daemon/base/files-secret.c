/* SPDX-License-Identifier: Apache-2.0 */
/* file_read_secret() of files.h. */
#include "daemon/base/files.h"
#include <endian.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ACL_ENTRIES_MAX 32

struct acl {
	struct posix_acl_xattr_header header;
	struct posix_acl_xattr_entry entries[ACL_ENTRIES_MAX];
};

/* Whether an entry lets somebody in who is neither the owner nor ourselves. */
static bool acl_entry_is_wide(const struct posix_acl_xattr_entry *entry)
{
	uint16_t tag = le16toh(entry->e_tag);

	if (tag == ACL_USER_OBJ || tag == ACL_MASK || entry->e_perm == 0)
		return false;
	return tag != ACL_USER || le32toh(entry->e_id) != geteuid();
}

/* Under an ACL the group bits are only its mask: systemd gives credentials to a service's user by
 * such an entry. Without one, or one too long to be read, what the mode says stands. */
static bool acl_is_narrow(int fd)
{
	struct acl acl = {0};
	ssize_t size = fgetxattr(fd, "system.posix_acl_access", &acl, sizeof(acl));
	size_t n;

	if (size < (ssize_t)sizeof(acl.header) ||
	    le32toh(acl.header.a_version) != POSIX_ACL_XATTR_VERSION)
		return false;
	n = ((size_t)size - sizeof(acl.header)) / sizeof(acl.entries[0]);
	for (size_t i = 0; i < n; i++)
		if (acl_entry_is_wide(&acl.entries[i]))
			return false;
	return n > 0;
}

static int secret_open(const char *path, int *ret_fd)
{
	_cleanup_(closep) int fd = -1;
	struct stat st;
	int r = file_open(path, &fd);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_mode & (S_IRWXG | S_IRWXO) && !acl_is_narrow(fd))
		return -EPERM;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* At most as much as @into holds. */
static int read_into(int fd, struct secret *into, size_t *ret_size)
{
	size_t size = 0;

	while (size < into->size) {
		ssize_t n = read(fd, into->data + size, into->size - size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		size += (size_t)n;
	}
	*ret_size = size;
	return 0;
}

int file_read_secret(const char *path, size_t limit, struct secret *ret)
{
	_cleanup_(secret_done) struct secret whole = {0};
	_cleanup_(closep) int fd = -1;
	size_t size = 0;
	int r = secret_open(path, &fd);

	if (r == 0)
		r = secret_new(limit + 1, &whole);
	if (r == 0)
		r = read_into(fd, &whole, &size);
	if (r < 0)
		return r;
	if (size > limit)
		return -EFBIG;
	if (size && whole.data[size - 1] == '\n')
		size--;
	if (size && whole.data[size - 1] == '\r')
		size--;
	return secret_copy(SPAN(whole.data, size), ret);
}
