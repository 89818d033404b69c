/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/listen.h"

#include "daemon/base/log.h"
#include "daemon/conf/address.h"
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define SOCKET_NAME "http"
#define BACKLOG	    4096

/* Where nothing is set: every address, IPv4 too; the second where the system has no IPv6. */
static const char *const defaults[] = {"[::]:80", "0.0.0.0:80"};

static int inherit(struct listeners *listeners)
{
	char **names = NULL;
	int n = sd_listen_fds_with_names(0, &names);

	for (int i = 0; i < n; i++) {
		if (strcmp(names[i], SOCKET_NAME) == 0 && listeners->n < LISTEN_MAX)
			listeners->fds[listeners->n++] = SD_LISTEN_FDS_START + i;
		free(names[i]);
	}
	free(names);
	listeners->inherited = listeners->n > 0;
	return n < 0 ? n : 0;
}

/* Whether IPv4 has a socket of its own on @port, so that the IPv6 one must leave it alone. */
static bool has_ipv4(const struct conf *conf, in_port_t port)
{
	for (size_t i = 0; i < conf->http.n_listen; i++) {
		struct sockaddr_storage address;
		socklen_t size;
		if (conf_read_address(span_of_text(conf->http.listen[i]), &address, &size) == 0 &&
		    address.ss_family == AF_INET &&
		    ((struct sockaddr_in *)&address)->sin_port == port)
			return true;
	}
	return false;
}

static int bind_one(const struct conf *conf, const char *text, int *ret_fd)
{
	_cleanup_(closep) int fd = -1;
	struct sockaddr_storage address;
	socklen_t size;
	const int yes = 1;

	int r = conf_read_address(span_of_text(text), &address, &size);
	if (r < 0)
		return r;
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0)
		return -errno;
	if (address.ss_family == AF_INET6) {
		int only = has_ipv4(conf, ((struct sockaddr_in6 *)&address)->sin6_port);
		if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) < 0)
			return -errno;
	}
	if (bind(fd, (const struct sockaddr *)&address, size) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int refuse(const char *text, int error)
{
	log_error(LOG_PLAIN, "cannot listen on %s: %s%s", text, strerror(-error),
		  error == -EACCES ? " (a port below 1024 needs CAP_NET_BIND_SERVICE, or a socket "
				     "unit; Listen= names another)"
				   : "");
	return error;
}

static int bind_all(const struct conf *conf, struct listeners *listeners)
{
	for (size_t i = 0; i < conf->http.n_listen; i++) {
		int r = bind_one(conf, conf->http.listen[i], &listeners->fds[i]);
		if (r < 0)
			return refuse(conf->http.listen[i], r);
		listeners->n++;
		log_info(LOG_PLAIN, "listening on %s", conf->http.listen[i]);
	}
	return 0;
}

static int bind_default(const struct conf *conf, struct listeners *listeners)
{
	size_t i = 0;
	int r = bind_one(conf, defaults[0], &listeners->fds[0]);

	if (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL)
		r = bind_one(conf, defaults[++i], &listeners->fds[0]);
	if (r < 0)
		return refuse(defaults[i], r);
	listeners->n = 1;
	log_info(LOG_PLAIN, "listening on %s", defaults[i]);
	return 0;
}

int listeners_open(const struct conf *conf, struct listeners *ret)
{
	_cleanup_(listeners_done) struct listeners listeners = {0};
	int r = inherit(&listeners);

	if (r == 0 && !listeners.n)
		r = conf->http.n_listen ? bind_all(conf, &listeners)
					: bind_default(conf, &listeners);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(listeners);
	return 0;
}

void listeners_done(struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->n; i++)
		closep(&listeners->fds[i]);
	*listeners = (struct listeners){0};
}
