/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define E65537	    SPAN_LITERAL("\x01\x00\x01")
#define NORMAL_KEYS 200

static BN_CTX *ctx;

static int setup(void **state)
{
	(void)state;
	crypto_init();
	ctx = BN_CTX_new();
	return ctx ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	BN_CTX_free(ctx);
	return 0;
}

static const char *weakness_of(const BIGNUM *n, size_t least_bits)
{
	uint8_t octets[1100];
	size_t size = (size_t)BN_num_bytes(n);

	assert_true(size <= sizeof(octets));
	BN_bn2bin(n, octets);
	return rsa_weakness(SPAN(octets, size), E65537, least_bits);
}

static const char *weakness_of_product(const BIGNUM *p, const BIGNUM *q)
{
	BIGNUM *n = BN_new();
	const char *weakness;

	assert_int_equal(BN_mul(n, p, q, ctx), 1);
	weakness = weakness_of(n, 512);
	BN_free(n);
	return weakness;
}

static BIGNUM *random_prime(int bits)
{
	BIGNUM *p = BN_new();

	assert_int_equal(BN_generate_prime_ex2(p, bits, 0, NULL, NULL, NULL, ctx), 1);
	return p;
}

static bool is_small_prime(unsigned n)
{
	for (unsigned i = 2; i * i <= n; i++)
		if (n % i == 0)
			return false;
	return n > 1;
}

/* The first prime past @from. */
static BIGNUM *next_prime(const BIGNUM *from)
{
	BIGNUM *p = BN_dup(from);

	do
		assert_int_equal(BN_add_word(p, BN_is_odd(p) ? 2 : 1), 1);
	while (BN_check_prime(p, ctx, NULL) != 1);
	return p;
}

static void normal_keys_pass(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NORMAL_KEYS; i++) {
		/* mostly short ones, which are made faster */
		EVP_PKEY *pkey = EVP_RSA_gen(i % 50 == 0 ? 2048u : 1024u);
		const char *weakness;
		BIGNUM *n = NULL;

		assert_int_equal(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n), 1);
		weakness = weakness_of(n, 1024);
		if (weakness)
			fail_msg("key %u: %s", i, weakness);
		BN_free(n);
		EVP_PKEY_free(pkey);
	}
}

/* A prime of the form k·M + (65537^a mod M), M the product of the first @n_primes primes. */
static BIGNUM *roca_prime(unsigned n_primes, int bits)
{
	BIGNUM *generator = BN_new();
	BIGNUM *m = BN_new();
	BIGNUM *a = BN_new();
	BIGNUM *k = BN_new();
	BIGNUM *p = BN_new();
	unsigned found = 0;

	BN_one(m);
	for (unsigned i = 2; found < n_primes; i++)
		if (is_small_prime(i)) {
			BN_mul_word(m, i);
			found++;
		}
	BN_set_word(generator, 65537);
	do {
		BN_rand(a, 60, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
		BN_mod_exp(p, generator, a, m, ctx);
		BN_rand(k, bits - BN_num_bits(m), BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ANY);
		BN_mul(k, k, m, ctx);
		BN_add(p, p, k);
	} while (BN_check_prime(p, ctx, NULL) != 1);
	BN_free(generator);
	BN_free(m);
	BN_free(a);
	BN_free(k);
	return p;
}

/* The two forms of CVE-2017-15361 for short keys. */
static void roca_is_found(void **state)
{
	static const struct {
		unsigned n_primes;
		int bits;
	} forms[] = {{39, 300}, {71, 540}};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(forms); i++) {
		BIGNUM *p = roca_prime(forms[i].n_primes, forms[i].bits);
		BIGNUM *q = roca_prime(forms[i].n_primes, forms[i].bits);
		BIGNUM *other = random_prime(forms[i].bits);

		assert_string_equal(weakness_of_product(p, q), "ROCA");
		assert_null(weakness_of_product(p, other));
		BN_free(p);
		BN_free(q);
		BN_free(other);
	}
}

/* A number of some 1020 bits without small factors that is @residue modulo @prime and a power of
 * 65537 modulo all other primes up to 167. */
static BIGNUM *number_with(unsigned prime, unsigned residue)
{
	BIGNUM *m = BN_new();
	BIGNUM *n = BN_new();

	BN_set_word(m, 1);
	BN_set_bit(n, 1020);
	for (unsigned p = 2; p <= 167; p++) {
		if (!is_small_prime(p))
			continue;
		while (BN_mod_word(n, p) != (p == prime ? residue : 1))
			BN_add(n, n, m);
		BN_mul_word(m, p);
	}
	for (unsigned p = 173; p < 752; p++)
		if (is_small_prime(p) && BN_mod_word(n, p) == 0) {
			BN_add(n, n, m);
			p = 173 - 1; /* from the beginning */
		}
	BN_free(m);
	return n;
}

