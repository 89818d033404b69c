/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The life of a server: its key made on the token and its own certificate signed, the operator's
 * wish recorded, what is due by itself done.
 */

#include "daemon/ca/crl.h"
#include "daemon/flow/flow.h"

/* Each gives 0, FLOW_LATER, FLOW_REFUSED (the reason in *ret_reason, the caller's), or -errno. */

/* Makes the key on the token, minutes on a card, and the generation that is active at once. Where
 * another CA issues its certificate (conf_server_enrolls()) there is no generation yet, and its
 * trustpoint goes on by itself. */
_checked_ int flow_server_create(struct flow *flow, struct authority *authority, const char *actor,
				 int64_t now_s, char **ret_reason);
/* Record the operator's wish; a start also signs the CRL that is due, if it can be signed now. */
_checked_ int flow_server_start(struct flow *flow, struct authority *authority, const char *actor,
				int64_t now_s, char **ret_reason);
_checked_ int flow_server_stop(struct flow *flow, struct authority *authority, const char *actor,
			       int64_t now_s, char **ret_reason);
/* Gives its label free: the server is no more, and what it issued, its serial numbers and the audit
 * chain stay. Its keys are the operator's command's to destroy, before. Refused while it is
 * enabled. In server-delete.c. */
_checked_ int flow_server_delete(struct flow *flow, struct authority *authority, const char *actor,
				 int64_t now_s, char **ret_reason);

/* What is planned from: @record is loaded (the caller's), @generations borrowed, like @record, by
 * @ret. STORE_NOT_FOUND where the server is not created; -errno. */
_checked_ int flow_server_facts(struct flow *flow, struct authority *authority,
				const struct generations *generations,
				struct ca_server_record *record, struct ca_plan_facts *ret);
/* The next planned action of this server, but for those in @except (NULL: none); CA_ACTION_NONE
 * where nothing is coming. -errno. */
_checked_ int flow_server_plan(struct flow *flow, struct authority *authority,
			       const struct ca_plan_set *except, int64_t now_s,
			       struct ca_plan *ret);
/* Does it, where it is due. 0; FLOW_LATER (the token is away, the time not known) and FLOW_REFUSED
 * (no generation is active): not yet; -errno. */
_checked_ int flow_server_act(struct flow *flow, struct authority *authority,
			      const struct ca_plan *plan, int64_t now_s);
