/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/judge.h"
#include "daemon/flow/enroll/facts.h"

/* Gives its judgement and true, or leaves the matter to the next one. */
typedef bool (*rule)(const struct scep_turn *turn, const struct grant_facts *facts,
		     struct judgement *ret);

static bool say(struct judgement *ret, struct verdict verdict, enum ca_request_event refusal)
{
	*ret = (struct judgement){verdict, refusal};
	return true;
}

/* Before everything else: whatever he brings, it is an alarm. */
static bool rule_on_revoked_signer(const struct scep_turn *turn, const struct grant_facts *facts,
				   struct judgement *ret)
{
	(void)turn;
	return facts->signer.revoked && say(ret, grant_decide(facts), CA_REQUEST_EVENT_DENY);
}

static bool rule_on_key(const struct scep_turn *turn, const struct grant_facts *facts,
			struct judgement *ret)
{
	(void)facts;
	return turn->content->request.key.kind != X509_KEY_RSA &&
	       say(ret,
		   verdict_refusal(VERDICT_BAD_ALG, "RSA only", "the request's key is not RSA"),
		   CA_REQUEST_EVENT_DENY);
}

static bool rule_on_answer(const struct scep_turn *turn, const struct grant_facts *facts,
			   struct judgement *ret)
{
	(void)facts;
	return !scep_request_can_be_answered(turn->request) &&
	       say(ret,
		   verdict_refusal(VERDICT_BAD_REQUEST, "RFC 8894 §2.3",
				   "no answer can be enveloped to the signer's certificate: "
				   "its keyUsage lacks keyEncipherment"),
		   CA_REQUEST_EVENT_DENY);
}

static bool rule_on_signature(const struct scep_turn *turn, const struct grant_facts *facts,
			      struct judgement *ret)
{
	(void)facts;
	return scep_request_verify_csr(turn->request, &turn->content->request) < 0 &&
	       say(ret,
		   verdict_refusal(VERDICT_BAD_REQUEST, "RFC 2986 §4.2",
				   "the request's own signature is wrong"),
		   CA_REQUEST_EVENT_INVALIDATE);
}

static bool rule_on_profile(const struct scep_turn *turn, const struct grant_facts *facts,
			    struct judgement *ret)
{
	struct profile_refusal refusal =
		facts_judge_profile(turn->authority, &turn->content->request);

	(void)facts;
	return refusal.rule &&
	       say(ret,
		   verdict_refusal(refusal.bad_alg ? VERDICT_BAD_ALG : VERDICT_BAD_REQUEST,
				   refusal.rule, refusal.reason),
		   CA_REQUEST_EVENT_DENY);
}

#define NOT_ITS_KEY "the message is not signed by the key that the request names"

/* A first request is signed by the key it names; for a renewal the old certificate speaks, for what
 * an RA forwards the RA. */
static bool rule_on_possession(const struct scep_turn *turn, const struct grant_facts *facts,
			       struct judgement *ret)
{
	return !grant_is_renewal(facts) && !grant_is_forwarded(facts) &&
	       !span_equal(turn->request->signer.key.spki, turn->content->request.key.spki) &&
	       say(ret,
		   verdict_refusal(VERDICT_BAD_REQUEST, "RFC 8894 §2.3",
				   facts->signer.ours && facts->signer.class == GRANT_CLASS_ROUTER
					   ? NOT_ITS_KEY ", and whoever signed it was certified as "
							 "a router, not as an RA"
					   : NOT_ITS_KEY),
		   CA_REQUEST_EVENT_DENY);
}

static bool rule_on_grant(const struct scep_turn *turn, const struct grant_facts *facts,
			  struct judgement *ret)
{
	(void)turn;
	return say(ret, grant_decide(facts), CA_REQUEST_EVENT_DENY);
}

static const rule rules[] = {
	rule_on_revoked_signer, rule_on_key,	    rule_on_answer, rule_on_signature,
	rule_on_profile,	rule_on_possession, rule_on_grant,
};

struct judgement judge_request(const struct scep_turn *turn, const struct grant_facts *facts)
{
	struct judgement judgement = {};
	bool said = false;

	for (size_t i = 0; i < ELEMENTS(rules) && !said; i++)
		said = rules[i](turn, facts, &judgement);
	assert(said); /* policy always has its say */
	return judgement;
}
