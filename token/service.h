/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What every request is served with: the token's keeper, its charters, the log of its signatures,
 * and what the configuration says of servers. One per process, shared by all threads.
 */

#include "daemon/base/log-repeats.h"
#include "token/charters.h"
#include "token/keeper.h"
#include "token/servers.h"
#include "token/signature-log.h"
#include "token/tally.h"

struct service {
	char *name; /* of the token */
	struct charters *charters;
	struct keeper *keeper;
	struct signature_log *signatures;
	struct tally *tally;	      /* of what is not logged one by one */
	struct log_repeats *refusals; /* to programs */
	struct secret process_secret; /* for hsm/padding.h */
	struct service_servers *servers;
	char *wrapping_label; /* as it was configured; under the lock of the servers */
};

/* Opens the state of the token @name below [Daemon] TokenStateDirectory=, making its directory
 * (0700) where there is none, and takes over the configuration. Nothing of the token itself is
 * touched. -errno, logged. References to @conf are kept. */
_checked_ int service_open(const char *name, struct conf *conf, struct service **ret);
/* No thread may be at work. */
struct service *service_close(struct service *service);
void service_closep(struct service **service);

/* Once a minute writes what was counted into the log of signatures; where that fails it is said and
 * tried again. Does not wait for the disk. */
void service_write_tally_when_due(struct service *service);

/* Takes over a new configuration. 0 where the token should be opened again; SERVICE_UNCHANGED where
 * it needn't; -ENOENT where the token is not in it any more, -errno. */
enum service_configure_outcome { SERVICE_UNCHANGED = 1 };
_checked_ int service_configure(struct service *service, struct conf *conf);
struct server_facts service_find_server(struct service *service, struct span issuer);
/* servers_find_archive() of the configuration as it is. */
_checked_ int service_find_archive(struct service *service, const char *label, struct span issuer,
				   struct server_archive *ret);
/* The label of the token's wrapping key, WrappingKey=; the caller's. -ENOMEM. */
_checked_ int service_read_wrapping_label(struct service *service, char **ret);
/* servers_back_up() of the configuration as it is. */
bool service_backs_up(struct service *service, const char *label, struct span issuer);
/* uses_find() of the configuration as it is. */
_checked_ int service_find_uses(struct service *service, const char *label, unsigned *ret);
/* Of the server with this label; @ret's issuer is then a copy, @ret_issuer, the caller's. A label
 * of no server gives facts that are not known. -ENOMEM. */
_checked_ int service_find_label(struct service *service, struct span label,
				 struct server_key_facts *ret, struct bytes *ret_issuer);
