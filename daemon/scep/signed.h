/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The outer SignedData of a message (RFC 5652 §5.1, §5.3), in two steps: a skeleton, without which
 * not even the transaction could be read, then everything that must be so besides. Nothing is
 * verified here. Internal to this folder; spans borrow from the message.
 */

#include "daemon/scep/attributes.h"
#include "daemon/scep/message.h"
#include "daemon/scep/parts.h"

struct scep_signed {
	struct der_item version, digest_algorithms, encapsulated, certificates, crls, signer_infos;

	/* the first SignerInfo */
	struct der_item signer_version, signer_id, digest_algorithm, attributes,
		signature_algorithm, signature, unsigned_attributes;
	bool one_signer;

	/* filled by scep_signed_check() */
	struct scep_algorithm digest, signing;
	enum oid content_type;			  /* of eContent */
	struct span content;			  /* its octets; empty where it is absent */
	struct span signer_issuer, signer_serial; /* one kind of signer identifier, */
	struct span signer_key_identifier;	  /* or the other */
};

/* @message is DER. -EBADMSG where there is no SignerInfo with signed attributes to be found. */
_checked_ int scep_signed_read(struct span message, struct scep_signed *ret);

/*
 * Reads the rest. -EBADMSG where it isn't what RFC 8894 §3.2 prescribes. A CA may leave eContent
 * out where it has nothing to say, and may call it what is in it; CRLs and unsigned attributes of
 * its are passed over.
 */
_checked_ int scep_signed_check(struct scep_signed *message, enum scep_sender sender);

/* What follows is asked once scep_signed_check() has found the message sound. */

/* The floor of RFC 8894 §2.9 and what is let in besides. */
bool scep_signed_digest_is_allowed(const struct scep_signed *message,
				   const struct scep_allowance *allowance);
/* rsaEncryption leaves the digest to digestAlgorithm; shaNWithRSA must say the same one. */
bool scep_signed_is_rsa(const struct scep_signed *message);
/* Whether the signer is called by this certificate's issuer and serial, or by its own
 * subjectKeyIdentifier. */
bool scep_signed_is_by(const struct scep_signed *message,
		       const struct x509_certificate *certificate);
/* The same of a CA's message: some write their issuer's Name anew, in other string types. */
bool scep_signed_is_by_ca(const struct scep_signed *message,
			  const struct x509_certificate *certificate);
/*
 * RFC 5652 §5.4: the digest of the content in messageDigest, the signature over the attributes, as
 * they came, but under the tag of a SET OF, which is put into @storage, where the message lies.
 * 0, -EBADMSG, -ENOMEM.
 */
_checked_ int scep_signed_verify(const struct scep_signed *message, struct bytes storage,
				 struct span message_digest, const struct rsa_public *key);
