/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/published.h"

#include "daemon/base/files.h"
#include "daemon/base/oid.h"
#include "daemon/base/text.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name;
	const char *content_type; /* NULL: by the content */
	bool cached;
} kinds[PUBLISHED_KINDS_] = {
	[PUBLISHED_CAPS] = {"caps", "text/plain", false},
	[PUBLISHED_CACERT] = {"cacert", NULL, false},
	[PUBLISHED_NEXTCACERT] = {"nextcacert", "application/x-x509-next-ca-cert", false},
	[PUBLISHED_CRL] = {"crl", "application/pkix-crl", true},
	[PUBLISHED_CA] = {"ca.crt", "application/pkix-cert", true},
};

const char *published_cacert_type(struct span start)
{
	const struct span oid = oid_content(OID_CMS_SIGNED_DATA);
	size_t skip = 2;

	/* SEQUENCE { contentType …, where a certificate begins SEQUENCE { SEQUENCE {. */
	if (start.size > 2 && start.data[1] > 0x80)
		skip += start.data[1] & 0x7f;
	struct span type = span_slice(start, skip, oid.size + 2);
	if (type.size == oid.size + 2 && type.data[0] == DER_OID && type.data[1] == oid.size &&
	    span_equal(span_slice(type, 2, oid.size), oid))
		return "application/x-x509-ca-ra-cert";
	return "application/x-x509-ca-cert";
}

/* The file beside @name says, in decimal seconds since 1970, until when it may be kept. */
static int64_t read_expiry(int folder, const char *name)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(closep) int fd = -1;
	char text[32];
	int64_t expires_s;

	if (text_format(&path, "%s.expires", name) < 0)
		return 0;
	fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text));
	while (size > 0 && text[size - 1] == '\n')
		size--;
	if (size <= 0 || text_read_number(SPAN((const uint8_t *)text, (size_t)size), 1, INT64_MAX,
					  &expires_s) < 0)
		return 0;
	return expires_s;
}

static int open_folder(const char *state_directory, const char *label, int *ret_fd)
{
	_cleanup_(freep) char *path = NULL;
	int r = text_format(&path, "%s/public/%s", state_directory, label);

	if (r < 0)
		return r;
	*ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? -errno : 0;
}

static int read_facts(int folder, const char *name, enum published_kind kind,
		      struct published *file)
{
	struct stat status;
	uint8_t start[32];

	if (fstat(file->fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EISDIR;
	/* Never an empty 200: a file that is empty is as good as none. */
	if (!status.st_size)
		return -ENOENT;
	file->size = (uint64_t)status.st_size;
	file->modified_s = status.st_mtim.tv_sec;
	file->cached = kinds[kind].cached;
	file->expires_s = file->cached ? read_expiry(folder, name) : 0;
	snprintf(file->etag, sizeof(file->etag), "\"%llx-%llx-%llx\"",
		 (unsigned long long)status.st_ino,
		 (unsigned long long)status.st_mtim.tv_sec * 1000000000ULL +
			 (unsigned long long)status.st_mtim.tv_nsec,
		 (unsigned long long)status.st_size);
	file->content_type = kinds[kind].content_type;
	if (!file->content_type) {
		ssize_t size = pread(file->fd, start, sizeof(start), 0);
		if (size < 0)
			return -errno;
		file->content_type = published_cacert_type(SPAN(start, (size_t)size));
	}
	return 0;
}

/* "crl", "crl.2". */
static int name_file(enum published_kind kind, unsigned generation, char **ret)
{
	return generation ? text_format(ret, "%s.%u", kinds[kind].name, generation)
			  : text_format(ret, "%s", kinds[kind].name);
}

int published_open(const char *state_directory, const char *label, enum published_kind kind,
		   unsigned generation, struct published *ret)
{
	_cleanup_(published_done) struct published file = {.fd = -1};
	_cleanup_(freep) char *name = NULL;
	_cleanup_(closep) int folder = -1;

	int r = open_folder(state_directory, label, &folder);
	if (r >= 0)
		r = name_file(kind, generation, &name);
	if (r < 0)
		return r;
	file.fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (file.fd < 0)
		return -errno;
	r = read_facts(folder, name, kind, &file);
	if (r < 0)
		return r;
	*ret = file;
	file.fd = -1;
	return 0;
}

void published_done(struct published *published)
{
	closep(&published->fd);
	published->fd = -1;
}
