/* SPDX-License-Identifier: Apache-2.0 */
/* layers: daemon/conf */
/*
 * A whole configuration file. What is taken must keep what its options promise; what is refused
 * must say so in lines that begin with the file's name.
 */
#include "daemon/conf/conf.h"
#include "daemon/conf/value.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_taken(const struct conf *conf)
{
	assert(conf->daemon.runtime_directory[0] == '/' && conf->daemon.hold_for_s <= 20);
	assert(conf->http.n_listen <= 16);
	for (size_t i = 0; i < conf->n_servers; i++) {
		const struct conf_server *server = &conf->servers[i];
		assert(conf_is_label(span_of_text(server->label)));
		assert(conf_find_server(conf, server->label) == server);
		assert(conf_find_token(conf, server->token));
		assert(server->issuer_name[0] && server->mode == CONF_MODE_ROOT);
		assert(server->crl_lifetime_s >= 3600 &&
		       server->crl_lifetime_s <= (server->offline ? 8784 : 336) * 3600);
	}
}

static void check_refused(const char *error, const char *path)
{
	for (const char *line = error; line; line = strchr(line, '\n')) {
		line += line != error;
		assert(strncmp(line, path, strlen(path)) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(closep) int fd = memfd_create("conf", MFD_CLOEXEC);
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	_cleanup_(freep) char *error = NULL;
	char path[64];

	assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int r = conf_load(path, &conf, &error);
	assert(r == 0 || r == CONF_LOAD_WRONG);
	if (r == 0)
		check_taken(conf);
	else
		check_refused(error, path);
	return 0;
}
