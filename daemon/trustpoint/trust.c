/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/trust-internal.h"
#include "daemon/x509/name.h"

const char *trustpoint_fault_text(enum trustpoint_fault fault)
{
	static const char *const texts[] = {
		[TRUSTPOINT_FAULT_NONE] = "",
#define TRUSTPOINT_FAULT(NAME, text) [TRUSTPOINT_FAULT_##NAME] = (text),
#include "daemon/trustpoint/trust.def"
#undef TRUSTPOINT_FAULT
	};

	return (size_t)fault < ELEMENTS(texts) ? texts[fault] : "unknown";
}

enum trustpoint_fault trust_set_read(const struct span *certificates, size_t n,
				     struct trust_set *ret)
{
	ret->n = 0;
	if (!n)
		return TRUSTPOINT_FAULT_NO_CERTIFICATE;
	if (n > ELEMENTS(ret->items))
		return TRUSTPOINT_FAULT_UNREADABLE;
	for (size_t i = 0; i < n; i++)
		if (x509_certificate_read(certificates[i], &ret->items[ret->n++]) < 0)
			return TRUSTPOINT_FAULT_UNREADABLE;
	return TRUSTPOINT_FAULT_NONE;
}

bool trust_is_self_issued(const struct x509_certificate *certificate)
{
	return x509_name_equal(certificate->issuer, certificate->subject);
}

bool trust_is_ca(const struct x509_certificate *certificate)
{
	const struct x509_extensions *extensions = &certificate->extensions;

	if (certificate->version == 0)
		return trust_is_self_issued(certificate);
	return extensions->ca &&
	       (!extensions->has_key_usage || extensions->key_usage & X509_KEY_CERT_SIGN);
}

bool trust_is_in_force(const struct x509_certificate *certificate, int64_t at_s)
{
	return certificate->not_before_s <= at_s && at_s <= certificate->not_after_s;
}

bool trust_is_signed_by(const struct x509_certificate *certificate,
			const struct x509_certificate *issuer)
{
	return x509_verify(&issuer->key, certificate->digest, certificate->to_be_signed,
			   certificate->signature) == 0;
}

bool trust_is_issued_by(const struct x509_certificate *certificate,
			const struct x509_certificate *issuer)
{
	return x509_name_equal(certificate->issuer, issuer->subject) &&
	       trust_is_signed_by(certificate, issuer);
}
