/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/trial.h"
#include "daemon/base/files.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool trial_next(const struct trial *trial, const char **at, unsigned *ret_line,
		struct span *ret_why)
{
	size_t size = strlen(trial->drop_in);
	char *why;

	*at = strstr(*at ? *at : trial->errors, trial->drop_in);
	if (!*at)
		return false;
	*ret_line = (unsigned)strtoul(*at + size + ((*at)[size] == ':'), &why, 10);
	why += strspn(why, ": ");
	*ret_why = SPAN(why, strcspn(why, "\n"));
	*at = why + ret_why->size;
	return true;
}

/* Where there is no such file yet, the name of an empty one that nobody else sees. */
static int name_main(const char *config, int *ret_fd, char **ret)
{
	if (access(config, F_OK) >= 0 || errno != ENOENT)
		return text_format(ret, "%s", config);
	*ret_fd = memfd_create("claviger", MFD_CLOEXEC);
	if (*ret_fd < 0)
		return -errno;
	return text_format(ret, "/proc/self/fd/%d", *ret_fd);
}

int trial_run(const char *config, const char *name, struct span text, struct trial *ret)
{
	const struct conf_drop_in pending = {name, text};
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	_cleanup_(freep) char *path = NULL;
	_cleanup_(closep) int fd = -1;
	int r;

	*ret = (struct trial){};
	r = name_main(config, &fd, &path);
	if (r >= 0)
		r = text_format(&ret->drop_in, "%s.d/%s", path, name);
	if (r >= 0)
		r = conf_load_pending(path, &pending, &conf, &ret->errors);
	return r == CONF_LOAD_WRONG ? TRIAL_WRONG : r;
}

void trial_done(struct trial *trial)
{
	free(trial->errors);
	free(trial->drop_in);
	*trial = (struct trial){};
}
