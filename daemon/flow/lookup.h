/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The messages that ask for what is there: CertPoll, GetCert, GetCRL. Source: RFC 8894 §3.3.3,
 * §3.3.4.
 */

#include "daemon/flow/outcome.h"

_checked_ int flow_cert_poll(const struct scep_turn *turn, struct scep_outcome *ret);
_checked_ int flow_get_cert(const struct scep_turn *turn, struct scep_outcome *ret);
_checked_ int flow_get_crl(const struct scep_turn *turn, struct scep_outcome *ret);
