/* SPDX-License-Identifier: Apache-2.0 */
/* One check, one function. Each gives its refusal, or one without a rule. */
#include "policy/profile.h"
#include <string.h>

#define NON_REPUDIATION 0x4000
#define KEY_AGREEMENT	0x0800
#define KEY_CERT_SIGN	0x0400
#define CRL_SIGN	0x0200
#define ENCIPHER_ONLY	0x0100
#define DECIPHER_ONLY	0x0080
#define CA_BITS		(KEY_CERT_SIGN | CRL_SIGN)

static const struct profile_refusal fine = {};

static struct profile_refusal refuse(const char *rule, const char *reason)
{
	return (struct profile_refusal){false, rule, reason};
}

static struct profile_refusal judge_sizes(const struct profile_facts *facts)
{
	if (facts->request_bytes > PROFILE_REQUEST_BYTES_MAX)
		return refuse("request size", "the CSR is larger than 64 KiB");
	if (facts->challenge_bytes > PROFILE_CHALLENGE_BYTES_MAX)
		return refuse("challenge size", "the challenge password has more than 256 bytes");
	return fine;
}

static struct profile_refusal judge_subject(const struct profile_facts *facts)
{
	if (!facts->subject_valid)
		return refuse("RFC 5280 §4.1.2.6", "the subject is malformed");
	if (facts->subject_empty)
		return refuse("RFC 8894 §3.3.1", "the request has no subject name");
	/* Its holder would pass for the CA wherever a name is all that is looked at. */
	if (facts->subject_is_the_cas)
		return refuse("the CA's own name", "the subject is the CA's own name");
	/* Clients know by its name what a CA gives out beside itself, and envelope to that. */
	if (facts->subject_is_its_exchanges)
		return refuse("the CA's own name", "the subject is that of the CA's exchange key");
	return fine;
}

static struct profile_refusal judge_key_kind(const struct profile_facts *facts)
{
	if (facts->modulus.size)
		return fine;
	return (struct profile_refusal){true, "RFC 8894 §3.1",
					"only RSA keys: the answer is enveloped to the key"};
}

static struct profile_refusal judge_key_strength(const struct profile_facts *facts)
{
	/* By the names that rsa_weakness() gives. */
	static const struct {
		const char *weakness, *rule, *reason;
	} rows[] = {
		{"size", "key size", "the RSA key is too short"},
		{"exponent", "RFC 8017 §3.1", "the RSA key's exponent is unusable"},
		{"ROCA", "CVE-2017-15361 (ROCA)", "the RSA key was made by a flawed generator"},
		{"close primes", "close primes", "the RSA key's primes are too close together"},
		{"small factor", "small factor", "the RSA key's modulus has a small factor"},
	};
	const char *weakness = rsa_weakness(facts->modulus, facts->exponent, facts->least_bits);

	if (!weakness)
		return fine;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (!strcmp(rows[i].weakness, weakness))
			return refuse(rows[i].rule, rows[i].reason);
	return refuse(weakness, "the RSA key is weak");
}

static bool is_of_a_ca(const struct profile_facts *facts)
{
	return facts->class == GRANT_CLASS_SUBORDINATE;
}

static struct profile_refusal judge_basic_constraints(const struct profile_facts *facts)
{
	if (is_of_a_ca(facts))
		return facts->has_basic_constraints
			       ? fine
			       : refuse("RFC 5280 §4.2.1.9",
					"a CA's request must ask for basicConstraints CA:TRUE");
	if (facts->has_basic_constraints && facts->ca)
		return refuse("RFC 5280 §4.2.1.9", "a router's certificate can't be a CA's");
	return fine;
}

/* A CA that can't sign CRLs could never say what it revoked, and what its key does besides is SCEP
 * alone. */
static struct profile_refusal judge_ca_key_usage(uint16_t usage)
{
	if ((usage & CA_BITS) != CA_BITS)
		return refuse("RFC 5280 §4.2.1.3",
			      "a CA's key must sign certificates and CRLs: keyCertSign, cRLSign");
	if (usage & ~(CA_BITS | PROFILE_ROUTER_KEY_USAGE | NON_REPUDIATION))
		return refuse("RFC 5280 §4.2.1.3",
			      "a CA's key serves for signatures and keyEncipherment alone");
	return fine;
}

/* Signature-only and encryption-only keys are both asked for by routers with two key pairs. */
static struct profile_refusal judge_key_usage(const struct profile_facts *facts)
{
	uint16_t usage = facts->key_usage;

