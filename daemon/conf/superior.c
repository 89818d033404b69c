/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/superior.h"
#include "daemon/conf/host.h"
#include "daemon/conf/url.h"
#include <string.h>

#define HTTP_PORT  80
#define HTTPS_PORT 443

bool conf_trustpoint_is_by_hand(const struct conf_trustpoint *trustpoint)
{
	return trustpoint->enrollment_url && !strcmp(trustpoint->enrollment_url, "terminal");
}

static bool read_url(const struct conf_trustpoint *trustpoint, struct conf_url *ret)
{
	return trustpoint->enrollment_url && !conf_trustpoint_is_by_hand(trustpoint) &&
	       conf_url_read(span_of_text(trustpoint->enrollment_url), ret) == 0;
}

const struct conf_server *conf_find_superior(const struct conf *conf,
					     const struct conf_trustpoint *trustpoint)
{
	static const char scep[] = "/scep/";
	const char *at = trustpoint->enrollment_url;
	size_t size;

	at = at ? strstr(at, "://") : NULL;
	at = at ? strchr(at + 3, '/') : NULL;
	if (!at || strncmp(at, scep, strlen(scep)) != 0)
		return NULL;
	at += strlen(scep);
	size = strcspn(at, "/?");
	for (size_t i = 0; i < conf->n_servers; i++)
		if (strlen(conf->servers[i].label) == size &&
		    !strncmp(conf->servers[i].label, at, size))
			return &conf->servers[i];
	return NULL;
}

static bool is_loopback(struct span host)
{
	return span_equal(host, SPAN_LITERAL("localhost")) ||
	       span_equal(host, SPAN_LITERAL("::1")) ||
	       (conf_is_address(host) && host.size > 4 && !memcmp(host.data, "127.", 4));
}

static bool is_listener(const struct conf_host *host, const char *listener)
{
	struct conf_host own;

	return conf_host_read(span_of_text(listener), &own) == 0 && own.port == host->port &&
	       (is_loopback(host->name) || span_equal(own.name, host->name));
}

bool conf_superior_is_here(const struct conf *conf, const struct conf_trustpoint *trustpoint)
{
	struct conf_host host;
	struct conf_url url;

	if (!read_url(trustpoint, &url) || conf_host_read(url.authority, &host) != 0)
		return false;
	if (!host.port)
		host.port = url.scheme == CONF_SCHEME_HTTPS ? HTTPS_PORT : HTTP_PORT;
	/* As systemd's socket has it. */
	if (!conf->http.n_listen)
		return is_listener(&host, "[::]:80");
	for (size_t i = 0; i < conf->http.n_listen; i++)
		if (is_listener(&host, conf->http.listen[i]))
			return true;
	return false;
}

bool conf_server_asks_itself(const struct conf *conf, const struct conf_server *server)
{
	const struct conf_server *at = server;

	/* More steps than there are servers only go round. */
	for (size_t i = 0; i < conf->n_servers; i++) {
		if (!at || !at->trustpoint || !conf_superior_is_here(conf, at->trustpoint))
			return false;
		at = conf_find_superior(conf, at->trustpoint);
		if (at == server)
			return true;
	}
	return false;
}
