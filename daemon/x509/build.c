/* SPDX-License-Identifier: Apache-2.0 */
/* Builds certificates, and seals whatever was built. CRLs are build-crl.c. */
#include "daemon/x509/build.h"
#include "daemon/base/text.h"
#include "daemon/x509/name.h"
#include "daemon/x509/put.h"

#define VERSION_3 2

/* What every TBSCertificate has in front of its extensions. */
struct common {
	struct span serial, issuer, subject, spki;
	int64_t not_before_s, not_after_s;
	enum digest digest;
};

static bool common_is_sound(const struct common *c)
{
	return c->serial.size && c->not_before_s <= c->not_after_s &&
	       x509_name_is_valid(c->issuer) && x509_name_is_valid(c->subject);
}

/* Up to the opened SEQUENCE of extensions: RFC 5280 §4.1. */
static void certificate_begin(struct der_writer *w, const struct common *c)
{
	der_begin(w, DER_SEQUENCE);
	der_begin(w, DER_CONTEXT_CONSTRUCTED(0));
	der_put_unsigned(w, VERSION_3);
	der_end(w);
	der_put_magnitude(w, c->serial);
	der_put_algorithm(w, digest_rsa_oid(c->digest), true);
	der_put_raw(w, c->issuer);
	der_begin(w, DER_SEQUENCE);
	der_put_time(w, c->not_before_s);
	der_put_time(w, c->not_after_s);
	der_end(w);
	der_put_raw(w, c->subject);
	der_put_raw(w, c->spki);
	der_begin(w, DER_CONTEXT_CONSTRUCTED(3));
	der_begin(w, DER_SEQUENCE);
}

static int certificate_finish(struct der_writer *w, struct bytes *ret)
{
	der_end(w);
	der_end(w);
	der_end(w);
	return der_finish(w, ret);
}

/* @path_length: -1 for none. */
static void put_basic_constraints_ca(struct der_writer *w, int64_t path_length)
{
	x509_begin_extension(w, OID_BASIC_CONSTRAINTS, true);
	der_begin(w, DER_SEQUENCE);
	der_put_boolean(w, true);
	if (path_length >= 0)
		der_put_unsigned(w, (uint64_t)path_length);
	der_end(w);
	x509_end_extension(w);
}

static void put_key_usage(struct der_writer *w, uint16_t bits)
{
	x509_begin_extension(w, OID_KEY_USAGE, true);
	der_put_named_bits(w, bits);
	x509_end_extension(w);
}

static void put_subject_key_identifier(struct der_writer *w, struct span identifier)
{
	x509_begin_extension(w, OID_SUBJECT_KEY_IDENTIFIER, false);
	der_put(w, DER_OCTET_STRING, identifier);
	x509_end_extension(w);
}

/* One DistributionPoint with one URI as its fullName: RFC 5280 §4.2.1.13. */
static void put_distribution_point(struct der_writer *w, struct span url)
{
	x509_begin_extension(w, OID_CRL_DISTRIBUTION_POINTS, false);
	der_begin(w, DER_SEQUENCE);
	der_begin(w, DER_SEQUENCE);
	der_begin(w, DER_CONTEXT_CONSTRUCTED(0));
	der_begin(w, DER_CONTEXT_CONSTRUCTED(0));
	der_put(w, DER_CONTEXT(6), url);
	der_end(w);
	der_end(w);
	der_end(w);
	der_end(w);
	x509_end_extension(w);
}

int x509_build_ca_certificate(const struct x509_ca_certificate *from, struct bytes *ret)
{
	const struct common common = {
		.serial = from->serial,
		.issuer = from->name,
		.subject = from->name,
		.spki = from->spki,
		.not_before_s = from->not_before_s,
		.not_after_s = from->not_after_s,
		.digest = from->digest,
	};
	struct der_writer w = {0};
	struct x509_key key;
	uint8_t identifier[20];

	if (!common_is_sound(&common) || x509_key_read(from->spki, &key) < 0)
		return -EINVAL;
	x509_key_identifier(&key, identifier);
	certificate_begin(&w, &common);
	put_basic_constraints_ca(&w, -1);
	put_key_usage(&w, from->key_usage);
	x509_put_authority_key_identifier(&w, SPAN_ARRAY(identifier));
	put_subject_key_identifier(&w, SPAN_ARRAY(identifier));
	return certificate_finish(&w, ret);
}

/* No extension twice (RFC 5280 §4.2): what is added must not have been asked for. */
static bool requested_leaves_room(const struct x509_client_certificate *from)
{
	const struct x509_extensions *requested = from->requested;

	if (x509_extension_find(requested, OID_AUTHORITY_KEY_IDENTIFIER) ||
	    x509_extension_find(requested, OID_SUBJECT_KEY_IDENTIFIER))
		return false;
	if ((from->add_key_usage || from->authority) && requested->has_key_usage)
		return false;
	if (from->authority && (requested->has_basic_constraints || from->add_key_usage))
		return false;
	return from->cdp.size == 0 || !x509_extension_find(requested, OID_CRL_DISTRIBUTION_POINTS);
}

static void put_client_extensions(struct der_writer *w, const struct x509_client_certificate *from,
				  const struct x509_key *key)
{
	uint8_t identifier[20];

	if (from->authority) {
		put_basic_constraints_ca(w, from->authority->path_length);
		put_key_usage(w, from->authority->key_usage);
	}
	for (size_t i = 0; i < from->requested->n; i++)
		der_put_raw(w, from->requested->items[i].whole);
	if (from->add_key_usage)
		put_key_usage(w, from->add_key_usage);
	x509_put_authority_key_identifier(w, from->authority_key_identifier);
	x509_key_identifier(key, identifier);
	put_subject_key_identifier(w, SPAN_ARRAY(identifier));
	if (from->cdp.size)
		put_distribution_point(w, from->cdp);
}

int x509_build_client_certificate(const struct x509_client_certificate *from, struct bytes *ret)
{
	const struct common common = {
		.serial = from->serial,
		.issuer = from->issuer,
		.subject = from->subject,
		.spki = from->spki,
		.not_before_s = from->not_before_s,
		.not_after_s = from->not_after_s,
		.digest = from->digest,
	};
	struct der_writer w = {0};
	struct x509_key key;

	if (!common_is_sound(&common) || from->authority_key_identifier.size == 0 ||
	    !text_is_graphic(from->cdp) || !requested_leaves_room(from) ||
	    x509_key_read(from->spki, &key) < 0)
		return -EINVAL;
	certificate_begin(&w, &common);
	put_client_extensions(&w, from, &key);
	return certificate_finish(&w, ret);
}

int x509_seal(struct span to_be_signed, enum digest digest, struct span signature,
	      struct bytes *ret)
{
	struct der_writer w = {0};

	x509_put_signed(&w, to_be_signed, digest, signature);
	return der_finish(&w, ret);
}
