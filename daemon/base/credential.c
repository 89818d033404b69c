/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/credential.h"
#include "daemon/base/files.h"
#include <stdlib.h>
#include <string.h>

static const struct {
	int error;
	const char *advice;
} advices[] = {
	{-ENOENT, "there is no such file"},
	{-EPERM, "others may read it: give it mode 0600"},
	{-EACCES, "this program may not read it: it must belong to its user"},
	{-EFBIG, "it is too long"},
	{-EINVAL, "it is no file but a pipe or a device"},
};

const char *credential_advice(int error)
{
	for (size_t i = 0; i < ELEMENTS(advices); i++)
		if (advices[i].error == error)
			return advices[i].advice;
	return strerrordesc_np(-error);
}

int credential_path(const char *name, const char *directory, char **ret)
{
	if (strchr(name, '/'))
		return text_format(ret, "%s", name);
	return text_format(ret, "%s/%s", directory ? directory : "/run/credentials/none", name);
}

int credential_read(const char *name, size_t limit, struct secret *ret, char **ret_reason)
{
	_cleanup_(freep) char *path = NULL;
	int r = credential_path(name, getenv("CREDENTIALS_DIRECTORY"), &path);

	if (r >= 0)
		r = file_read_secret(path, limit, ret);
	if (r >= 0 || r == -ENOMEM)
		return r;
	r = text_format(ret_reason, "%s can't be read: %s", path, credential_advice(r));
	return r < 0 ? r : CREDENTIAL_REFUSED;
}
