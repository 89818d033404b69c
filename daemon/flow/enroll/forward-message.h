/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The messages of an RA to its CA: the client's request, in an envelope to the CA, signed by the
 * RA's exchange key; the poll for one that waits. And what the CA answers. Within flow/ alone.
 * Source: RFC 8894 §3.3.
 */

#include "daemon/flow/enroll/forward-turn.h"
#include "daemon/scep/message.h"

#define FORWARD_NONCE_SIZE 16

/* Draws up the message and puts it into turn->record, with who signed it and whom it asks.
 * 0; FLOW_LATER, FLOW_REFUSED with *ret_reason: nothing can be drawn up now; -errno. */
_checked_ int forward_message_make(struct forward_turn *turn, char **ret_reason);
/* The CertPoll of one that waits, with this nonce, by the key that signed the message: the CA knows
 * the transaction by its certificate. Likewise. */
_checked_ int forward_message_poll(struct forward_turn *turn,
				   const uint8_t nonce[static FORWARD_NONCE_SIZE],
				   struct bytes *ret, char **ret_reason);

struct forward_reading {
	enum ca_forward_event event; /* BAD_ANSWER, WAITS, GRANTED, REJECTED */
	char *reason;		     /* of BAD_ANSWER and REJECTED, for people */
	struct bytes certificate;    /* of GRANTED */
};
void forward_reading_done(struct forward_reading *reading);
/*
 * What the answer says, held against what was asked; a certificate against the CA's and the
 * request. Changes nothing.
 *
 * @body as the server sent it, @nonce what we sent
 * 0; FLOW_LATER where the token is away, FLOW_REFUSED where its key can't be used, each with
 * *ret_reason; -errno.
 */
_checked_ int forward_read_answer(struct forward_turn *turn, struct span body, struct span nonce,
				  struct forward_reading *ret, char **ret_reason);
