/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the configuration says of the server whose issuer name a charter holds. The token's process
 * reads it itself, since the daemon's word doesn't count here. Immutable.
 */

#include "daemon/base/bytes.h"
#include "daemon/conf/conf.h"

struct servers;

struct server_facts {
	bool known; /* some [Server] has this issuer name */
	bool issue_subordinates;
	bool separate_exchange;
	bool allow_weak;
};

/* Reads every [Server]; a name that can't be read is skipped with a warning. -ENOMEM. */
_checked_ int servers_new(const struct conf *conf, struct servers **ret);
struct servers *servers_free(struct servers *servers);
void servers_freep(struct servers **servers);

/* Where several servers share the name, only what all of them say. */
struct server_facts servers_find(const struct servers *servers, struct span issuer);
