/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Extensions as certificates, requests and CRLs write them, and the signature around all three. */

#include "daemon/base/crypto.h"
#include "daemon/base/der.h"
#include "daemon/base/oid.h"

/* Between the two stands the value, which the OCTET STRING wraps. */
void x509_begin_extension(struct der_writer *w, enum oid oid, bool critical);
void x509_end_extension(struct der_writer *w);
/* With keyIdentifier alone: RFC 5280 §4.2.1.1. */
void x509_put_authority_key_identifier(struct der_writer *w, struct span identifier);
/* SEQUENCE { @to_be_signed, shaNWithRSAEncryption, BIT STRING signature }. */
void x509_put_signed(struct der_writer *w, struct span to_be_signed, enum digest digest,
		     struct span signature);
