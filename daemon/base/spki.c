/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/spki.h"
#include "daemon/base/der.h"
#include "daemon/base/oid.h"

int spki_write(struct span modulus, struct span exponent, struct bytes *ret)
{
	_cleanup_(der_writer_done) struct der_writer w = {0};

	der_begin(&w, DER_SEQUENCE);
	der_put_algorithm(&w, OID_RSA_ENCRYPTION, true);
	der_begin_bits(&w);
	der_begin(&w, DER_SEQUENCE);
	der_put_magnitude(&w, modulus);
	der_put_magnitude(&w, exponent);
	der_end(&w);
	der_end(&w);
	der_end(&w);
	return der_finish(&w, ret);
}

struct pair {
	struct der_item first, second;
};
static const struct der_field info_fields[] = {
	DER_FIELD(struct pair, first, DER_SEQUENCE),
	DER_FIELD(struct pair, second, DER_BIT_STRING),
};
static const struct der_field algorithm_fields[] = {
	DER_FIELD(struct pair, first, DER_OID),
	DER_FIELD(struct pair, second, DER_NULL),
};
static const struct der_field key_fields[] = {
	DER_FIELD(struct pair, first, DER_INTEGER),
	DER_FIELD(struct pair, second, DER_INTEGER),
};

static int read_key(struct span bits, struct span *ret_modulus, struct span *ret_exponent)
{
	struct der_item sequence;
	struct pair key;
	int r = der_only(bits, DER_SEQUENCE, &sequence);

	if (r == 0)
		r = der_match(sequence.content, key_fields, ELEMENTS(key_fields), &key);
	if (r == 0)
		r = der_read_magnitude(&key.first, ret_modulus);
	if (r == 0)
		r = der_read_magnitude(&key.second, ret_exponent);
	return r;
}

int spki_read(struct span spki, struct span *ret_modulus, struct span *ret_exponent)
{
	struct span modulus, exponent, bits = {0};
	struct pair info = {0}, algorithm = {0};
	struct der_item whole;
	unsigned unused = 0;
	int r = der_only(spki, DER_SEQUENCE, &whole);

	if (r == 0)
		r = der_match(whole.content, info_fields, ELEMENTS(info_fields), &info);
	if (r == 0)
		r = der_match(info.first.content, algorithm_fields, ELEMENTS(algorithm_fields),
			      &algorithm);
	if (r == 0)
		r = der_read_bits(&info.second, &bits, &unused);
	if (r < 0)
		return r;
	if (oid_find(algorithm.first.content) != OID_RSA_ENCRYPTION || unused)
		return -EBADMSG;
	r = read_key(bits, &modulus, &exponent);
	if (r < 0)
		return r;
	*ret_modulus = modulus;
	*ret_exponent = exponent;
	return 0;
}
