/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/provider/algorithm.h"

#include "daemon/base/der.h"

#define PSS_SALT_DEFAULT 20

static void put_oid(struct der_writer *w, enum oid oid)
{
	der_put(w, DER_OID, oid_content(oid));
}

static void put_hash(struct der_writer *w, enum digest digest)
{
	der_begin(w, DER_SEQUENCE);
	put_oid(w, digest_oid(digest));
	der_put_null(w);
	der_end(w);
}

static void put_mask(struct der_writer *w, enum digest digest)
{
	der_begin(w, DER_SEQUENCE);
	put_oid(w, OID_MGF1);
	put_hash(w, digest);
	der_end(w);
}

/* What is as it is by default, which goes back to SHA-1, is left out (X.690 §11.5). */
static void put_pss(struct der_writer *w, const struct rsa_scheme *scheme)
{
	der_begin(w, DER_SEQUENCE);
	if (scheme->digest != DIGEST_SHA1) {
		der_begin(w, DER_CONTEXT_CONSTRUCTED(0));
		put_hash(w, scheme->digest);
		der_end(w);
	}
	if (scheme->mgf1 != DIGEST_SHA1) {
		der_begin(w, DER_CONTEXT_CONSTRUCTED(1));
		put_mask(w, scheme->mgf1);
		der_end(w);
	}
	if (scheme->salt_bytes != PSS_SALT_DEFAULT) {
		der_begin(w, DER_CONTEXT_CONSTRUCTED(2));
		der_put_unsigned(w, scheme->salt_bytes);
		der_end(w);
	}
	der_end(w);
}

int prov_algorithm_write(const struct rsa_scheme *scheme, struct bytes *ret)
{
	_cleanup_(der_writer_done) struct der_writer w = {0};

	der_begin(&w, DER_SEQUENCE);
	if (scheme->padding == RSA_PADDING_PSS) {
		put_oid(&w, OID_RSASSA_PSS);
		put_pss(&w, scheme);
	} else {
		put_oid(&w, digest_rsa_oid(scheme->digest));
		der_put_null(&w);
	}
	der_end(&w);
	return der_finish(&w, ret);
}
