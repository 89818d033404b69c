/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The life of a server: its key made on the token and its own certificate signed, the operator's
 * wish recorded, what is due by itself done.
 */

#include "daemon/ca/crl.h"
#include "daemon/flow/flow.h"

/* Each gives 0, FLOW_LATER, FLOW_REFUSED (the reason in *ret_reason, the caller's), or -errno. */

/* Makes the key on the token, minutes on a card, and the generation that is active at once. */
_checked_ int flow_server_create(struct flow *flow, struct authority *authority, const char *actor,
				 int64_t now_s, char **ret_reason);
/* Record the operator's wish; a start also signs the CRL that is due, if it can be signed now. */
_checked_ int flow_server_start(struct flow *flow, struct authority *authority, const char *actor,
				int64_t now_s, char **ret_reason);
_checked_ int flow_server_stop(struct flow *flow, struct authority *authority, const char *actor,
			       int64_t now_s, char **ret_reason);

/* The next planned action of this server; CA_ACTION_NONE where nothing is coming. -errno. */
_checked_ int flow_server_plan(struct flow *flow, struct authority *authority, int64_t now_s,
			       struct ca_plan *ret);
/* Does it, where it is due. 0; FLOW_LATER (the token is away, the time not known) and FLOW_REFUSED
 * (no generation is active): not yet; -errno. */
_checked_ int flow_server_act(struct flow *flow, struct authority *authority,
			      const struct ca_plan *plan, int64_t now_s);
