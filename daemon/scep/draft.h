/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The parts of a SignedData of ours (RFC 5652 §5) that are the same whatever it says: its signed
 * attributes, its signer. Internal to this folder.
 */

#include "daemon/scep/message.h"

struct scep_attribute {
	enum oid oid;
	uint8_t tag; /* of the one value */
	struct span value;
	bool present; /* false: left out */
};
/* The SET OF, in the order that DER gives it (X.690 §11.6): what is signed is what is sent. At most
 * 16. -ENOMEM. */
_checked_ int scep_attributes_write(const struct scep_attribute *attributes, size_t n,
				    struct bytes *ret);

struct scep_signer {
	struct span certificate; /* whole DER; sent along */
	struct span issuer, serial;
};
/* Whose signature the draft waits for. -ENOMEM. */
_checked_ int scep_draft_name_signer(struct scep_draft *draft, const struct scep_signer *signer);
