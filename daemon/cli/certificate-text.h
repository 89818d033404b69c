/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Certificates as people hand them over: PEM blocks, bare base64, or the DER itself, one or
 * several, PKCS#7 too. Pure; what is in them the daemon reads. */

#include "daemon/base/bytes.h"

#define CERTIFICATE_TEXT_MOST ((size_t)64 * 1024) /* bytes of DER */

/*
 * The DER of each, one after the other. Text around PEM blocks, private keys among them and CRLF
 * are passed over.
 * @ret_reason: where it has none, a sentence for people, constant. 0, -EINVAL, -ENOMEM.
 */
_checked_ int certificate_text_read(struct span input, struct bytes *ret, const char **ret_reason);