/* Each prime tells by itself: with one residue that is no power of 65537 a number is not ROCA's. */
static void each_residue_counts(void **state)
{
	(void)state;
	for (unsigned p = 3; p <= 167; p++) {
		bool is_power[168] = {false};

		if (!is_small_prime(p))
			continue;
		for (unsigned i = 0, power = 1; i < p; i++, power = power * (65537 % p) % p)
			is_power[power] = true;
		for (unsigned r = 1; r < p; r++) {
			BIGNUM *n = number_with(p, r);
			const char *weakness = weakness_of(n, 512);

			if (is_power[r] != (weakness && strcmp(weakness, "ROCA") == 0))
				fail_msg("%u modulo %u: %s", r, p, weakness ? weakness : "none");
			BN_free(n);
		}
	}
}

/* q = the prime after p + 2^@bit_of_distance. */
static const char *weakness_at_distance(const BIGNUM *p, int bit_of_distance)
{
	BIGNUM *far = BN_new();
	const char *weakness;
	BIGNUM *q;

	BN_set_bit(far, bit_of_distance);
	BN_add(far, far, p);
	q = next_prime(far);
	weakness = weakness_of_product(p, q);
	BN_free(far);
	BN_free(q);
	return weakness;
}

/* (p-q)²/(8·√n) rounds are needed: some 16 to 32 at a distance of 2^260 between primes of 512
 * bits, some thousands at 2^265. */
static void close_primes_are_found(void **state)
{
	BIGNUM *p = random_prime(512);

	(void)state;
	assert_string_equal(weakness_of_product(p, p), "close primes");
	assert_string_equal(weakness_at_distance(p, 1), "close primes");
	assert_string_equal(weakness_at_distance(p, 200), "close primes");
	assert_string_equal(weakness_at_distance(p, 260), "close primes");
	assert_null(weakness_at_distance(p, 265));
	BN_free(p);
}

static void small_factors_are_found(void **state)
{
	BIGNUM *p = random_prime(600);
	BIGNUM *factor = BN_new();

	(void)state;
	for (unsigned small = 2; small < 752; small++)
		if (is_small_prime(small)) {
			BN_set_word(factor, small);
			assert_string_equal(weakness_of_product(p, factor), "small factor");
		}
	BN_set_word(factor, 757);
	assert_null(weakness_of_product(p, factor));
	BN_free(factor);
	BN_free(p);
}

static void sizes(void **state)
{
	BIGNUM *p = random_prime(512);
	BIGNUM *q = random_prime(512);
	BIGNUM *n = BN_new();
	BIGNUM *large = BN_new();

	(void)state;
	BN_mul(n, p, q, ctx);
	assert_null(weakness_of(n, (size_t)BN_num_bits(n)));
	assert_string_equal(weakness_of(n, (size_t)BN_num_bits(n) + 1), "size");
	BN_set_bit(large, 8192);
	BN_set_bit(large, 0);
	assert_string_equal(weakness_of(large, 512), "size");
	assert_string_equal(rsa_weakness((struct span){0}, E65537, 512), "size");
	assert_non_null(rsa_weakness((struct span){0}, E65537, 0));
	BN_free(p);
	BN_free(q);
	BN_free(n);
	BN_free(large);
}

struct exponent_row {
	struct span exponent;
	const char *weakness;
};

static void exponents(void **state)
{
	static const struct exponent_row rows[] = {
		{SPAN_LITERAL("\x03"), NULL},
		{E65537, NULL},
		{SPAN_LITERAL("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01"), NULL},
		{SPAN_LITERAL("\xff\xff\xff\xff\xff\xff\xff\xff"), NULL},
		{SPAN_LITERAL("\x01\x00\x00\x00\x00\x00\x00\x00\x01"), "exponent"},
		{SPAN_LITERAL("\x01"), "exponent"},
		{SPAN_LITERAL("\x00\x01"), "exponent"},
		{SPAN_LITERAL("\x02"), "exponent"},
		{SPAN_LITERAL("\x01\x00\x00"), "exponent"},
		{SPAN_LITERAL("\x00"), "exponent"},
		{SPAN_LITERAL(""), "exponent"},
	};
	BIGNUM *p = random_prime(512);
	BIGNUM *q = random_prime(512);
	uint8_t octets[128];

	(void)state;
	BN_mul(p, p, q, ctx);
	BN_bn2binpad(p, octets, sizeof(octets));
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const char *weakness = rsa_weakness(SPAN_ARRAY(octets), rows[i].exponent, 512);

		if (!rows[i].weakness)
			assert_null(weakness);
		else
			assert_string_equal(weakness, rows[i].weakness);
	}
	BN_free(p);
	BN_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_keys_pass),
		cmocka_unit_test(roca_is_found),
		cmocka_unit_test(each_residue_counts),
		cmocka_unit_test(close_primes_are_found),
		cmocka_unit_test(small_factors_are_found),
		cmocka_unit_test(sizes),
		cmocka_unit_test(exponents),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
