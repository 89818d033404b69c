/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/server-mode.h"
#include "daemon/conf/server-key.h"
#include <string.h>

static const struct {
	bool is_ca, enrolls;
} modes[] = {
	[CONF_MODE_ROOT] = {.is_ca = true},
	[CONF_MODE_SUBORDINATE] = {.is_ca = true, .enrolls = true},
	[CONF_MODE_RA] = {.enrolls = true},
	[CONF_MODE_RA_TRANSPARENT] = {},
};

bool conf_server_is_ca(const struct conf_server *server)
{
	return modes[server->mode].is_ca;
}

bool conf_server_enrolls(const struct conf_server *server)
{
	return modes[server->mode].enrolls;
}

bool conf_server_is_ra(const struct conf_server *server)
{
	return server->mode == CONF_MODE_RA;
}

bool conf_server_is_transparent(const struct conf_server *server)
{
	return server->mode == CONF_MODE_RA_TRANSPARENT;
}

bool conf_trustpoint_is_idle(const struct conf *conf, const char *name)
{
	const struct conf_server *server = conf_find_server(conf, name);

	return server && !conf_server_enrolls(server) && !conf_server_is_transparent(server);
}

bool conf_server_has_exchange(const struct conf_server *server)
{
	return conf_server_exchange_token(server) != NULL;
}

const char *conf_server_exchange_token(const struct conf_server *server)
{
	if (conf_server_is_ra(server))
		return conf_server_first_token(server);
	return conf_server_is_ca(server) && server->exchange_key &&
			       strcmp(server->exchange_key, "ca") != 0
		       ? server->exchange_key
		       : NULL;
}
