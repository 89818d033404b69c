/* SPDX-License-Identifier: Apache-2.0 */
#include "token/rsa-secret.h"
#include "daemon/base/der.h"
#include "daemon/base/oid.h"
#include <openssl/bn.h>
#include <openssl/err.h>

void rsa_secret_done(struct rsa_secret *key)
{
	secret_done(&key->der);
	*key = (struct rsa_secret){0};
}

struct rsa_fields {
	struct der_item version, numbers[8];
};

#define NUMBER(i) DER_FIELD(struct rsa_fields, numbers[i], DER_INTEGER)
static const struct der_field rsa_rows[] = {
	DER_FIELD(struct rsa_fields, version, DER_INTEGER),
	NUMBER(0),
	NUMBER(1),
	NUMBER(2),
	NUMBER(3),
	NUMBER(4),
	NUMBER(5),
	NUMBER(6),
	NUMBER(7),
};

struct info_fields {
	struct der_item version, algorithm, key, attributes;
};
static const struct der_field info_rows[] = {
	DER_FIELD(struct info_fields, version, DER_INTEGER),
	DER_FIELD(struct info_fields, algorithm, DER_SEQUENCE),
	DER_FIELD(struct info_fields, key, DER_OCTET_STRING),
	DER_FIELD_OPTIONAL(struct info_fields, attributes, DER_CONTEXT_CONSTRUCTED(0)),
};

struct algorithm_fields {
	struct der_item oid, parameters;
};
static const struct der_field algorithm_rows[] = {
	DER_FIELD(struct algorithm_fields, oid, DER_OID),
	DER_FIELD_OPTIONAL(struct algorithm_fields, parameters, DER_NULL),
};

/* Version 0: two primes. */
static int read_version(const struct der_item *item)
{
	uint64_t version;
	int r = der_read_unsigned(item, &version);

	return r < 0 || version != 0 ? -EBADMSG : 0;
}

static int read_numbers(struct span der, struct hsm_rsa_parts *ret)
{
	struct hsm_rsa_parts parts = {0};
	struct span *places[] = {
		&parts.modulus, &parts.exponent,   &parts.private_exponent, &parts.prime_1,
		&parts.prime_2, &parts.exponent_1, &parts.exponent_2,	    &parts.coefficient,
	};
	struct rsa_fields fields;
	struct der_item whole;
	int r;

	r = der_only(der, DER_SEQUENCE, &whole);
	if (r == 0)
		r = der_match(whole.content, rsa_rows, ELEMENTS(rsa_rows), &fields);
	if (r == 0)
		r = read_version(&fields.version);
	for (size_t i = 0; i < ELEMENTS(places) && r == 0; i++)
		r = der_read_magnitude(&fields.numbers[i], places[i]);
	if (r == 0)
		*ret = parts;
	return r;
}

/* The RSAPrivateKey in a PrivateKeyInfo. */
static int open_info(struct span der, struct span *ret)
{
	struct algorithm_fields algorithm;
	struct info_fields fields;
	struct der_item whole;
	int r;

	r = der_only(der, DER_SEQUENCE, &whole);
	if (r == 0)
		r = der_match(whole.content, info_rows, ELEMENTS(info_rows), &fields);
	if (r == 0)
		r = read_version(&fields.version);
	if (r == 0)
		r = der_match(fields.algorithm.content, algorithm_rows, ELEMENTS(algorithm_rows),
			      &algorithm);
	if (r)
		return r;
	if (oid_find(algorithm.oid.content) != OID_RSA_ENCRYPTION)
		return -EBADMSG;
	*ret = fields.key.content;
	return 0;
}

int rsa_secret_read(struct secret *der, struct rsa_secret *ret)
{
	struct span whole = span_of_secret(*der), inner;
	struct rsa_secret key = {.pkcs1 = whole};
	int r;

	if (open_info(whole, &inner) == 0) {
		key.pkcs8 = whole;
		key.pkcs1 = inner;
	}
	r = read_numbers(key.pkcs1, &key.parts);
	if (r < 0)
		return r;
	key.der = TAKE_STRUCT(*der);
	*ret = key;
	return 0;
}

/* All of one check, freed and wiped at once. */
struct sums {
	BN_CTX *context;
	BIGNUM *n, *e, *d, *p, *q, *dp, *dq, *qi, *a, *b;
};

static BIGNUM *take(struct sums *sums, struct span number)
{
	BIGNUM *value = BN_CTX_get(sums->context);

	return value && BN_bin2bn(number.data, (int)number.size, value) ? value : NULL;
}

static int load(struct sums *sums, const struct hsm_rsa_parts *parts)
{
	sums->n = take(sums, parts->modulus);
	sums->e = take(sums, parts->exponent);
	sums->d = take(sums, parts->private_exponent);
	sums->p = take(sums, parts->prime_1);
	sums->q = take(sums, parts->prime_2);
	sums->dp = take(sums, parts->exponent_1);
	sums->dq = take(sums, parts->exponent_2);
	sums->qi = take(sums, parts->coefficient);
	sums->a = BN_CTX_get(sums->context);
	sums->b = BN_CTX_get(sums->context);
	/* BN_CTX_get() fails for all that follow once it failed. */
	return sums->n && sums->e && sums->d && sums->p && sums->q && sums->dp && sums->dq &&
			       sums->qi && sums->a && sums->b
		       ? 0
		       : -ENOMEM;
}

static bool is_product(struct sums *sums)
{
	return BN_mul(sums->a, sums->p, sums->q, sums->context) == 1 &&
	       BN_cmp(sums->a, sums->n) == 0;
}

/* @x · @y = 1 modulo @modulus. */
static bool is_inverse(struct sums *sums, const BIGNUM *x, const BIGNUM *y, const BIGNUM *modulus)
{
	return BN_mod_mul(sums->a, x, y, modulus, sums->context) == 1 && BN_is_one(sums->a);
}

/* @exponent is d modulo @prime - 1, and the inverse of e there. */
static bool fits_prime(struct sums *sums, const BIGNUM *prime, const BIGNUM *exponent)
{
	return BN_is_odd(prime) && BN_copy(sums->b, prime) && BN_sub_word(sums->b, 1) == 1 &&
	       !BN_is_zero(sums->b) && is_inverse(sums, sums->e, exponent, sums->b) &&
	       BN_mod(sums->a, sums->d, sums->b, sums->context) == 1 &&
	       BN_cmp(sums->a, exponent) == 0 && BN_check_prime(prime, sums->context, NULL) == 1;
}

int rsa_secret_check(const struct rsa_secret *key)
{
	struct sums sums = {.context = BN_CTX_secure_new()};
	int r = sums.context ? 0 : -ENOMEM;

	if (r == 0) {
		BN_CTX_start(sums.context);
		r = load(&sums, &key->parts);
	}
	if (r == 0 &&
	    !(is_product(&sums) && fits_prime(&sums, sums.p, sums.dp) &&
	      fits_prime(&sums, sums.q, sums.dq) && is_inverse(&sums, sums.qi, sums.q, sums.p)))
		r = -EKEYREJECTED;
	if (sums.context)
		BN_CTX_end(sums.context);
	BN_CTX_free(sums.context);
	ERR_clear_error();
	return r;
}
