/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/refresh.h"
#include "daemon/base/text.h"
#include "daemon/flow/trustpoint/wire.h"
#include "daemon/scep/client.h"
#include "daemon/trustpoint/known.h"

/* @others take the place of those that are recorded with the active anchor. */
static int save_others(struct trustpoint_turn *turn, const struct trustpoint_ca *ca)
{
	const struct ca_anchor_record *active = ca_anchor_active(&turn->state, turn->now_s);
	_cleanup_(ca_anchor_record_done) struct ca_anchor_record record = {};
	struct store_trustpoint_change change = {.anchor = &record};
	int r = trustpoint_anchor_copy(active, &record);

	if (r < 0)
		return r;
	bytes_done(&record.others);
	r = trustpoint_ca_join_others(ca, &record.others);
	return r < 0 ? r : trustpoint_commit(turn, &change, NULL);
}

/* The CA's among what came, as `trustpoint authenticate` shows it; of a heap that is no chain the
 * first. */
static struct span find_stranger(const struct trustpoint_turn *turn,
				 const struct scep_ca_answer *answer)
{
	struct trustpoint_ca ca = {};

	return trustpoint_ca_choose(answer->certificates, answer->n, turn->now_s, &ca)
		       ? answer->certificates[0]
		       : ca.certificate;
}

/* An operator compares: what is told is what he is shown elsewhere. */
static int halt_for_stranger(struct trustpoint_turn *turn, const struct scep_ca_answer *answer,
			     char **ret_reason)
{
	_cleanup_(buffer_done) struct buffer fingerprint = {};
	_cleanup_(freep) char *text = NULL;
	uint8_t digest[SHA256_SIZE];
	int r;

	sha256(find_stranger(turn, answer), digest);
	text_append_hex(&fingerprint, SPAN_ARRAY(digest), true);
	r = buffer_take_text(&fingerprint, &text);
	if (r < 0)
		return r;
	r = trustpoint_refuse(ret_reason, FLOW_REFUSED,
			      "%s gives a CA certificate that is not trusted here, SHA-256 "
			      "fingerprint %s",
			      turn->conf->enrollment_url, text);
	if (r == FLOW_REFUSED && turn->state.record.halt != CA_TRUSTPOINT_STRANGER)
		r = trustpoint_halt(turn, CA_TRUSTPOINT_STRANGER, *ret_reason);
	return r ? r : FLOW_REFUSED;
}

/* What is no certificate at all is a server's trouble, and not another CA. */
static int recognize(struct trustpoint_turn *turn, const struct scep_ca_answer *answer,
		     bool *ret_is_next, char **ret_reason)
{
	struct trustpoint_ca ca = {};
	enum trustpoint_known known = trustpoint_ca_recognize(&turn->state, answer->certificates,
							      answer->n, turn->now_s, &ca);

	*ret_is_next = known == TRUSTPOINT_KNOWN_NEXT;
	if (known == TRUSTPOINT_KNOWN_REFRESHED)
		return save_others(turn, &ca);
	if (known == TRUSTPOINT_KNOWN_NOTHING)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "what %s answers to GetCACert holds no CA certificate",
					 turn->conf->enrollment_url);
	return known == TRUSTPOINT_KNOWN_STRANGER ? halt_for_stranger(turn, answer, ret_reason) : 0;
}

int trustpoint_refresh_capabilities(struct trustpoint_turn *turn)
{
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer answer = {};
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record record = {};
	struct store_trustpoint_change change = {.record = &record};
	_cleanup_(freep) char *reason = NULL;
	unsigned capabilities;
	int r = trustpoint_ask(turn, "GetCACaps", (struct span){}, &answer, &reason);

	/* What it told before holds on where it does not answer now; 404 says that it can nothing.
	 */
	if (r && (r != FLOW_REFUSED || !answer.status || answer.status >= 500))
		return r == FLOW_REFUSED ? 0 : r;
	capabilities = r ? 0 : scep_capabilities_read(span_of(answer.body));
	if (turn->state.record.capabilities_s && capabilities == turn->state.record.capabilities)
		return 0;
	r = trustpoint_record_copy(turn, &record);
	record.capabilities = capabilities;
	record.capabilities_s = turn->now_s;
	return r < 0 ? r : trustpoint_commit(turn, &change, NULL);
}

int trustpoint_refresh_ca(struct trustpoint_turn *turn, bool *ret_is_next, char **ret_reason)
{
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer body = {};
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {};
	int r = trustpoint_ask(turn, "GetCACert", (struct span){}, &body, ret_reason);

	if (!r)
		r = scep_ca_answer_read(span_of(body.body), &answer);
	if (r == -EBADMSG)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "what %s answers to GetCACert is no certificate",
					 turn->conf->enrollment_url);
	if (!r)
		r = recognize(turn, &answer, ret_is_next, ret_reason);
	return r ? r : trustpoint_refresh_capabilities(turn);
}
