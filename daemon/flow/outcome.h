/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a handler of one message type decided and did, for answer.c to put into a CertRep; and what
 * it worked on.
 */

#include "daemon/flow/flow.h"
#include "daemon/scep/message.h"
#include "policy/verdict.h"

struct scep_turn {
	struct flow *flow;
	struct authority *authority;
	struct generations *generations;
	const struct generation *active;
	const struct generation *addressed; /* the envelope's recipient, which issues: the active
					       one or the shadow; NULL where it is neither */
	const struct exchange *opener;	    /* whose key opens it; NULL where nobody's does */
	const struct generation *signer;    /* of the answer: the active one; one that was succeeded
					       where the envelope names that */
	const struct scep_request *request;
	const struct scep_content *content;
	struct span peer;
	const char *awaits; /* the token that is asked next or is being asked, by its name */
	int64_t now_s;
};

struct scep_outcome {
	enum scep_status status;
	enum scep_fail_info fail_info;
	const char *fail_text; /* constant, or owned by text_storage */
	char *text_storage;
	struct bytes certificate; /* SUCCESS */
	struct bytes crl;	  /* SUCCESS to GetCRL */
	bool busy;		  /* no CertRep: HTTP 503, with fail_text where it is set */
	bool in_hand;		  /* FLOW_LATER: for another worker, not for a token */
};
void scep_outcome_done(struct scep_outcome *outcome);

/* A signed FAILURE. */
void scep_outcome_fail(struct scep_outcome *outcome, enum scep_fail_info info, const char *text);
/* Sets a FAILURE's text to a copy. -ENOMEM. */
_checked_ int scep_outcome_copy_text(struct scep_outcome *outcome, const char *text);
