/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a CertRep says to an enrolment: opened, held against what was asked, decrypted by the token
 * that has the key. Nothing is changed here. Within flow/ alone. Source: RFC 8894 §3.3.2.
 */

#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/scep/client.h"
#include "daemon/trustpoint/enrollment.h"

struct trustpoint_reading {
	enum trustpoint_event event; /* BAD_ANSWER, WAITS, GRANTED, REJECTED */
	char *reason;		     /* of BAD_ANSWER and REJECTED, for people */
	struct bytes certificate;    /* of GRANTED: the one over the key that was asked for */
};
void trustpoint_reading_done(struct trustpoint_reading *reading);

/*
 * @body   as the server sent it, @nonce what we sent
 * @ret    the caller's in every case
 * Returns 0; FLOW_LATER with *ret_reason where the token is away, FLOW_REFUSED with it where its
 * key can't be used; -errno.
 */
_checked_ int trustpoint_read_answer(struct trustpoint_turn *turn,
				     const struct ca_enrollment_record *enrollment,
				     struct span body, struct span nonce,
				     struct trustpoint_reading *ret, char **ret_reason);

/* What a FAILURE says, for people: the caller's. -ENOMEM; -EINVAL where the text holds a NUL. */
_checked_ int trustpoint_rejection_tell(const struct scep_reply *reply, char **ret);

/* The certificates that may have signed an answer: of the CA that is asked and of the one in force,
 * and those that speak for them; a shadow's requests are answered by the one in force. How many.
 * Borrowed from the state. */
#define TRUSTPOINT_SIGNERS_MOST (2 * (SCEP_CERTIFICATES_MAX + 1))
size_t trustpoint_signers(const struct trustpoint_turn *turn,
			  const struct ca_enrollment_record *enrollment,
			  struct span ret[static TRUSTPOINT_SIGNERS_MOST]);
