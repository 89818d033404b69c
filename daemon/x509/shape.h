/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The outer shape of a to-be-signed: enough of it, read strictly, for the token's process to hold
 * it against a charter, and for the log line that names what was signed. What does not read as
 * exactly one of the known structures is unknown. Pure.
 */

#include "daemon/base/crypto.h"
#include "daemon/base/der.h"

enum x509_shape_kind {
	X509_SHAPE_UNKNOWN,
	X509_SHAPE_CERTIFICATE,
	X509_SHAPE_CRL,
	X509_SHAPE_REQUEST,
	X509_SHAPE_CMS_ATTRIBUTES,
	X509_SHAPE_CHECKPOINT,
};

struct x509_shape {
	enum x509_shape_kind kind;
	uint64_t version;   /* the INTEGER inside; 0 where absent */
	struct span serial; /* certificate: magnitude */
	struct span issuer; /* DER Name */
	struct span subject;
	struct span spki; /* DER SubjectPublicKeyInfo */
	int64_t not_after_s;
	bool ca, key_cert_sign, crl_sign;
	bool has_key_usage;
	bool unreadable_extensions; /* malformed, repeated, or a basicConstraints or keyUsage that
				       is not distinguished DER */
	uint64_t audit_seq;	    /* checkpoint: the newest record that it covers */
	struct span message_type;   /* CMS attributes: SCEP's messageType, where there is one */
	bool enrols; /* CMS attributes: some of SCEP's (RFC 8894 §3.2.1), or a content type of CMC
			(RFC 5272 §3.2): who signs it asks for a certificate or answers */
};

/* Never fails: what it can't read is X509_SHAPE_UNKNOWN. Borrows from @to_be_signed. */
void x509_shape_read(struct span to_be_signed, struct x509_shape *ret);
