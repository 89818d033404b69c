/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A saved server as it was brought: its certificate, last serial number and CRL are read, and held
 * against each other and what is known here. Changes nothing. Inside restore.h; nobody else's. */

#include "daemon/ca/restore.h"
#include "daemon/flow/server/restore-crl.h"
#include "daemon/flow/server/restore.h"
#include "daemon/x509/certificate.h"

/* Borrows from the order; flow, authority and order are the caller's to set. */
struct restore {
	struct flow *flow;
	struct authority *authority;
	const struct restore_order *order;
	struct x509_certificate certificate;
	struct x509_crl crl; /* zeroed where there is none */
	struct ca_restore_facts facts;
	struct restore_revoked revoked;
	struct token_key token_key;
	struct ca_generation_record generation;
	struct ca_certificate_record record;
};
void restore_done(struct restore *restore);

/* Reads certificate to revoked. 0; FLOW_REFUSED with *ret_reason, the caller's, where it must not
 * be restored; -errno. */
_checked_ int restore_look(struct restore *restore, int64_t now_s, char **ret_reason);
/* FLOW_REFUSED with a copy of @why; -ENOMEM. */
_checked_ int restore_refuse(char **ret_reason, const char *why);
