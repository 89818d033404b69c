/* SPDX-License-Identifier: Apache-2.0 */
/* What a request asks for, as the profile and the operator's patterns judge it. */
#include "daemon/flow/allowance.h"
#include "daemon/flow/enroll/facts.h"
#include "daemon/x509/name.h"
#include "daemon/x509/rdn.h"
#include "policy/allow.h"
#include <string.h>

#define ATTRIBUTES_MOST 64

static struct profile_refusal judge_content(const struct authority *authority,
					    const struct x509_request *request)
{
	const struct x509_extensions *asked = &request->extensions;
	struct profile_extension extensions[X509_EXTENSIONS_MAX];
	struct profile_facts facts = {
		.class = facts_of_class(request),
		.subject_empty = x509_name_is_empty(request->subject),
		.subject_valid = x509_name_is_valid(request->subject),
		.subject_is_the_cas = x509_name_equal(request->subject, span_of(authority->name)),
		.subject_is_its_exchanges =
			x509_name_equal(request->subject, span_of(authority->exchange_name)),
		.modulus = request->key.modulus,
		.exponent = request->key.exponent,
		.least_bits = allowance_least_bits(authority->conf),
		.extensions = extensions,
		.n_extensions = asked->n,
		.has_basic_constraints = asked->has_basic_constraints,
		.ca = asked->ca,
		.has_key_usage = asked->has_key_usage,
		.key_usage = asked->key_usage,
		.request_bytes = request->whole.size,
		.challenge_bytes = request->challenge.size,
	};

	for (size_t i = 0; i < asked->n; i++)
		extensions[i] = (struct profile_extension){
			.oid = asked->items[i].oid,
			.critical = asked->items[i].critical,
			.value = asked->items[i].value,
		};
	return profile_judge(&facts);
}

/* Text as patterns compare it; what is encoded otherwise is none they know. */
static struct allow_attribute describe_attribute(const struct x509_attribute *attribute)
{
	static const uint8_t plain[] = {DER_UTF8_STRING, DER_PRINTABLE_STRING, DER_IA5_STRING,
					DER_T61_STRING};

	return memchr(plain, attribute->value.tag, sizeof(plain))
		       ? (struct allow_attribute){oid_find(attribute->type),
						  attribute->value.content}
		       : (struct allow_attribute){.type = OID_UNKNOWN};
}

/* Every attribute of the subject; -E2BIG where there are more than anybody has. */
static int read_attributes(struct span subject, struct allow_attribute *ret, size_t *ret_n)
{
	struct x509_name_walk walk = {};
	struct x509_attribute attribute;
	struct x509_rdns rdns;

	*ret_n = 0;
	if (x509_rdns_read(subject, &rdns) < 0)
		return -EBADMSG;
	walk.rdns = &rdns;
	while (x509_name_walk_next(&walk, &attribute)) {
		if (*ret_n == ATTRIBUTES_MOST)
			return -E2BIG;
		ret[(*ret_n)++] = describe_attribute(&attribute);
	}
	return 0;
}

static struct profile_refusal judge_names(const struct authority *authority,
					  const struct x509_request *request)
{
	const struct conf_server *conf = authority->conf;
	const struct x509_extension *alt_names =
		x509_extension_find(&request->extensions, OID_SUBJECT_ALT_NAME);
	struct allow_attribute attributes[ATTRIBUTES_MOST];
	struct allow_facts facts = {
		.subjects = {conf->allow_subject, conf->n_allow_subject},
		.dns = {conf->allow_dns, conf->n_allow_dns},
		.addresses = {conf->allow_address, conf->n_allow_address},
		.attributes = attributes,
		.alt_names = alt_names ? alt_names->value : (struct span){},
	};

	if (facts.subjects.n &&
	    read_attributes(request->subject, attributes, &facts.n_attributes) < 0)
		return (struct profile_refusal){false,
						"AllowSubject=", "the subject has too many parts"};
	return allow_judge(&facts);
}

struct profile_refusal facts_judge_profile(const struct authority *authority,
					   const struct x509_request *request)
{
	struct profile_refusal refusal = judge_content(authority, request);

	return refusal.rule ? refusal : judge_names(authority, request);
}
