/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/suspicion.h"
#include "daemon/base/log.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/peer-bucket.h"

/* What an RA forwards holds what its client told the RA. */
static bool is_mismatch(const struct scep_turn *turn, const struct grant_facts *facts)
{
	return facts->challenge == GRANT_CHALLENGE_UNMATCHED &&
	       turn->content->request.challenge.size && !grant_is_renewal(facts) &&
	       !grant_is_forwarded(facts);
}

static void count_guess(const struct scep_turn *turn)
{
	static const struct verdict verdict = {
		.alarm = VERDICT_ALARM_GUESSING,
		.rule = "rate of challenges",
		.reason = "too many that match nothing: this peer's are not looked at for a while",
	};

	if (guesses_count(turn->flow->guesses, peer_bucket(turn->peer), turn->now_s))
		audit_alarm(&(struct audit_party){turn->authority->conf->label, turn->peer,
						  turn->request->transaction_id},
			    &verdict);
}

int suspicion_note(const struct scep_turn *turn, const struct signer_facts *signer,
		   const struct grant_facts *facts, const struct ca_request_record *record)
{
	const char *label = turn->authority->conf->label;
	bool live = false, others = false;
	int r = 0;

	if (is_mismatch(turn, facts))
		r = store_password_any_live(turn->flow->store, label, turn->now_s, &live);
	if (r >= 0 && !signer->ours)
		r = store_request_has_others(turn->flow->store, label, record, &others);
	if (r < 0)
		return r;
	if (others)
		log_notice(LOG_FIELDS(log_text("SERVER", label), log_span("PEER", turn->peer),
				      log_span("TRANSACTION", turn->request->transaction_id)),
			   "another requester uses this transactionID: told apart by their keys");
	if (live)
		count_guess(turn);
	if (others)
		count_guess(turn);
	return 0;
}
