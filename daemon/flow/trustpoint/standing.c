/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/standing.h"
#include "daemon/base/files.h"
#include "daemon/flow/key-presence.h"
#include "daemon/ipc/keys.h"

static int tell(struct flow *flow, const char *name, const struct ca_key_place *place, char **ret)
{
	if (!flow_find_token(flow, place->token))
		return text_format(ret,
				   "its key '%s' is on token %s, which the configuration has no "
				   "section for: call its section [Token %s] again",
				   place->label, place->token, place->token);
	if (flow_key_is_gone(flow, place->token, span_of(place->spki)))
		return text_format(ret,
				   "its key '%s' is not on token %s any more, so its certificate "
				   "serves nobody: claviger trustpoint enroll %s",
				   place->label, place->token, name);
	return 0;
}

/* In use, or about to be. */
static int tell_current(struct flow *flow, const char *name,
			const struct ca_trustpoint_state *state, int64_t now_s, char **ret)
{
	static const int usages[] = {KEY_USAGE_GENERAL, KEY_USAGE_SIGNATURE, KEY_USAGE_ENCRYPTION};
	int r = 0;

	for (size_t i = 0; i < ELEMENTS(usages) && r >= 0 && !*ret; i++) {
		const struct ca_identity_record *active =
			ca_identity_active(state, usages[i], now_s);
		const struct ca_identity_record *next = ca_identity_next(state, usages[i], now_s);

		if (active)
			r = tell(flow, name, &active->key, ret);
		if (next && r >= 0 && !*ret)
			r = tell(flow, name, &next->key, ret);
	}
	return r;
}

/* Those that wait for their end, on a token that nobody can reach. */
static int tell_former(struct flow *flow, const struct ca_trustpoint_state *state, char **ret)
{
	for (size_t i = 0; i < state->n_identities; i++) {
		const struct ca_identity_record *identity = &state->identities[i];
		const struct ca_key_place *place = &identity->key;

		if (!identity->key_destroyed_s && !flow_find_token(flow, place->token))
			return text_format(ret,
					   "a former key '%s' can't be destroyed: it is on token "
					   "%s, which the configuration has no section for: call "
					   "its section [Token %s] until it is gone",
					   place->label, place->token, place->token);
	}
	return 0;
}

int trustpoint_key_trouble(struct flow *flow, const char *name,
			   const struct ca_trustpoint_state *state, int64_t now_s, char **ret)
{
	int r;

	*ret = NULL;
	if (flow_find_authority(flow, span_of_text(name)))
		return 0;
	r = tell_current(flow, name, state, now_s, ret);
	if (r >= 0 && !*ret)
		r = tell_former(flow, state, ret);
	return r < 0 ? -ENOMEM : 0;
}
