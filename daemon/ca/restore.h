/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether a saved server may go on here: its certificate, the last serial number that it issued,
 * and its CRL, against what the configuration says of it. Pure.
 */

#include "daemon/base/bytes.h"

struct ca_restore_facts {
	bool exists;	   /* the database has this server already */
	bool is_anothers;  /* another server here has this key */
	bool root;	   /* Mode=root */
	bool name_matches; /* the certificate's subject is IssuerName= (RFC 5280 §7.1) */
	bool self_signed;  /* subject = issuer, and the signature is its own key's */
	bool ca, cert_sign, crl_sign; /* basicConstraints; keyUsage, true where it has none */
	int64_t not_before_s, not_after_s;
	bool weak;	 /* MD5, SHA-1 or a key of under 2048 bits */
	bool allow_weak; /* AllowWeak=yes */
	/* The certificate's serial: the counter in it (0: none of ours), and whether 64 random bits
	 * follow that. */
	uint64_t own_counter;
	bool serial_is_random;
	bool random; /* SerialNumbers=random */
	bool has_last;
	uint64_t last_counter;	      /* from .ser or by hand */
	bool has_crl, crl_is_its_own; /* its issuer name and its key's signature */
	uint64_t revoked_counter;     /* the highest that the CRL lists; 0: none */
};

/* A sentence that names the rule and what to do; NULL where nothing stands against it. */
const char *ca_restore_refuses(const struct ca_restore_facts *facts, int64_t now_s);
