/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of path.h share: structures of OpenSSL's, and what it finds. */

#include "daemon/x509/path.h"
#include <openssl/x509.h>

/* Read to the exact end; NULL where it is none, or memory is short. */
X509 *path_certificate_read(struct span der);
void path_certificate_freep(X509 **certificate);
X509_CRL *path_crl_read(struct span der);
void path_crl_freep(X509_CRL **crl);

/* What is told of a certificate on a path. -EBADMSG, -ENOMEM; what was copied by then is the
 * caller's all the same. */
_checked_ int path_item_copy(const X509 *certificate, struct x509_path_item *ret);
/* -EBADMSG where @time is NULL or none. */
_checked_ int path_time_read(const ASN1_TIME *time, int64_t *ret_s);

/* What is wrong, in our words and with the rule, for a code of OpenSSL's. */
struct path_rule {
	int code; /* X509_V_ERR_... */
	enum x509_path_outcome outcome;
	const char *rule, *text;
};
/* Never NULL: of what has no row it is said that the path is not valid. */
const struct path_rule *path_rule_find(int code);
