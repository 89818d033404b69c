/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When a CRL is signed: at the first start, at half its life, at once on a revocation (those that
 * come together share one) and when a generation takes over. Pure; planner.h makes plans of it.
 */

#include "daemon/ca/planner.h"

/* When the next CRL of @active is to be signed; in the past or now where it is due. */
int64_t ca_crl_due_s(const struct ca_server_record *server,
		     const struct ca_generation_record *active, int64_t now_s);
