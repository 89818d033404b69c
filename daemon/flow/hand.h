/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an operator does with one request or certificate by hand.
 */

#include "daemon/flow/flow.h"

struct hand {
	struct flow *flow;
	struct authority *authority;
	const char *actor;
	int64_t now_s;
};

/* Outcomes besides FLOW_LATER and FLOW_REFUSED (whose reason is in *ret_reason, the caller's). */
enum hand_outcome { HAND_NOT_FOUND = 3, HAND_NO_SERIAL = 4 };

/* Issues the certificate of a pending request. */
_checked_ int flow_grant_request(const struct hand *hand, int64_t id, char **ret_reason);
/* Denies a pending request. */
_checked_ int flow_reject_request(const struct hand *hand, int64_t id, char **ret_reason);
/* Revokes for good (@reason: RFC 5280 §5.3.1). The CRL follows by itself, as soon as the token and
 * a started server allow. */
_checked_ int flow_revoke_certificate(const struct hand *hand, const char *serial, int reason,
				      char **ret_reason);
/* The certificate an operator names by counter or whole serial. HAND_NOT_FOUND, HAND_NO_SERIAL
 * where the text is none. */
_checked_ int flow_find_certificate(const struct hand *hand, const char *serial,
				    struct ca_certificate_record *ret);
/* A new one-time password; @subject (text) may be NULL. @ret holds PASSWORD_TEXT_SIZE bytes. */
_checked_ int flow_generate_password(const struct hand *hand, unsigned minutes, const char *subject,
				     char *ret, char **ret_reason);
