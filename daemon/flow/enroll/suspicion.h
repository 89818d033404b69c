/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What counts against a peer: a challenge that is none while a password is live, and the use of
 * another's transactionID. Neither has a say in what becomes of the request. */

#include "daemon/flow/enroll/facts.h"

/* @record: the new request's. The last that is borne is an alarm, told once. */
_checked_ int suspicion_note(const struct scep_turn *turn, const struct signer_facts *signer,
			     const struct grant_facts *facts,
			     const struct ca_request_record *record);
