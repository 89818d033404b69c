/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/scep/signed.h"
#include "daemon/x509/name.h"

#define ROW(member, tag)	  DER_FIELD(struct scep_signed, member, tag)
#define ROW_OPTIONAL(member, tag) DER_FIELD_OPTIONAL(struct scep_signed, member, tag)

static const struct der_field signed_data[] = {
	ROW(version, DER_INTEGER),
	ROW(digest_algorithms, DER_SET),
	ROW(encapsulated, DER_SEQUENCE),
	ROW_OPTIONAL(certificates, DER_CONTEXT_CONSTRUCTED(0)),
	ROW_OPTIONAL(crls, DER_CONTEXT_CONSTRUCTED(1)),
	ROW(signer_infos, DER_SET),
};

static const struct der_field signer_info[] = {
	ROW(signer_version, DER_INTEGER),
	ROW(signer_id, DER_ANY),
	ROW(digest_algorithm, DER_SEQUENCE),
	ROW(attributes, DER_CONTEXT_CONSTRUCTED(0)),
	ROW(signature_algorithm, DER_SEQUENCE),
	ROW(signature, DER_OCTET_STRING),
	ROW_OPTIONAL(unsigned_attributes, DER_CONTEXT_CONSTRUCTED(1)),
};

int scep_signed_read(struct span message, struct scep_signed *ret)
{
	struct scep_signed found = {0};
	struct span content, signers;
	struct der_item item;
	enum oid type;

	if (der_only(message, DER_SEQUENCE, &item) < 0 ||
	    scep_content_info_read(item.content, &type, &content) < 0 ||
	    type != OID_CMS_SIGNED_DATA || der_only(content, DER_SEQUENCE, &item) < 0 ||
	    der_match(item.content, signed_data, ELEMENTS(signed_data), &found) < 0)
		return -EBADMSG;
	signers = found.signer_infos.content;
	if (der_next(&signers, &item) != 0 || item.tag != DER_SEQUENCE ||
	    der_match(item.content, signer_info, ELEMENTS(signer_info), &found) < 0)
		return -EBADMSG;
	found.one_signer = signers.size == 0;
	*ret = found;
	return 0;
}

static bool version_is(const struct der_item *item, uint64_t least, uint64_t most)
{
	uint64_t version;

	return der_read_unsigned(item, &version) == 0 && version >= least && version <= most;
}

/* An empty set is accepted (RFC 5652 §5.1); one that isn't must name the signer's own. */
static int digest_algorithms_check(const struct scep_signed *message)
{
	struct span rest = message->digest_algorithms.content;
	bool named = rest.size == 0;
	struct scep_algorithm algorithm;
	struct der_item item;

	while (rest.size) {
		if (der_next(&rest, &item) != 0 || scep_algorithm_read(&item, &algorithm) < 0 ||
		    !scep_algorithm_is_plain(&algorithm) ||
		    digest_find_oid(algorithm.oid) == DIGEST_NONE)
			return -EBADMSG;
		named = named || algorithm.oid == message->digest.oid;
	}
	return named ? 0 : -EBADMSG;
}

/* EncapsulatedContentInfo { eContentType } alone. */
static bool content_is_absent(struct scep_signed *message)
{
	struct der_item type;

	if (der_only(message->encapsulated.content, DER_OID, &type) < 0)
		return false;
	message->content_type = oid_find(type.content);
	return true;
}

static int content_check(struct scep_signed *message, enum scep_sender sender)
{
	struct der_item octets;
	struct span content;

	if (sender == SCEP_BY_CA && content_is_absent(message))
		return 0;
	if (scep_content_info_read(message->encapsulated.content, &message->content_type,
				   &content) < 0 ||
	    (sender == SCEP_BY_CLIENT && message->content_type != OID_CMS_DATA) ||
	    der_only(content, DER_OCTET_STRING, &octets) < 0)
		return -EBADMSG;
	message->content = octets.content;
	return 0;
}

