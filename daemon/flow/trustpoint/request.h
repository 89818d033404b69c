/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An enrolment is drawn up: its key, its PKCS#10, the message around that. The token signs; nothing
 * is recorded here. Within flow/ alone.
 */

#include "daemon/flow/trustpoint/enroll.h"

/*
 * Fills in the enrolment but for its id. @anchor is of the state, and is whose CA is asked. 0;
 * FLOW_LATER, FLOW_REFUSED with *ret_reason; -errno. @ret is the caller's in every case.
 */
_checked_ int trustpoint_draw_up(struct trustpoint_turn *turn, const struct trustpoint_order *order,
				 const struct ca_anchor_record *anchor,
				 struct ca_enrollment_record *ret, char **ret_reason);
