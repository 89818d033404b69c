/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Signs and publishes the server's CRL. Revocations that come while one is being signed go into the
 * next.
 */

#include "daemon/flow/flow.h"

/* 0, FLOW_LATER, FLOW_REFUSED where the server has no active generation or the time is not known,
 * -errno. */
_checked_ int flow_sign_crl(struct flow *flow, struct authority *authority, const char *actor,
			    int64_t now_s);
/* As flow_sign_crl(), where one is due; what somebody else signed since it was planned is left at
 * that. */
_checked_ int flow_renew_crl(struct flow *flow, struct authority *authority, int64_t now_s);