/* Version 1 names the signer by issuer and serial, version 3 by key identifier (RFC 5652 §5.3). */
static int signer_id_check(struct scep_signed *message)
{
	const struct der_item *id = &message->signer_id;

	if (id->tag == DER_CONTEXT(0) && version_is(&message->signer_version, 3, 3)) {
		message->signer_key_identifier = id->content;
		return id->content.size ? 0 : -EBADMSG;
	}
	if (id->tag != DER_SEQUENCE || !version_is(&message->signer_version, 1, 1))
		return -EBADMSG;
	return scep_issuer_and_serial_read(id->content, &message->signer_issuer,
					   &message->signer_serial);
}

/* CRLs and unsigned attributes have no place in a request, and nobody sends them. */
static bool is_bare(const struct scep_signed *message)
{
	return !der_present(&message->crls) && !der_present(&message->unsigned_attributes);
}

int scep_signed_check(struct scep_signed *message, enum scep_sender sender)
{
	if (!message->one_signer || (sender == SCEP_BY_CLIENT && !is_bare(message)) ||
	    !version_is(&message->version, 1, 5) ||
	    scep_algorithm_read(&message->digest_algorithm, &message->digest) < 0 ||
	    scep_algorithm_read(&message->signature_algorithm, &message->signing) < 0 ||
	    content_check(message, sender) < 0 || signer_id_check(message) < 0)
		return -EBADMSG;
	/* What the set of digests must hold is asked only once the signer's is known to be one. */
	if (digest_find_oid(message->digest.oid) == DIGEST_NONE)
		return 0;
	return digest_algorithms_check(message);
}

bool scep_signed_digest_is_allowed(const struct scep_signed *message,
				   const struct scep_allowance *allowance)
{
	enum digest digest = digest_find_oid(message->digest.oid);
	const bool allowed[] = {
		[DIGEST_MD5] = allowance->md5, [DIGEST_SHA1] = allowance->sha1,
		[DIGEST_SHA256] = true,	       [DIGEST_SHA384] = true,
		[DIGEST_SHA512] = true,
	};

	return scep_algorithm_is_plain(&message->digest) && digest < ELEMENTS(allowed) &&
	       allowed[digest];
}

bool scep_signed_is_rsa(const struct scep_signed *message)
{
	const struct scep_algorithm *signing = &message->signing;

	return scep_algorithm_is_plain(signing) &&
	       (signing->oid == OID_RSA_ENCRYPTION ||
		signing->oid == digest_rsa_oid(digest_find_oid(message->digest.oid)));
}

bool scep_signed_is_by(const struct scep_signed *message,
		       const struct x509_certificate *certificate)
{
	const struct x509_extension *identifier;
	struct der_item octets;

	if (message->signer_issuer.data)
		return span_equal(certificate->serial, message->signer_serial) &&
		       span_equal(certificate->issuer, message->signer_issuer);
	identifier = x509_extension_find(&certificate->extensions, OID_SUBJECT_KEY_IDENTIFIER);
	return identifier && der_only(identifier->value, DER_OCTET_STRING, &octets) == 0 &&
	       span_equal(octets.content, message->signer_key_identifier);
}

bool scep_signed_is_by_ca(const struct scep_signed *message,
			  const struct x509_certificate *certificate)
{
	return scep_signed_is_by(message, certificate) ||
	       (message->signer_issuer.data &&
		span_equal(message->signer_serial, certificate->serial) &&
		x509_name_equal(message->signer_issuer, certificate->issuer));
}

int scep_signed_verify(const struct scep_signed *message, struct bytes storage,
		       struct span message_digest, const struct rsa_public *key)
{
	enum digest kind = digest_find_oid(message->digest.oid);
	struct span attributes = message->attributes.whole;
	uint8_t digest[DIGEST_SIZE_MAX];
	size_t size = digest_compute(kind, message->content, digest);

	if (!span_equal(SPAN(digest, size), message_digest))
		return -EBADMSG;
	storage.data[attributes.data - storage.data] = DER_SET;
	return rsa_public_verify(key, kind, attributes, message->signature.content);
}
