/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/lifetime.h"

#define MONTH_S ((int64_t)30 * 86400)

int64_t conf_certificate_lifetime_s(const struct conf_server *server)
{
	int64_t ca_s = server->ca_certificate_lifetime_s;
	/* How long another CA lets it live nobody knows before it says so. */
	if (server->mode != CONF_MODE_ROOT)
		return server->certificate_lifetime_s;
	int64_t longest_s = ca_s > 2 * MONTH_S ? ca_s - MONTH_S : ca_s / 2;

	return server->certificate_lifetime_s < longest_s ? server->certificate_lifetime_s
							  : longest_s;
}

int64_t conf_subordinate_lifetime_s(const struct conf_server *server)
{
	return server->subordinate_lifetime_s ? server->subordinate_lifetime_s
					      : conf_certificate_lifetime_s(server);
}
