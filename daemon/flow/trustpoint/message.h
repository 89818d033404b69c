/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SCEP messages of a trustpoint: the request in its envelope, signed by the identity that is
 * renewed or by a certificate that the new key makes for itself; the poll for one that is pending.
 * Within flow/ alone. Source: RFC 8894 §2.3, §3.3.
 */

#include "daemon/flow/trustpoint/keys.h"
#include "daemon/scep/client.h"

/* The id of the identity in force that may ask for the next one, which both signs and is answered;
 * 0: the new key speaks for itself. By kind and usage of @enrollment. FLOW_LATER, -errno. */
_checked_ int trustpoint_message_find_signer(struct trustpoint_turn *turn,
					     const struct ca_enrollment_record *enrollment,
					     int64_t *ret);

struct trustpoint_letter {
	const struct trustpoint_key *key; /* that is to be certified */
	const struct ca_anchor_record *anchor;
	struct span signer_name; /* of a certificate that it makes for itself, DER Name */
	struct span request;	 /* PKCS#10 */
};
/*
 * Fills in signer, transaction, nonce and message of an enrolment whose kind, usage, key and
 * signer_id stand there. A renewal that no identity signs is made like a first one.
 * 0; FLOW_LATER, FLOW_REFUSED with *ret_reason; -errno.
 */
_checked_ int trustpoint_message_make(struct trustpoint_turn *turn,
				      const struct trustpoint_letter *letter,
				      struct ca_enrollment_record *ret, char **ret_reason);

/* The CertPoll of a pending one, with this nonce of 16 bytes. Likewise. */
_checked_ int trustpoint_message_poll(struct trustpoint_turn *turn,
				      const struct ca_enrollment_record *enrollment,
				      struct span nonce, struct bytes *ret, char **ret_reason);

/* A message whose asker filled in all but the algorithms, which follow from Hash= and what the CA
 * can, and the envelope's key, which is drawn here: what remains is its signature. 0; FLOW_REFUSED
 * with *ret_reason where nothing can be enveloped to the recipient; -errno. */
_checked_ int trustpoint_message_draft(const struct trustpoint_turn *turn,
				       struct scep_question question, struct scep_draft *ret,
				       char **ret_reason);
