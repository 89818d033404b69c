/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/audit/upkeep.h"
#include "daemon/base/log.h"
#include "daemon/flow/audit/checkpoint.h"
#include "daemon/flow/audit/unfinished.h"
#include "daemon/flow/witness.h"
#include <string.h>

int flow_audit_begin(struct flow *flow, int64_t now_s)
{
	struct store_audit_newest newest;
	int r = store_audit_newest(flow->store, &newest);

	if (r < 0)
		return r;
	witness_set_first_seq(flow->witness, newest.seq);
	return flow_audit_note(flow, AUDIT_DAEMON_START, NULL, CLAVIGER_VERSION, now_s);
}

void flow_audit_end(struct flow *flow, int64_t now_s)
{
	int r = flow_audit_note(flow, AUDIT_DAEMON_STOP, NULL, NULL, now_s);

	for (size_t i = 0; i < flow->conf->n_tokens; i++)
		token_link_end(flow->tokens[i]);
	if (r == 0)
		r = flow_witness(flow);
	if (r)
		log_info(LOG_FIELDS(log_number("RESULT", r)),
			 "the audit's last record is not known to a token's process yet");
}

static void tell_failure(const char *what, int r)
{
	if (r < 0)
		log_warning(LOG_FIELDS(log_number("ERRNO", -r)), "audit: %s: %s", what,
			    strerrordesc_np(-r));
}

int flow_audit_upkeep(struct flow *flow, int64_t now_s, int64_t *ret_in_s)
{
	int told = flow_witness(flow), compared = flow_find_unfinished(flow, now_s), signed_;

	signed_ = flow_checkpoint(flow, now_s, ret_in_s);
	tell_failure("its head can't be told to a token's process", told);
	tell_failure("a token's log can't be compared", compared);
	tell_failure("no checkpoint can be made", signed_);
	return told ? told : compared ? compared : signed_;
}
