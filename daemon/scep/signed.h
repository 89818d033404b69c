/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The outer SignedData of a message (RFC 5652 §5.1, §5.3), in two steps: a skeleton, without which
 * not even the transaction could be read, then everything that must be so besides. Nothing is
 * verified here. Internal to this folder; spans borrow from the message.
 */

#include "daemon/scep/parts.h"

struct scep_signed {
	struct der_item version, digest_algorithms, encapsulated, certificates, crls, signer_infos;

	/* the first SignerInfo */
	struct der_item signer_version, signer_id, digest_algorithm, attributes,
		signature_algorithm, signature, unsigned_attributes;
	bool one_signer;

	/* filled by scep_signed_check() */
	struct scep_algorithm digest, signing;
	struct span content;			  /* the octets of eContent */
	struct span signer_issuer, signer_serial; /* one kind of signer identifier, */
	struct span signer_key_identifier;	  /* or the other */
};

/* @message is DER. -EBADMSG where there is no SignerInfo with signed attributes to be found. */
_checked_ int scep_signed_read(struct span message, struct scep_signed *ret);

/* Reads the rest. -EBADMSG where it isn't what RFC 8894 §3.2 prescribes. */
_checked_ int scep_signed_check(struct scep_signed *message);