	if (!facts->has_key_usage)
		return fine;
	if (is_of_a_ca(facts))
		return judge_ca_key_usage(usage);
	if (usage & KEY_CERT_SIGN)
		return refuse("RFC 5280 §4.2.1.3 keyCertSign",
			      "a router's key may not sign certificates");
	if (usage & CRL_SIGN)
		return refuse("RFC 5280 §4.2.1.3 cRLSign", "a router's key may not sign CRLs");
	if (!usage)
		return refuse("RFC 5280 §4.2.1.3", "keyUsage without a bit set");
	if ((usage & (ENCIPHER_ONLY | DECIPHER_ONLY)) && !(usage & KEY_AGREEMENT))
		return refuse("RFC 5280 §4.2.1.3",
			      "encipherOnly and decipherOnly mean nothing without keyAgreement");
	return fine;
}

/* SEQUENCE OF OBJECT IDENTIFIER, at least one, none that would let the holder answer for us. */
static struct profile_refusal judge_extended_key_usage(const struct profile_extension *extension)
{
	struct der_item list;
	struct span rest;

	if (der_only(extension->value, DER_SEQUENCE, &list) || !list.content.size)
		return refuse("RFC 5280 §4.2.1.12", "extKeyUsage is malformed");
	for (rest = list.content; rest.size;) {
		struct der_item purpose;
		enum oid oid;

		if (der_next(&rest, &purpose) || purpose.tag != DER_OID || !purpose.content.size)
			return refuse("RFC 5280 §4.2.1.12", "extKeyUsage is malformed");
		oid = oid_find(purpose.content);
		if (oid == OID_EKU_OCSP_SIGNING)
			return refuse("RFC 6960 §4.2.2.2 OCSPSigning",
				      "a router's key may not answer for the CA (OCSPSigning)");
		if (oid == OID_EKU_ANY)
			return refuse("RFC 5280 §4.2.1.12 anyExtendedKeyUsage",
				      "anyExtendedKeyUsage would allow OCSPSigning too");
	}
	return fine;
}

enum treatment { UNLISTED = 0, COPY, REPLACE, WISH, REFUSE };

static enum treatment treatment_of(enum grant_class class, enum oid oid)
{
	static const struct {
		uint8_t of_ends, of_cas;
	} treatments[OID_COUNT_] = {
#define PROFILE_EXTENSION(oid, of_ends, of_cas) [OID_##oid] = {of_ends, of_cas},
#include "policy/profile.def"
#undef PROFILE_EXTENSION
	};

	return (enum treatment)(class == GRANT_CLASS_SUBORDINATE ? treatments[oid].of_cas
								 : treatments[oid].of_ends);
}

bool profile_copies(enum grant_class class, enum oid oid)
{
	enum treatment treatment = treatment_of(class, oid);

	return treatment == UNLISTED || treatment == COPY;
}

static struct profile_refusal judge_extension(enum grant_class class,
					      const struct profile_extension *extension)
{
	enum treatment treatment = treatment_of(class, extension->oid);

	if (treatment == REFUSE)
		return refuse("RFC 5280 §4.2.1", "the request asks for an authority key "
						 "identifier or a CRL distribution point");
	if (treatment == REPLACE && extension->critical)
		return refuse("RFC 5280 §4.2.1.2", "a subject key identifier can't be critical");
	if (treatment == UNLISTED && extension->critical)
		return refuse("RFC 5280 §4.2", "a critical extension is unknown");
	return extension->oid == OID_EXT_KEY_USAGE ? judge_extended_key_usage(extension) : fine;
}

static struct profile_refusal judge_extensions(const struct profile_facts *facts)
{
	struct profile_refusal refusal = fine;

	for (size_t i = 0; i < facts->n_extensions && !refusal.rule; i++)
		refusal = judge_extension(facts->class, &facts->extensions[i]);
	return refusal;
}

struct profile_refusal profile_judge(const struct profile_facts *facts)
{
	/* Cheap ones first; the key's strength costs some microseconds. */
	static struct profile_refusal (*const rules[])(const struct profile_facts *facts) = {
		judge_sizes,	 judge_subject,	   judge_key_kind,     judge_basic_constraints,
		judge_key_usage, judge_extensions, judge_key_strength,
	};
	struct profile_refusal refusal = fine;

	for (size_t i = 0; i < ELEMENTS(rules) && !refusal.rule; i++)
		refusal = rules[i](facts);
	return refusal;
}

/* Of two limits the closer one; -1: no limit. */
static int64_t closer(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

int64_t profile_path_length(int64_t asked, int64_t configured, int64_t room)
{
	assert(room != 0);
	return closer(asked, closer(configured, room < 0 ? -1 : room - 1));
}
