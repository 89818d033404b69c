/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Notices of what expires: certificates of trustpoints and of their CAs, CA certificates and CRLs
 * of servers. When and in which words is decided in daemon/ca/notice.h; here they are told to the
 * journal, always, and to the sinks of SNMPTrap=, and that they were is recorded. There is no
 * option against them.
 */

#include "daemon/ca/notice.h"
#include "daemon/flow/flow.h"

/* One thing that expires, as it is in force. */
struct notice_thing {
	struct ca_notice_facts facts;
	const char *name;	     /* of the trustpoint or server */
	uint8_t id[SHA256_SIZE];     /* what the database knows it by */
	struct span serial;	     /* of a CRL its number */
	struct span issuer, subject; /* DER Names; no subject of a CRL */
};
/* Visits each, borrowed for the call. < 0 ends it, and is returned; -errno. */
typedef int (*notice_visit)(void *context, const struct notice_thing *thing);
_checked_ int notice_list(struct flow *flow, int64_t now_s, notice_visit visit, void *context);

/*
 * Tells what is due and records it; traps are left for notice_traps_send(). @ret_next_s: when
 * something is due again, INT64_MAX for never. Tells nothing while the time isn't good. -errno
 * where the database can't be read or written: what could not be recorded is not told, and comes
 * again.
 */
_checked_ int flow_notices_round(struct flow *flow, int64_t now_s, int64_t *ret_next_s);
