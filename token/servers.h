/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the configuration says of the server whose issuer name a charter holds. The token's process
 * reads it itself, since the daemon's word doesn't count here. Immutable.
 */

#include "daemon/base/bytes.h"
#include "daemon/conf/conf.h"
#include "daemon/ipc/keys.h"

struct servers;

struct server_facts {
	bool known; /* some [Server] has this issuer name, compared as RFC 5280 §7.1 does */
	bool issue_subordinates;
	bool separate_exchange;
	bool allow_weak;
};

/* Reads every [Server]; a name that can't be read is skipped with a warning. -ENOMEM. */
_checked_ int servers_new(const struct conf *conf, struct servers **ret);
struct servers *servers_free(struct servers *servers);
void servers_freep(struct servers **servers);

/* What the configuration says of the server with this label. */
struct server_key_facts {
	bool known;
	struct span issuer; /* DER Name; borrowed */
	bool allow_weak, backs_up;
	unsigned key_size; /* KeySize=; 0 where none is set */
};
struct server_key_facts servers_find_label(const struct servers *servers, struct span label);

/* The archive that a CA key of this label (LABEL, or LABEL# of a shadow) and issuer gets. */
struct server_archive {
	enum key_form form; /* 0: none */
	char *password;	    /* where ArchivePassword= says it is; NULL where it isn't set */
};
void server_archive_done(struct server_archive *archive);
/* -ENOMEM. */
_checked_ int servers_find_archive(const struct servers *servers, const char *label,
				   struct span issuer, struct server_archive *ret);

/* Whether a CA key of this label (as above) and issuer is made wrappable: Backup=wrapped. */
bool servers_back_up(const struct servers *servers, const char *label, struct span issuer);

/* Where several servers share the name, only what all of them say. */
struct server_facts servers_find(const struct servers *servers, struct span issuer);
