/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether the names a request asks for are among those that the operator allows (AllowSubject=,
 * AllowDNS=, AllowAddress=; daemon/base/pattern.h). Pure.
 *
 * Where no subject pattern is set, any subject may be asked for. Where neither a DNS nor an address
 * pattern is set, any alternative name may be; as soon as one is, no other alternative name than
 * those that a pattern allows: what nobody thought of is not let in.
 */

#include "policy/profile.h"

/* Patterns that the configuration took; NULL with none. */
struct allow_patterns {
	char *const *items;
	size_t n;
};

/* An attribute of the subject. OID_UNKNOWN for a type or an encoding that no pattern knows. */
struct allow_attribute {
	enum oid type;
	struct span value;
};

struct allow_facts {
	struct allow_patterns subjects, dns, addresses;
	const struct allow_attribute *attributes;
	size_t n_attributes;
	struct span alt_names; /* contents of subjectAltName's OCTET STRING; empty without one */
};
/* The first thing that is not allowed; none where all is. */
struct profile_refusal allow_judge(const struct allow_facts *facts);
