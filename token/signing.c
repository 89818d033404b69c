/* SPDX-License-Identifier: Apache-2.0 */
#include "token/signing.h"
#include "daemon/x509/name.h"

#define DAY_S INT64_C(86400)

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
	{X509_SHAPE_CHECKPOINT, CHARTER_SHAPE_CHECKPOINT, "checkpoint"},
	/* clang-format on */
};

void signing_done(struct signing *signing)
{
	buffer_done(&signing->subject);
}

/* A CRL is about its issuer, a SCEP message about its type, a checkpoint about a record. */
static void describe(struct signing *signing)
{
	struct span name =
		signing->shape.subject.size ? signing->shape.subject : signing->shape.issuer;

	if (name.size)
		x509_name_append_text(&signing->subject, name);
	else if (signing->shape.message_type.size)
		buffer_append(&signing->subject, signing->shape.message_type);
	else if (signing->shape.audit_seq)
		buffer_printf(&signing->subject, "%llu",
			      (unsigned long long)signing->shape.audit_seq);
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

static bool is_own_certificate(const struct signing *signing, const struct charter *charter)
{
	const struct charter_ask *ask = &signing->ask;

	return ask->shape == CHARTER_SHAPE_CERTIFICATE && span_equal(ask->subject, ask->issuer) &&
	       span_equal(SPAN_ARRAY(ask->key_sha256), SPAN_ARRAY(charter->key_sha256));
}

/* Not only its own authority: what a CA that asks another signs its message with as well. */
const char *signing_kind(const struct signing *signing, const struct charter *charter)
{
	bool is_asking = is_own_certificate(signing, charter) && !signing->ask.ca;

	return signing->ask.shape == CHARTER_SHAPE_CERTIFICATE &&
			       (charter->role != CHARTER_CA || is_asking)
		       ? "self-signed"
		       : signing->kind;
}

int64_t signing_end_s(const struct signing *signing, const struct charter *charter, int64_t known_s)
{
	int64_t end_s = signing->shape.not_after_s;

	if (charter->role != CHARTER_CA || signing->ask.shape != CHARTER_SHAPE_CERTIFICATE)
		return 0;
	if (is_own_certificate(signing, charter))
		return signing->ask.ca && end_s > known_s ? end_s : 0;
	return end_s > known_s + DAY_S ? end_s : 0;
}
