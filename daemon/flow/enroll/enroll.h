/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * PKCSReq and RenewalReq: from an opened request to a certificate, a place among the pending ones,
 * or a refusal. Source: RFC 8894 §3.3.1; §2.3 for the signer.
 */

#include "daemon/flow/outcome.h"

/* Asked before the token is: whether another worker has the message's transaction in hand. 0 or
 * FLOW_LATER, -errno. */
_checked_ int flow_enroll_check(const struct scep_turn *turn);
/* 0 with an outcome, FLOW_LATER (also while another worker has the same transaction), -errno. */
_checked_ int flow_enroll(const struct scep_turn *turn, struct scep_outcome *ret);
