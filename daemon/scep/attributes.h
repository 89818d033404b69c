/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Signed attributes read by a table: those that a sender's messages have each at most once and with
 * one value, of which some must be there; any others at most once (RFC 5652 §5.3, §11; RFC 8894
 * §3.2.1). Internal to this folder.
 */

#include "daemon/base/der.h"

#define SCEP_ATTRIBUTES_MAX 32

/* Whose message it is. A client's must have all that its answer goes by. Of a CA's only what RFC
 * 5652 asks for must be there: what lacks of the rest is a fault of its own, and its senderNonce
 * is nothing to us (servers are seen that repeat ours there). */
enum scep_sender { SCEP_BY_CLIENT = 1 << 0, SCEP_BY_CA = 1 << 1 };

struct scep_attributes {
	/* The values; zeroed where absent or of another type or size than the attribute has. */
	struct der_item content_type, message_digest, message_type, transaction_id;
	struct der_item sender_nonce;						/* client's */
	struct der_item pki_status, fail_info, fail_info_text, recipient_nonce; /* CA's */
	bool malformed; /* one of these missing or not as it should be, or any repeated */
};

/* @set is the contents of signedAttrs, any order. Never fails: what is wrong is told by @ret. */
void scep_attributes_read(struct span set, enum scep_sender sender, struct scep_attributes *ret);
