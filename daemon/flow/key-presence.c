/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/key-presence.h"

bool flow_key_is_gone(struct flow *flow, const char *name, struct span spki)
{
	struct token_link *token = flow_find_token(flow, name);
	struct token_facts facts;

	if (!token || token_link_status(token, &facts) || facts.state != TOKEN_READY)
		return false;
	for (unsigned position = 0;; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, position, &key);

		if (r)
			return r == TOKEN_LINK_NO_KEY;
		if (span_equal(span_of(key.spki), spki))
			return !key.present;
	}
}
