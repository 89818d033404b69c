/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a trustpoint asks to have certified: name and extensions, from its options' words. As
 * routers write it: the RDNs of SubjectName=, then one of several values for serial number, address
 * and full name; without SubjectName= that one alone. subjectAltName has the full name and the
 * address, keyUsage (critical) follows from the usage. Pure.
 */

#include "daemon/base/bytes.h"

/* As configured; NULL where an option isn't set. "none" leaves out what it is set for. */
struct trustpoint_words {
	const char *subject_name, *serial_number, *ip_address, *fqdn;
	const char *host; /* the host's full name, which stands in for FQDN=; NULL: not known */
};

struct trustpoint_subject {
	struct bytes name;	  /* DER */
	struct bytes extensions;  /* DER, the whole `Extensions` */
	struct bytes signer_name; /* of the self-signed certificate that signs a first request: the
				     full name alone, as routers have it; @name without one */
};
void trustpoint_subject_done(struct trustpoint_subject *subject);

enum trustpoint_subject_outcome { TRUSTPOINT_SUBJECT_REFUSED = 1 };
/* @usage: enum trustpoint_usage. 0; TRUSTPOINT_SUBJECT_REFUSED with a sentence that names the
 * option, the caller's to free; -ENOMEM. */
_checked_ int trustpoint_subject_make(const struct trustpoint_words *words, int usage,
				      struct trustpoint_subject *ret, char **ret_reason);
/* What a CA asks for that another certifies: this name, DER, as it stands; basicConstraints with
 * CA:TRUE and @key_usage (enum x509_key_usage bits), both critical. -ENOMEM. */
_checked_ int trustpoint_subject_make_ca(struct span name, uint16_t key_usage,
					 struct trustpoint_subject *ret);
/* enum x509_key_usage bits of a usage. */
uint16_t trustpoint_key_usage(int usage);
