/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Certificates that came, read, and what is asked about each. Within this folder alone. */

#include "daemon/scep/message.h"
#include "daemon/trustpoint/trust.h"
#include "daemon/x509/certificate.h"

struct trust_set {
	struct x509_certificate items[SCEP_CERTIFICATES_MAX]; /* borrow what came */
	size_t n;
};
/* All of them, or NO_CERTIFICATE or UNREADABLE. */
enum trustpoint_fault trust_set_read(const struct span *certificates, size_t n,
				     struct trust_set *ret);

/* Whether it may sign certificates; also of version 1, which has no extension to say so. */
bool trust_is_ca(const struct x509_certificate *certificate);
bool trust_is_self_issued(const struct x509_certificate *certificate);
/* Both ends are in it. */
bool trust_is_in_force(const struct x509_certificate *certificate, int64_t at_s);
/* By its issuer's key, whatever its name. */
bool trust_is_signed_by(const struct x509_certificate *certificate,
			const struct x509_certificate *issuer);
/* By name and key. */
bool trust_is_issued_by(const struct x509_certificate *certificate,
			const struct x509_certificate *issuer);
