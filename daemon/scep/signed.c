/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/scep/signed.h"

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

static int content_check(struct scep_signed *message)
{
	struct der_item octets;
	struct span content;
	enum oid type;

	if (scep_content_info_read(message->encapsulated.content, &type, &content) < 0 ||
	    type != OID_CMS_DATA || der_only(content, DER_OCTET_STRING, &octets) < 0)
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

int scep_signed_check(struct scep_signed *message)
{
	/* CRLs and unsigned attributes have no place in a request, and nobody sends them. */
	if (!message->one_signer || der_present(&message->crls) ||
	    der_present(&message->unsigned_attributes) || !version_is(&message->version, 1, 5) ||
	    scep_algorithm_read(&message->digest_algorithm, &message->digest) < 0 ||
	    scep_algorithm_read(&message->signature_algorithm, &message->signing) < 0 ||
	    content_check(message) < 0 || signer_id_check(message) < 0)
		return -EBADMSG;
	/* What the set of digests must hold is asked only once the signer's is known to be one. */
	if (digest_find_oid(message->digest.oid) == DIGEST_NONE)
		return 0;
	return digest_algorithms_check(message);
}
