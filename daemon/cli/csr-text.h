/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A certificate request as people hand it over: PEM, bare base64, or the DER itself. Pure. */

#include "daemon/base/bytes.h"

#define CSR_BYTES_MOST	    65536
#define CSR_TEXT_BYTES_MOST (4 * CSR_BYTES_MOST) /* with what stands around it */

/*
 * The DER in @input. PEM may say NEW CERTIFICATE REQUEST, have CRLF and text around it.
 * @ret_reason: where it is none, a sentence for people, constant. 0, -EINVAL, -ENOMEM.
 */
_checked_ int csr_text_read(struct span input, struct bytes *ret, const char **ret_reason);
/* How many bytes of what was typed so far come before the blank line, or the line "quit", that ends
 * it; SIZE_MAX where it goes on. Blank lines ahead of everything end nothing, and DER has no lines.
 */
size_t csr_text_end(struct span typed);
