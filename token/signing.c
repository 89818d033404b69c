/* SPDX-License-Identifier: Apache-2.0 */
#include "token/signing.h"
#include "daemon/x509/name.h"

static const struct {
	enum x509_shape_kind from;
	enum charter_shape shape;
	const char *kind;
} kinds[] = {
	/* clang-format off */
	{X509_SHAPE_UNKNOWN, CHARTER_SHAPE_UNKNOWN, "unknown"},
	{X509_SHAPE_CERTIFICATE, CHARTER_SHAPE_CERTIFICATE, "certificate"},
	{X509_SHAPE_CRL, CHARTER_SHAPE_CRL, "crl"},
	{X509_SHAPE_REQUEST, CHARTER_SHAPE_REQUEST, "request"},
	{X509_SHAPE_CMS_ATTRIBUTES, CHARTER_SHAPE_CMS_ATTRIBUTES, "cms"},
	/* clang-format on */
};

void signing_done(struct signing *signing)
{
	buffer_done(&signing->subject);
}

/* A CRL is about its issuer, a SCEP message about its type. */
static void describe(struct signing *signing)
{
	struct span name =
		signing->shape.subject.size ? signing->shape.subject : signing->shape.issuer;

	if (name.size)
		x509_name_append_text(&signing->subject, name);
	else if (signing->shape.message_type.size)
		buffer_append(&signing->subject, signing->shape.message_type);
}

void signing_read(struct span to_be_signed, enum digest digest, const struct server_facts *server,
		  struct signing *ret)
{
	struct signing signing = {.kind = "unknown"};
	const struct x509_shape *shape = &signing.shape;

	x509_shape_read(to_be_signed, &signing.shape);
	signing.ask = (struct charter_ask){
		.version = shape->version,
		.issuer = shape->issuer,
		.subject = shape->subject,
		.ca = shape->ca,
		.key_cert_sign = shape->key_cert_sign,
		.crl_sign = shape->crl_sign,
		.has_key_usage = shape->has_key_usage,
		.unreadable_extensions = shape->unreadable_extensions,
		.issue_subordinates = server->issue_subordinates,
		.separate_exchange = server->separate_exchange,
		.digest = digest,
		.allow_weak = server->allow_weak,
	};
	sha256(shape->spki, signing.ask.key_sha256);
	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		if (kinds[i].from != shape->kind)
			continue;
		signing.ask.shape = kinds[i].shape;
		signing.kind = kinds[i].kind;
	}
	describe(&signing);
	*ret = signing;
}

bool signing_is_own_authority(const struct signing *signing, const struct charter *charter)
{
	const struct charter_ask *ask = &signing->ask;

	return ask->shape == CHARTER_SHAPE_CERTIFICATE && ask->ca &&
	       span_equal(ask->subject, ask->issuer) &&
	       span_equal(SPAN_ARRAY(ask->key_sha256), SPAN_ARRAY(charter->key_sha256));
}
