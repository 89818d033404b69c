/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/allow.h"
#include "daemon/base/pattern.h"

#define DNS_NAME   DER_CONTEXT(2)
#define IP_ADDRESS DER_CONTEXT(7)

static const struct profile_refusal fine = {};

static struct profile_refusal refuse(const char *rule, const char *reason)
{
	return (struct profile_refusal){false, rule, reason};
}

static bool covers(const struct pattern_attribute *pattern, const struct allow_attribute *attribute)
{
	return !pattern->any && attribute->type == pattern->type &&
	       pattern_glob(pattern->glob, attribute->value);
}

/* Whether the subject has what this part of a pattern asks for. */
static bool is_there(const struct allow_facts *facts, const struct pattern_attribute *wanted)
{
	for (size_t i = 0; i < facts->n_attributes; i++)
		if (covers(wanted, &facts->attributes[i]))
			return true;
	return wanted->any;
}

/* Whether some part of the pattern speaks for this attribute. */
static bool is_meant(struct span pattern, const struct allow_attribute *attribute)
{
	struct pattern_attribute wanted;
	bool listed = false, any = false;

	while (!pattern_name_next(&pattern, &wanted)) {
		if (covers(&wanted, attribute))
			return true;
		any = any || wanted.any;
		listed = listed || (!wanted.any && wanted.type == attribute->type);
	}
	/* `*` lets in what the pattern doesn't mention, not a second CN of another kind. */
	return any && !listed;
}

static bool subject_matches(const struct allow_facts *facts, struct span pattern)
{
	struct pattern_attribute wanted;
	struct span rest = pattern;

	while (!pattern_name_next(&rest, &wanted))
		if (!is_there(facts, &wanted))
			return false;
	for (size_t i = 0; i < facts->n_attributes; i++)
		if (!is_meant(pattern, &facts->attributes[i]))
			return false;
	return true;
}

static struct profile_refusal judge_subject(const struct allow_facts *facts)
{
	for (size_t i = 0; i < facts->subjects.n; i++)
		if (subject_matches(facts, span_of_text(facts->subjects.items[i])))
			return fine;
	return facts->subjects.n ? refuse("AllowSubject=", "the subject is none of those allowed")
				 : fine;
}

static struct profile_refusal judge_dns(const struct allow_facts *facts, struct span name)
{
	for (size_t i = 0; i < facts->dns.n; i++)
		if (pattern_dns_matches(span_of_text(facts->dns.items[i]), name))
			return fine;
	return refuse("AllowDNS=", "a DNS name is none of those allowed");
}

static struct profile_refusal judge_address(const struct allow_facts *facts, struct span address)
{
	struct pattern_network network;

	for (size_t i = 0; i < facts->addresses.n; i++)
		if (!pattern_network_read(span_of_text(facts->addresses.items[i]), &network) &&
		    pattern_network_holds(&network, address))
			return fine;
	return refuse("AllowAddress=", "an IP address is none of those allowed");
}

static struct profile_refusal judge_name(const struct allow_facts *facts,
					 const struct der_item *name)
{
	if (name->tag == DNS_NAME)
		return judge_dns(facts, name->content);
	if (name->tag == IP_ADDRESS)
		return judge_address(facts, name->content);
	return refuse("AllowDNS= AllowAddress=",
		      "an alternative name is neither a DNS name nor an IP address");
}

static struct profile_refusal judge_alt_names(const struct allow_facts *facts)
{
	struct profile_refusal refusal = fine;
	struct der_item list, name;
	struct span rest;

	if ((!facts->dns.n && !facts->addresses.n) || !facts->alt_names.size)
		return fine;
	if (der_only(facts->alt_names, DER_SEQUENCE, &list) < 0)
		return refuse("RFC 5280 §4.2.1.6", "subjectAltName is malformed");
	for (rest = list.content; rest.size && !refusal.rule;)
		refusal = der_next(&rest, &name) < 0
				  ? refuse("RFC 5280 §4.2.1.6", "subjectAltName is malformed")
				  : judge_name(facts, &name);
	return refusal;
}

struct profile_refusal allow_judge(const struct allow_facts *facts)
{
	struct profile_refusal refusal = judge_subject(facts);

	return refusal.rule ? refusal : judge_alt_names(facts);
}
