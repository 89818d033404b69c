/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A saved server goes on here: its certificate becomes generation 1, its counter goes on behind the
 * last serial number, its CRL is the one in force, and what that lists stays revoked. All of it in
 * one transaction. Its key is on the token before; the operator's command brought it there.
 */

#include "daemon/flow/flow.h"

struct restore_order {
	struct span certificate; /* DER */
	struct span ser;	 /* the .ser file's text; empty where there is none */
	uint64_t last_counter;	 /* by hand; 0: what .ser says */
	struct span crl;	 /* DER; empty where there is none */
	bool look_only;		 /* check, and do nothing */
};

/* 0, FLOW_LATER, FLOW_REFUSED (the reason in *ret_reason, the caller's), -errno. */
_checked_ int flow_server_restore(struct flow *flow, struct authority *authority,
				  const struct restore_order *order, const char *actor,
				  int64_t now_s, char **ret_reason);
