/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/request.h"

#define STATES_ (CA_REQUEST_MALFORMED + 1)

enum csr { CSR_OTHER, CSR_SAME, CSRS_ };
enum standing { STANDING_LIVE, STANDING_ENDED, STANDING_REVOKED, STANDINGS_ };

/* Of a granted request the certificate tells: the answer to a message is repeated for as long as
 * the certificate is good (the client lost it), to another message only for a while. */
static enum standing standing_of_certificate(const struct ca_transaction_facts *facts,
					     int64_t now_s)
{
	if (facts->certificate_revoked)
		return STANDING_REVOKED;
	if (!facts->certificate_in_force || facts->certificate_of_another)
		return STANDING_ENDED;
	if (facts->same_nonce || now_s - facts->issued_s < facts->request_lifetime_s)
		return STANDING_LIVE;
	return STANDING_ENDED;
}

static enum standing standing_of(const struct ca_transaction_facts *facts, int64_t now_s)
{
	if (facts->state == CA_REQUEST_GRANTED)
		return standing_of_certificate(facts, now_s);
	return facts->expires_s && now_s >= facts->expires_s ? STANDING_ENDED : STANDING_LIVE;
}

enum ca_transaction_answer ca_transaction_step(const struct ca_transaction_facts *facts,
					       int64_t now_s)
{
	static const uint8_t answers[STATES_][CSRS_][STANDINGS_] = {
#define TRANSACTION(state, csr, standing, answer)                                                  \
	[CA_REQUEST_##state][CSR_##csr][STANDING_##standing] = CA_TRANSACTION_##answer,
#define POLL(state, standing, answer)
#include "daemon/ca/transaction.def"
#undef POLL
#undef TRANSACTION
	};
	/* Only what is the same is ever repeated. */
	enum csr csr = facts->same_csr && !facts->signer_revoked ? CSR_SAME : CSR_OTHER;

	if (!facts->found)
		return CA_TRANSACTION_NEW;
	assert(facts->state < STATES_);
	return (enum ca_transaction_answer)answers[facts->state][csr][standing_of(facts, now_s)];
}

enum ca_poll_answer ca_poll_step(const struct ca_transaction_facts *facts, int64_t now_s)
{
	static const uint8_t answers[STATES_][STANDINGS_] = {
#define TRANSACTION(state, csr, standing, answer)
#define POLL(state, standing, answer) [CA_REQUEST_##state][STANDING_##standing] = CA_POLL_##answer,
#include "daemon/ca/transaction.def"
#undef POLL
#undef TRANSACTION
	};

	if (facts->signer_revoked)
		return CA_POLL_REVOKED_SIGNER;
	if (!facts->found)
		return CA_POLL_NO_MATCH;
	assert(facts->state < STATES_);
	return (enum ca_poll_answer)answers[facts->state][standing_of(facts, now_s)];
}
