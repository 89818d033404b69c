/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Signed attributes read by a table: those a request must have each exactly once and with one
 * value, any others at most once (RFC 5652 §5.3, §11; RFC 8894 §3.2.1). Internal to this folder.
 */

#include "daemon/base/der.h"

#define SCEP_ATTRIBUTES_MAX 32

struct scep_attributes {
	/* The values; zeroed where absent or of another type or size than the attribute has. */
	struct der_item content_type, message_digest, message_type, transaction_id, sender_nonce;
	bool malformed; /* one of these missing or not as it should be, or any repeated */
};

/* @set is the contents of signedAttrs, any order. Never fails: what is wrong is told by @ret. */
void scep_attributes_read(struct span set, struct scep_attributes *ret);
