/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Patterns of what may be asked for: names, DNS names and addresses. The configuration refuses a
 * wrong one when it is read; policy/ holds requests against them. Pure; letters in either case.
 *
 *	CN=*.branch.example,O=Example	the attributes of a subject, in any order: each has to be
 *			there, and no other may; `*` alone among them lets others in. In a value `*`
 *			is any run of characters; a backslash takes the next one as it is.
 *	*.example	a DNS name: `*` is any run of characters within one label, a label `**` any
 *			number of labels, one at least; a leading dot means `**.`
 *	192.0.2.0/24	an address, or a network of them; IPv6 too
 */

#include "daemon/base/oid.h"

/* Whether @text as a whole is what @glob describes. */
bool pattern_glob(struct span glob, struct span text);

struct pattern_attribute {
	bool any;      /* `*` alone: whatever there is besides */
	enum oid type; /* of a name's attribute; OID_UNKNOWN where any */
	struct span glob;
};
/* Takes the next attribute off @rest. -ENODATA at the end, -EINVAL where it is none. */
_checked_ int pattern_name_next(struct span *rest, struct pattern_attribute *ret);
bool pattern_name_is_valid(struct span pattern);

bool pattern_dns_is_valid(struct span pattern);
/* A name that is a wildcard itself is never what a pattern means. */
bool pattern_dns_matches(struct span pattern, struct span name);

struct pattern_network {
	uint8_t address[16];
	size_t size;   /* 4 or 16 */
	unsigned bits; /* of the prefix */
};
/* -EINVAL also where bits are set behind the prefix. */
_checked_ int pattern_network_read(struct span text, struct pattern_network *ret);
/* @address: as a certificate has it, 4 or 16 bytes. */
bool pattern_network_holds(const struct pattern_network *network, struct span address);
