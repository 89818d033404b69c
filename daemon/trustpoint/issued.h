/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether a certificate that was granted may be used. Pure. Source: RFC 8894 §3.3.2; RFC 5280 §6.1.
 */

#include "daemon/base/bytes.h"
#include "daemon/trustpoint/trust.h"

/* What a certificate that was granted is held against. */
struct trustpoint_wish {
	struct span anchor;  /* the CA that was asked, whole DER */
	struct span spki;    /* the key's */
	struct span subject; /* DER */
	uint16_t key_usage;  /* enum x509_key_usage bits */
	int64_t from_s;	     /* now; of a shadow when its anchor takes over */
	bool is_ca; /* it is to be a CA's: CA:TRUE with keyCertSign and cRLSign, for exactly
		       that subject */
};
/* What is odd about one that may be used all the same. */
enum trustpoint_remark {
	TRUSTPOINT_REMARK_NONE,
	TRUSTPOINT_REMARK_SUBJECT,   /* of another name, as some CAs write it */
	TRUSTPOINT_REMARK_KEY_USAGE, /* it does not allow what it was asked for */
};
const char *trustpoint_remark_text(enum trustpoint_remark remark); /* "" for NONE */
/* Finds ours among @certificates by its key, and says whether it may be installed. One that is not
 * valid yet may, for a day's difference of clocks: it takes over when it is. */
enum trustpoint_fault trustpoint_issued_check(const struct trustpoint_wish *wish,
					      const struct span *certificates, size_t n,
					      struct span *ret_certificate,
					      enum trustpoint_remark *ret_remark);
