/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/put.h"

void x509_begin_extension(struct der_writer *w, enum oid oid, bool critical)
{
	der_begin(w, DER_SEQUENCE);
	der_put_oid(w, oid);
	if (critical)
		der_put_boolean(w, true);
	der_begin(w, DER_OCTET_STRING);
}

void x509_end_extension(struct der_writer *w)
{
	der_end(w);
	der_end(w);
}

void x509_put_authority_key_identifier(struct der_writer *w, struct span identifier)
{
	x509_begin_extension(w, OID_AUTHORITY_KEY_IDENTIFIER, false);
	der_begin(w, DER_SEQUENCE);
	der_put(w, DER_CONTEXT(0), identifier);
	der_end(w);
	x509_end_extension(w);
}

void x509_put_signed(struct der_writer *w, struct span to_be_signed, enum digest digest,
		     struct span signature)
{
	der_begin(w, DER_SEQUENCE);
	der_put_raw(w, to_be_signed);
	der_put_algorithm(w, digest_rsa_oid(digest), true);
	der_put_bits(w, signature);
	der_end(w);
}
