/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Facts about one request, gathered from its message and the database for policy and ca to judge.
 * Nothing is decided and nothing is changed here.
 */

#include "daemon/ca/request.h"
#include "daemon/flow/outcome.h"
#include "policy/profile.h"

/* Who signed the message. An RA knows what its CA issued to others by its signature alone: such a
 * certificate is ours, but not in the database, and its id is 0. */
struct signer_facts {
	bool ours; /* else a stranger did, and there is no certificate */
	struct ca_certificate_record certificate;
	uint8_t requester[SHA256_SIZE]; /* whom the transaction belongs to */
};
/* Chain first, then the look-up. */
_checked_ int facts_of_signer(const struct scep_turn *turn, struct signer_facts *ret);
void signer_facts_done(struct signer_facts *facts);

/* Whom the transactions belong to that a certificate of ours signs: told apart from those of the
 * enrolment that brought it. -ENOMEM. */
_checked_ int facts_requester(struct span issuer, struct span serial,
			      uint8_t ret[static SHA256_SIZE]);

/* The newest request of this transaction, and its certificate if it has one. */
struct transaction_facts {
	struct ca_request_record request; /* id 0 without one */
	struct ca_certificate_record certificate;
	struct ca_transaction_facts facts;
};
_checked_ int facts_of_transaction(const struct scep_turn *turn, const struct signer_facts *signer,
				   struct transaction_facts *ret);
/* The same without a message: who asks for what. */
struct transaction_question {
	struct store_transaction where;
	struct span csr, nonce;
	const struct generation *issuer; /* whom it is asked of */
	int64_t now_s;
};
_checked_ int facts_look_up(struct flow *flow, const struct conf_server *conf,
			    const struct transaction_question *question,
			    struct transaction_facts *ret);
void transaction_facts_done(struct transaction_facts *facts);

/* What the configuration, the request itself and the history of its key say. */
_checked_ int facts_of_key(struct flow *flow, const struct conf_server *conf,
			   const struct x509_request *request, int64_t now_s,
			   struct grant_facts *ret);
/* What the generation that is asked says, added to @facts; without one nothing. -EBADMSG where what
 * is recorded of the CAs above it can't be read. */
_checked_ int facts_of_issuer(const struct generation *issuer, struct grant_facts *facts);

enum grant_class facts_of_class(const struct x509_request *request);

struct profile_refusal facts_judge_profile(const struct authority *authority,
					   const struct x509_request *request);

/* Everything policy asks about a request. @ret_password_id: of the live one-time password, else 0.
 */
_checked_ int facts_for_grant(const struct scep_turn *turn, const struct signer_facts *signer,
			      struct grant_facts *ret, int64_t *ret_password_id);
