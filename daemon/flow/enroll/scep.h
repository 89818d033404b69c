/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One PKIOperation from the front end to its answer: the outer message opened, the recipient found,
 * the content key opened by the token, the content handled by its type, the answer signed by the
 * token. Source: RFC 8894 §3, §4.3.
 */

#include "daemon/flow/flow.h"

/* As large as an answer to the front end may be: messages.def. */
#define SCEP_ANSWER_MOST ((size_t)512 * 1024)

struct scep_call {
	struct span server; /* label */
	struct span peer;   /* the client's address, as the front end saw it */
	struct span message;
};

struct scep_result {
	unsigned status; /* HTTP */
	unsigned retry_after_s;
	struct bytes body; /* a CertRep for 200, else a line of text */
	char *awaits;	   /* with FLOW_LATER: name of the [Token] section that a verified request
			      for a certificate waits for; NULL where it waits for nothing of the
			      kind, or is none */
};
void scep_result_done(struct scep_result *result);
/* An answer without a CertRep: @text in a line; 503 says when to come again. -ENOMEM. */
_checked_ int scep_result_say(struct scep_result *ret, unsigned status, const char *text);

/*
 * Returns 0 with an answer, FLOW_LATER (call again), FLOW_RELAY where it is for the CA of an RA
 * (relay.h), -errno on a fault of ours.
 */
_checked_ int flow_scep(struct flow *flow, const struct scep_call *call, int64_t now_s,
			struct scep_result *ret);

/* Whether a message belongs before strangers': signed by a certificate that names this server as
 * issuer. Cheap, unverified; for the order of the queue alone. */
bool flow_scep_is_known_peer(struct flow *flow, const struct scep_call *call);
