/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What every request is served with: the token's keeper, its charters, the log of its signatures,
 * and what the configuration says of servers. One per process, shared by all threads.
 */

#include "token/charters.h"
#include "token/keeper.h"
#include "token/servers.h"
#include "token/signature-log.h"

struct service {
	char *name; /* of the token */
	struct charters *charters;
	struct keeper *keeper;
	struct signature_log *signatures;
	struct secret process_secret; /* for hsm/padding.h */
	struct service_servers *servers;
};

/* Opens the state of the token @name below [Daemon] TokenStateDirectory=, making its directory
 * (0700) where there is none, and takes over the configuration. Nothing of the token itself is
 * touched. -errno, logged. */
_checked_ int service_open(const char *name, const struct conf *conf, struct service **ret);
/* No thread may be at work. */
struct service *service_close(struct service *service);
void service_closep(struct service **service);

/* Takes over a new configuration. 0 where the token should be opened again; SERVICE_UNCHANGED where
 * it needn't; -ENOENT where the token is not in it any more, -errno. */
enum service_configure_outcome { SERVICE_UNCHANGED = 1 };
_checked_ int service_configure(struct service *service, const struct conf *conf);
struct server_facts service_find_server(struct service *service, struct span issuer);
