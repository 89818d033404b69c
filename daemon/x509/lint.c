/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/lint.h"
#include "daemon/x509/parts.h"

#define VERSION_3      2
#define SERIAL_MOST    20 /* octets of the INTEGER, its sign among them */
#define IDENTIFIER_TAG DER_CONTEXT(0)

/* What was read back, beside what it should be. */
struct look {
	const struct x509_lint_facts *facts;
	struct x509_certificate certificate;
};

static bool is_numbered(const struct look *look)
{
	struct span serial = look->certificate.serial;

	return serial.size && serial.data[0] &&
	       serial.size + (serial.data[0] >= 0x80) <= SERIAL_MOST;
}

static bool is_of_its_issuer(const struct look *look)
{
	return span_equal(look->certificate.issuer, look->facts->issuer->subject);
}

static bool lives_within_its_issuer(const struct look *look)
{
	const struct x509_certificate *c = &look->certificate, *issuer = look->facts->issuer;

	return c->not_before_s <= c->not_after_s && c->not_before_s >= issuer->not_before_s &&
	       c->not_after_s <= issuer->not_after_s;
}

static bool is_what_was_asked_for(const struct look *look)
{
	const struct x509_request *request = look->facts->request;

	return span_equal(look->certificate.subject, request->subject) &&
	       span_equal(look->certificate.key.spki, request->key.spki);
}

static bool is_critical(const struct x509_extensions *extensions, enum oid oid)
{
	const struct x509_extension *extension = x509_extension_find(extensions, oid);

	return extension && extension->critical;
}

static bool is_no_authority(const struct look *look)
{
	return look->facts->authority || !look->certificate.extensions.ca;
}

/* basicConstraints itself, and not only what OpenSSL takes for it. */
static bool is_the_authority_it_may_be(const struct look *look)
{
	const struct x509_extensions *extensions = &look->certificate.extensions;

	return !look->facts->authority ||
	       (extensions->ca && is_critical(extensions, OID_BASIC_CONSTRAINTS) &&
		extensions->path_length == look->facts->authority->path_length);
}

static bool is_used_as_it_may(const struct look *look)
{
	const struct x509_extensions *extensions = &look->certificate.extensions;

	return look->facts->authority ||
	       (extensions->has_key_usage && extensions->key_usage &&
		!(extensions->key_usage & (X509_KEY_CERT_SIGN | X509_CRL_SIGN)));
}

static bool is_used_as_a_ca_may(const struct look *look)
{
	const struct x509_extensions *extensions = &look->certificate.extensions;
	const uint16_t must = X509_KEY_CERT_SIGN | X509_CRL_SIGN;

	return !look->facts->authority ||
	       (is_critical(extensions, OID_KEY_USAGE) &&
		extensions->key_usage == look->facts->authority->key_usage &&
		(extensions->key_usage & must) == must);
}

static bool names_its_issuers_key(const struct look *look)
{
	const struct x509_extension *extension =
		x509_extension_find(&look->certificate.extensions, OID_AUTHORITY_KEY_IDENTIFIER);
	struct der_item sequence, identifier;
	uint8_t storage[20];

	return extension && !der_only(extension->value, DER_SEQUENCE, &sequence) &&
	       !der_only(sequence.content, IDENTIFIER_TAG, &identifier) &&
	       span_equal(identifier.content,
			  x509_certificate_identifier(look->facts->issuer, storage));
}

static bool names_its_own_key(const struct look *look)
{
	const struct x509_extension *extension =
		x509_extension_find(&look->certificate.extensions, OID_SUBJECT_KEY_IDENTIFIER);
	struct der_item octets;
	uint8_t own[20];

	x509_key_identifier(&look->certificate.key, own);
	return extension && !der_only(extension->value, DER_OCTET_STRING, &octets) &&
	       span_equal(octets.content, SPAN_ARRAY(own));
}

static bool has_a_strong_key(const struct look *look)
{
	const struct x509_key *key = &look->certificate.key;

	return key->kind == X509_KEY_RSA &&
	       !rsa_weakness(key->modulus, key->exponent, look->facts->least_bits);
}

static const struct {
	bool (*holds)(const struct look *look);
	struct x509_complaint complaint;
} rules[] = {
	{is_numbered,
	 {"RFC 5280 §4.1.2.2", "the serial number is not positive, or has over 20 octets"}},
	{is_of_its_issuer, {"RFC 5280 §4.1.2.4", "the issuer is not the CA's name"}},
	{lives_within_its_issuer,
	 {"RFC 5280 §4.1.2.5", "the validity does not lie within the CA certificate's"}},
	{is_what_was_asked_for,
	 {"RFC 5280 §4.1.2.6", "subject or key are not those of the request"}},
	{is_no_authority, {"RFC 5280 §4.2.1.9", "it would make its holder a CA"}},
	{is_the_authority_it_may_be,
	 {"RFC 5280 §4.2.1.9", "basicConstraints are not those that a subordinate may have"}},
	{is_used_as_a_ca_may,
	 {"RFC 5280 §4.2.1.3", "keyUsage is not the one that a subordinate may have"}},
	{is_used_as_it_may,
	 {"RFC 5280 §4.2.1.3", "keyUsage is missing, or lets its holder sign certificates"}},
	{names_its_issuers_key,
	 {"RFC 5280 §4.2.1.1", "the authority key identifier is not the CA's"}},
	{names_its_own_key, {"RFC 5280 §4.2.1.2", "the subject key identifier is not its key's"}},
	{has_a_strong_key, {"weak key", "the key is weak"}},
};

struct x509_complaint x509_lint_client(const struct x509_lint_facts *facts)
{
	static const struct x509_complaint unreadable = {"RFC 5280 §4.1",
							 "it is no certificate of version 3"};
	struct look look = {.facts = facts};
	struct x509_inside inside;

	if (x509_tbs_certificate_read(facts->to_be_signed, &look.certificate, &inside) < 0 ||
	    look.certificate.version != VERSION_3 ||
	    x509_extensions_read(inside.extensions, &look.certificate.extensions) < 0)
		return unreadable;
	for (size_t i = 0; i < ELEMENTS(rules); i++)
		if (!rules[i].holds(&look))
			return rules[i].complaint;
	return (struct x509_complaint){};
}
