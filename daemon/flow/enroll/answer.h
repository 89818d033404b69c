/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The CertRep: built, signed by the exchange key, sealed.
 */

#include "daemon/flow/outcome.h"

/* 0, FLOW_LATER, -errno. */
_checked_ int flow_answer(const struct scep_turn *turn, const struct scep_outcome *outcome,
			  struct bytes *ret);
