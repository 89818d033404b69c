/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A server made of its CA certificate alone, on a machine that publishes for a CA whose key lies
 * elsewhere, as an offline root's does: it serves the certificate, and the CRLs that are brought to
 * it by crl-import.h. Its Token= is one that is never there.
 */

#include "daemon/flow/enroll/hand.h"

/* @der: the certificate of a CA whose subject is IssuerName=. Outcomes as flow_server_create(). */
_checked_ int flow_server_create_publishing(const struct hand *hand, struct span der,
					    char **ret_reason);
