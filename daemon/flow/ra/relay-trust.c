/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/ra/relay-trust.h"
#include "daemon/flow/trustpoint/ca.h"
#include "daemon/flow/trustpoint/shadow.h"
#include "daemon/trustpoint/known.h"

static bool is_known(const struct trustpoint_turn *turn, const struct scep_ca_answer *answer)
{
	struct trustpoint_ca ca = {};
	enum trustpoint_known known = trustpoint_ca_recognize(&turn->state, answer->certificates,
							      answer->n, turn->now_s, &ca);

	return known != TRUSTPOINT_KNOWN_STRANGER && known != TRUSTPOINT_KNOWN_NOTHING;
}

static int refuse(const struct trustpoint_turn *turn, char **ret_reason)
{
	const struct conf_trustpoint *conf = turn->conf;

	return trustpoint_refuse(ret_reason, FLOW_REFUSED,
				 "%s gives a CA certificate that is not trusted here: compare it, "
				 "then claviger trustpoint authenticate %s",
				 conf->enrollment_url, conf->name);
}

int relay_trust_ca(struct trustpoint_turn *turn, struct span cacert, char **ret_reason)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {};
	int r;

	if (!turn->conf->fingerprint && !turn->state.n_anchors)
		return 0;
	r = scep_ca_answer_read(cacert, &answer);
	if (r)
		return r == -EBADMSG ? refuse(turn, ret_reason) : r;
	if (is_known(turn, &answer))
		return 0;
	/* Another CA by an operator's word: Fingerprint= was changed, or just set. */
	if (turn->conf->fingerprint)
		r = trustpoint_authenticate(turn, ret_reason);
	if (r)
		return r;
	/* What was asked for again may have been another. */
	return is_known(turn, &answer) ? 0 : refuse(turn, ret_reason);
}

int relay_trust_next_ca(struct trustpoint_turn *turn, char **ret_reason)
{
	return turn->state.n_anchors ? trustpoint_fetch_next_ca(turn, ret_reason) : 0;
}
