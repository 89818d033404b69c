/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whom this machine trusts: each CA certificate with the trustpoint or server it is trusted by.
 * Those of trustpoints that check revocation come before the others, so that a CA that two of them
 * know is checked. Inside validate.h; nobody else's.
 */

#include "daemon/ca/trustpoint-records.h"
#include "daemon/flow/flow.h"

struct domain_anchor {
	struct span certificate;		  /* whole DER; borrowed from the domains */
	const struct conf_trustpoint *trustpoint; /* or … */
	struct authority *server;		  /* … NULL */
	int64_t generation_id;			  /* of the server's */
};

struct domains {
	struct domain_anchor *anchors;
	size_t n;
	struct span *others; /* what came with the anchors, as paths may go by it */
	size_t n_others;
	struct ca_trustpoint_state *states; /* of the trustpoints that have anchors here */
	size_t n_states;
	struct generations **generations; /* of the servers that do */
	size_t n_generations;
};

/* Those of one trustpoint, or (NULL) of all, and of the servers. Active ones, and those that will
 * take over. -ENOENT where there is no such section; -errno. */
_checked_ int domains_load(struct flow *flow, const char *trustpoint, int64_t now_s,
			   struct domains *ret);
void domains_done(struct domains *domains);
/* Whose CA this is; NULL. */
const struct domain_anchor *domains_find(const struct domains *domains, struct span certificate);
