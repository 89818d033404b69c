/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a trustpoint's CA is asked: EnrollmentURL= with an operation. http or https, a host's name
 * or address (IPv6 in brackets), a port, a path that is kept as it is; without one the path is
 * /cgi-bin/pkiclient.exe, as routers have it. Pure. Source: RFC 8894 §4.1, RFC 3986 §3.
 */

#include "daemon/base/bytes.h"

enum trustpoint_url_outcome { TRUSTPOINT_URL_REFUSED = 1 };

/* Whether EnrollmentURL= is one. 0; TRUSTPOINT_URL_REFUSED with a sentence that names the option,
 * the caller's to free; -ENOMEM. */
_checked_ int trustpoint_url_check(const char *url, char **ret_reason);

/* Whether EnrollmentURL= says that request and certificate go by hand. */
bool trustpoint_url_is_terminal(const char *url);

/* URL of @operation ("GetCACert", "PKIOperation" where it is POSTed) with @message percent-escaped
 * as message=, without that where it is empty. GetCACert and GetCACaps take the trustpoint's name.
 * @url was checked. -EINVAL where it is none; -ENOMEM. */
_checked_ int trustpoint_url_make(const char *url, const char *operation, struct span message,
				  char **ret);
/* URL of a PKIOperation by GET: @message, DER, in base64 (RFC 4648 §4), percent-escaped. */
_checked_ int trustpoint_url_make_get(const char *url, struct span message, char **ret);
