/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an operator does with one request or certificate by hand.
 */

#include "daemon/flow/flow.h"
#include "policy/verdict.h"

struct hand {
	struct flow *flow;
	struct authority *authority;
	const char *actor;
	int64_t now_s;
};

/* Outcomes besides FLOW_LATER and FLOW_REFUSED (whose reason is in *ret_reason, the caller's). */
enum hand_outcome { HAND_NOT_FOUND = 3, HAND_NO_SERIAL = 4 };

/* Whether the server may issue now; FLOW_REFUSED with the reason where not. */
_checked_ int hand_check_open(const struct hand *hand, char **ret_reason);
/* What policy says of a request that waits, by what is known of its key, its signer and its @issuer
 * (NULL: nobody will issue it) now: issue, or what forbids it. -errno. */
_checked_ int hand_judge(const struct hand *hand, const struct ca_request_record *request,
			 const struct generation *issuer, struct verdict *ret);
/* Issues the certificate of a pending request. */
_checked_ int flow_grant_request(const struct hand *hand, int64_t id, char **ret_reason);
/* Denies a pending request. */
_checked_ int flow_reject_request(const struct hand *hand, int64_t id, char **ret_reason);
/* Removes a request in whatever state, with what its transaction had before it; a certificate that
 * it brought stands. */
_checked_ int flow_remove_request(const struct hand *hand, int64_t id, char **ret_reason);
/* Removes all of the server's; HAND_NOT_FOUND where the server is not created. */
_checked_ int flow_remove_all_requests(const struct hand *hand, unsigned *ret_n);
/* The certificate an operator names by counter or whole serial. HAND_NOT_FOUND, HAND_NO_SERIAL
 * where the text is none. */
_checked_ int flow_find_certificate(const struct hand *hand, const char *serial,
				    struct ca_certificate_record *ret);
/* A new one-time password; @subject (text) may be NULL. @ret holds PASSWORD_TEXT_SIZE bytes. */
_checked_ int flow_generate_password(const struct hand *hand, unsigned minutes, const char *subject,
				     char *ret, char **ret_reason);
