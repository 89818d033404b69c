/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A SignedData for what it carries alone: the certificates, and the CRL, of RFC 8894 §3.4. Whether
 * somebody signed it too, as some servers do with a GetCACert, is not asked: whom to trust goes by
 * the certificates. scep_certificates_only() of message.h writes one. Internal to this folder.
 */

#include "daemon/scep/client.h"

/*
 * @der     DER; what is read borrows from it
 * @ret     its certificates, in order; what is no certificate that can be read is passed over, as a
 *          chain may have members that nobody here needs; storage stays as it is
 * @ret_crl the first CRL, whole, unread; empty without one
 * -EBADMSG where it is no SignedData, or has more than SCEP_CERTIFICATES_MAX certificates.
 */
_checked_ int scep_degenerate_read(struct span der, struct scep_ca_answer *ret,
				   struct span *ret_crl);
