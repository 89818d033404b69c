/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The pkcsPKIEnvelope (RFC 5652 §6, RFC 8894 §3.2.2): an EnvelopedData for key transport by issuer
 * and serial, read strictly and written. Nothing is decrypted here. Internal to this folder.
 */

#include "daemon/scep/message.h"

/*
 * Reads what @envelope (DER, in memory that may be written to, of which no more than is read here
 * is needed afterwards) holds into the recipients, cipher, iv and encrypted_content of @into.
 *
 * Ciphertext in segments, which an indefinite-length sender leaves and no conversion can join
 * without knowing that [0] is a string here, is joined where it lies.
 */
_checked_ enum scep_trouble scep_envelope_read(struct bytes envelope,
					       const struct scep_allowance *allowance,
					       struct scep_request *into);

struct scep_envelope_parts {
	const struct x509_certificate *recipient;
	const struct rsa_public *recipient_key;
	enum cipher cipher;
	struct span content_key, iv;
	struct span content; /* what is encrypted */
};
/* Encrypts, and writes the ContentInfo. -EINVAL where the key is too short for the content key. */
_checked_ int scep_envelope_write(const struct scep_envelope_parts *from, struct bytes *ret);
