/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What known.c needs of ca.c. Within this folder alone. */

#include "daemon/trustpoint/ca.h"
#include "daemon/trustpoint/trust-internal.h"

/* @ca, with what of the set verifies under it and upwards from it and is in force. */
void trustpoint_ca_gather(const struct trust_set *set, const struct x509_certificate *ca,
			  int64_t at_s, struct trustpoint_ca *ret);
/* All that is recorded, in force or not; borrowed from @anchor. */
void trustpoint_ca_recall_all(const struct ca_anchor_record *anchor, struct trustpoint_ca *ret);
/* Whether it is the CA's or one of the others'. */
bool trustpoint_ca_has(const struct trustpoint_ca *ca, struct span certificate);
