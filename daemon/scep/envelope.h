/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The pkcsPKIEnvelope (RFC 5652 §6, RFC 8894 §3.2.2): an EnvelopedData for key transport by issuer
 * and serial, read strictly and written. Nothing is decrypted here. Internal to this folder.
 */

#include "daemon/scep/message.h"

struct scep_envelope {
	struct scep_recipient recipients[SCEP_RECIPIENTS_MAX];
	size_t n_recipients;
	enum cipher cipher;
	struct span iv, encrypted_content;
};

/*
 * Reads what @envelope (DER, in memory that may be written to, of which no more than is read here
 * is needed afterwards) holds into @into, as far as it can be read.
 *
 * Ciphertext in segments, which an indefinite-length sender leaves and no conversion can join
 * without knowing that [0] is a string here, is joined where it lies.
 */
_checked_ enum scep_trouble scep_envelope_read(struct bytes envelope,
					       const struct scep_allowance *allowance,
					       struct scep_envelope *into);
/* The recipient that names this certificate; NULL where none does, or more than one. */
const struct scep_recipient *scep_envelope_find_recipient(const struct scep_recipient *recipients,
							  size_t n,
							  const struct x509_certificate *ours);

struct scep_envelope_parts {
	const struct x509_certificate *recipient;
	const struct rsa_public *recipient_key;
	enum cipher cipher;
	struct span content_key, iv;
	struct span content; /* what is encrypted */
};
/* Encrypts, and writes the ContentInfo. -EINVAL where the key is too short for the content key. */
_checked_ int scep_envelope_write(const struct scep_envelope_parts *from, struct bytes *ret);
