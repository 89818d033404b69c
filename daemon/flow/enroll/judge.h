/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A new request judged: what is wrong with its message and keys, then policy's word. What each rule
 * says is policy's and scep's; here is the order in which they are asked.
 */

#include "daemon/ca/request.h"
#include "daemon/flow/outcome.h"

struct judgement {
	struct verdict verdict;
	enum ca_request_event refusal; /* what the request goes through where it is refused */
};

/* Always whole. Verifies the CSR's signature. */
struct judgement judge_request(const struct scep_turn *turn, const struct grant_facts *facts);
