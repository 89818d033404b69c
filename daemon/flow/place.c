/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/place.h"
#include "daemon/base/credential.h"
#include "daemon/base/files.h"
#include "daemon/conf/url.h"
#include "daemon/ipc/fetch-client.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_S     30
#define PASSWORD_MOST 1024

/* What went wrong on this machine, and what to do. */
static const struct {
	int error;
	const char *advice;
} advices[] = {
	{-ENOENT, "there is no such directory: make it, or mount what belongs there"},
	{-ENOTDIR, "that is no directory"},
	{-EACCES, "clavigerd may not write there: let its user, claviger"},
	{-EPERM, "clavigerd may not write there: let its user, claviger"},
	{-EROFS, "read-only file system (a service may only write to what ReadWritePaths= of "
		 "clavigerd.service names)"},
	{-ENOSPC, "no space left: make room"},
	{-EDQUOT, "the quota is used up: make room"},
};

int place_refuse(int error, const char *path, char **ret_reason)
{
	const char *advice = strerrordesc_np(-error);
	int r;

	if (error == -ENOMEM)
		return error;
	for (size_t i = 0; i < ELEMENTS(advices); i++)
		if (advices[i].error == error)
			advice = advices[i].advice;
	r = text_format(ret_reason, "%s: %s", path, advice);
	return r < 0 ? -ENOMEM : PLACE_FAILED;
}

/* The configuration was checked: it is a path or one of the URLs that are taken. */
static struct conf_url read_place(const char *place)
{
	struct conf_url url;
	int r = conf_url_read(span_of_text(place), &url);

	assert(r == 0);
	return url;
}

bool place_is_near(const char *place)
{
	return read_place(place).scheme == CONF_SCHEME_FILE;
}

int place_directory(const char *place, char **ret)
{
	struct span path = read_place(place).path;

	while (path.size > 1 && path.data[path.size - 1] == '/')
		path.size--;
	return text_format(ret, "%.*s", (int)path.size, (const char *)path.data);
}

static int near_path(const char *place, const char *name, char **ret)
{
	_cleanup_(freep) char *directory = NULL;
	int r = place_directory(place, &directory);

	return r < 0 ? r : text_format(ret, "%s/%s", directory, name);
}

/* The name goes behind the place; labels and endings need no escapes in a URL. */
static int far_url(const char *place, const char *name, char **ret)
{
	size_t n = strlen(place);

	return text_format(ret, "%s%s%s", place, n && place[n - 1] == '/' ? "" : "/", name);
}

static int order_fetch(const struct place_access *access, const char *url, struct secret *password,
		       struct fetch_order *ret, char **ret_reason)
{
	/* One login for all places; TFTP has none (RFC 1350). */
	const char *user = read_place(url).scheme == CONF_SCHEME_TFTP ? NULL : access->user;
	int r = 0;

	if (user && access->password)
		r = credential_read(access->password, PASSWORD_MOST, password, ret_reason);
	if (r)
		return r < 0 ? r : PLACE_FAILED;
	*ret = (struct fetch_order){
		.runtime_directory = access->runtime_directory,
		.url = url,
		.user = user,
		.password = span_of_secret(*password),
		.timeout_s = TIMEOUT_S,
		.canceller = access->canceller,
	};
	return 0;
}

static int write_far(const struct place_access *access, const char *place, const char *name,
		     struct span content, char **ret_reason)
{
	_cleanup_(secret_done) struct secret password = {};
	_cleanup_(freep) char *url = NULL;
	struct fetch_order order;
	int r = far_url(place, name, &url);

	if (!r)
		r = order_fetch(access, url, &password, &order, ret_reason);
	if (!r)
		r = fetch_put(&order, content, ret_reason);
	return r > 0 ? PLACE_FAILED : r;
}

int place_write(const struct place_access *access, const char *place, const char *name,
		struct span content, char **ret_reason)
{
	_cleanup_(freep) char *path = NULL;
	int r;

	if (!place_is_near(place))
		return write_far(access, place, name, content, ret_reason);
	r = near_path(place, name, &path);
	if (r < 0)
		return r;
	r = file_write_atomically(path, content, access->mode);
	return r < 0 ? place_refuse(r, path, ret_reason) : 0;
}

static int read_far(const struct place_access *access, const char *place, const char *name,
		    size_t limit, struct bytes *ret, char **ret_reason)
{
	_cleanup_(secret_done) struct secret password = {};
	_cleanup_(freep) char *url = NULL, *reason = NULL;
	struct fetch_order order;
	int r = far_url(place, name, &url);

	if (!r)
		r = order_fetch(access, url, &password, &order, &reason);
	if (!r)
		r = fetch_get(&order, limit, ret, &reason);
	if (r == FETCH_NOT_FOUND)
		return PLACE_NOT_FOUND;
	if (r <= 0)
		return r;
	*ret_reason = TAKE_PTR(reason);
	return PLACE_FAILED;
}

/* A directory that is missing is no file that is missing. */
static int look_for_directory(const char *place)
{
	_cleanup_(freep) char *directory = NULL, *self = NULL;
	int r = place_directory(place, &directory);

	if (r >= 0)
		r = text_format(&self, "%s/.", directory);
	return r < 0 ? r : access(self, F_OK) < 0 ? -errno : 0;
}

int place_read(const struct place_access *access, const char *place, const char *name, size_t limit,
	       struct bytes *ret, char **ret_reason)
{
	_cleanup_(freep) char *path = NULL;
	int r;

	if (!place_is_near(place))
		return read_far(access, place, name, limit, ret, ret_reason);
	r = near_path(place, name, &path);
	if (r >= 0)
		r = file_read(path, limit, ret);
	if (r == -ENOENT) {
		r = look_for_directory(place);
		return r < 0 ? place_refuse(r, path, ret_reason) : PLACE_NOT_FOUND;
	}
	return r < 0 ? place_refuse(r, path, ret_reason) : 0;
}
