/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The messages that ask for what is there: CertPoll, GetCert, GetCRL. Source: RFC 8894 §3.3.3,
 * §3.3.4.
 */

#include "daemon/flow/outcome.h"

/* Each gives 0 with an outcome, or -errno; none asks a token. */

/* What has become of the newest request of this transaction and requester. */
_checked_ int flow_cert_poll(const struct scep_turn *turn, struct scep_outcome *ret);
/* Any certificate of this server's, also the CA's own: they are public. */
_checked_ int flow_get_cert(const struct scep_turn *turn, struct scep_outcome *ret);
/* The newest CRL, for whoever names a certificate of this server's. */
_checked_ int flow_get_crl(const struct scep_turn *turn, struct scep_outcome *ret);
