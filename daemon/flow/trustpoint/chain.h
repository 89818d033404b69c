/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Certificates of a trustpoint in the order in which TLS sends them. */

#include "daemon/ca/trustpoint-records.h"

/* Appends in PEM @identity (empty: none), the CA's certificate, and of what came with it those that
 * issued the one before each, up to one that issued itself. The buffer's error sticks. */
void trustpoint_append_chain(struct buffer *out, struct span identity,
			     const struct ca_anchor_record *anchor);
