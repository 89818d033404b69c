/* SPDX-License-Identifier: Apache-2.0 */
/* rsa_weakness() of crypto.h. Only public numbers are handled, so nothing here runs in constant
 * time. */
#include "daemon/base/crypto.h"
#include <openssl/bn.h>
#include <openssl/err.h>

#define MODULUS_BITS_MAX  8192
#define EXPONENT_BITS_MAX 64
#define FERMAT_ROUNDS	  100

/* The odd primes under 752. */
static const uint16_t primes[] = {
	3,   5,	  7,   11,  13,	 17,  19,  23,	29,  31,  37,  41,  43,	 47,  53,  59,	61,
	67,  71,  73,  79,  83,	 89,  97,  101, 103, 107, 109, 113, 127, 131, 137, 139, 149,
	151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229, 233, 239,
	241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307, 311, 313, 317, 331, 337, 347,
	349, 353, 359, 367, 373, 379, 383, 389, 397, 401, 409, 419, 421, 431, 433, 439, 443,
	449, 457, 461, 463, 467, 479, 487, 491, 499, 503, 509, 521, 523, 541, 547, 557, 563,
	569, 571, 577, 587, 593, 599, 601, 607, 613, 617, 619, 631, 641, 643, 647, 653, 659,
	661, 673, 677, 683, 691, 701, 709, 719, 727, 733, 739, 743, 751};

/*
 * The order of 65537 modulo each of the first of these primes, 3 to 167; 0 where every residue is
 * one of its powers, which tells nothing. Infineon's library made primes of the form k·M +
 * (65537^a mod M), M a product of the first primes (39 of them at least), so their product is a
 * power of 65537 modulo each; a random modulus is that with a probability of about 2^-28. Source:
 * CVE-2017-15361.
 */
static const uint8_t orders_of_65537[] = {0,  0,  0, 2,	 6, 8,	9,  0,	0,  0,	3, 0, 0,
					  0,  26, 0, 20, 0, 35, 24, 13, 0,  0,	6, 0, 51,
					  53, 54, 0, 42, 0, 0,	0,  0,	50, 78, 0, 0};

static bool exponent_is_weak(struct span e)
{
	while (e.size && e.data[0] == 0)
		e = span_slice(e, 1, SIZE_MAX);
	if (e.size == 0 || e.size * 8 > EXPONENT_BITS_MAX || !(e.data[e.size - 1] & 1))
		return true;
	return e.size == 1 && e.data[0] < 3;
}

/* @modulus modulo each of primes[]; as many of them at a time as fit one word of the division. */
static bool residues_compute(const BIGNUM *modulus, uint16_t ret[static ELEMENTS(primes)])
{
	size_t first = 0;
	size_t end = 0;

	while (first < ELEMENTS(primes)) {
		uint64_t product = 1;
		BN_ULONG residue;

		while (end < ELEMENTS(primes) && product * primes[end] <= UINT32_MAX)
			product *= primes[end++];
		residue = BN_mod_word(modulus, product);
		if (residue == (BN_ULONG)-1)
			return false;
		for (; first < end; first++)
			ret[first] = (uint16_t)(residue % primes[first]);
	}
	return true;
}

static unsigned power_modulo(unsigned base, unsigned exponent, unsigned modulus)
{
	unsigned result = 1;

	for (; exponent; exponent >>= 1) {
		if (exponent & 1)
			result = result * base % modulus;
		base = base * base % modulus;
	}
	return result;
}

/* The powers of 65537 modulo a prime are the one subgroup of their order, so a residue is among
 * them where its power by that order is 1. */
static bool is_roca(const uint16_t residues[static ELEMENTS(primes)])
{
	for (size_t i = 0; i < ELEMENTS(orders_of_65537); i++)
		if (orders_of_65537[i] &&
		    power_modulo(residues[i], orders_of_65537[i], primes[i]) != 1)
			return false;
	return true;
}

static bool has_small_factor(const BIGNUM *modulus,
			     const uint16_t residues[static ELEMENTS(primes)])
{
	if (!BN_is_odd(modulus))
		return true;
	for (size_t i = 0; i < ELEMENTS(primes); i++)
		if (residues[i] == 0)
			return true;
	return false;
}

/* A step of Newton's towards the root of @n: never below the whole root, wherever it begins. */
static bool root_step(const BIGNUM *n, const BIGNUM *root, BIGNUM *next, BN_CTX *ctx)
{
	return BN_div(next, NULL, n, root, ctx) && BN_add(next, next, root) &&
	       BN_rshift1(next, next);
}

/* @root at or above the root of @n, and near it: each step knows twice as many bits as the one
 * before, so it goes on as many of @n alone. */
static bool root_near(const BIGNUM *n, BIGNUM *root, BN_CTX *ctx)
{
	BIGNUM *upper = BN_CTX_get(ctx);
	BIGNUM *next = BN_CTX_get(ctx);
	int bits = (BN_num_bits(n) + 1) / 2;
	int known = 1;

	if (!next || !BN_one(root))
		return false;
	while (known < bits) {
		int more = known < bits - known ? known : bits - known;

		known += more;
		if (!BN_add_word(root, 1) || !BN_lshift(root, root, more) ||
		    !BN_rshift(upper, n, 2 * (bits - known)) ||
		    !root_step(upper, root, next, ctx) || !BN_copy(root, next))
			return false;
	}
	return true;
}

/* The whole square root of @n, which is not 0, into @root. */
static bool root_compute(const BIGNUM *n, BIGNUM *root, BN_CTX *ctx)
{
	BIGNUM *next = BN_CTX_get(ctx);

	if (!next || !root_near(n, root, ctx))
		return false;
	for (;;) {
		if (!root_step(n, root, next, ctx))
			return false;
		if (BN_cmp(next, root) >= 0)
			return true;
		if (!BN_copy(root, next))
			return false;
	}
}

/* Whether @n is a square. 1, 0, or -1 where memory ran out. */
static int is_square(const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *root;
	int answer = -1;

	if (BN_is_zero(n))
		return 1;
	BN_CTX_start(ctx);
	root = BN_CTX_get(ctx);
	if (root && root_compute(n, root, ctx) && BN_sqr(root, root, ctx))
		answer = BN_cmp(root, n) == 0;
	BN_CTX_end(ctx);
	return answer;
}

/* Squares have few residues modulo each of these, which are the bits that are set: one number in
 * 60,000 passes them all. */
static const struct {
	unsigned modulus;
	uint64_t squares;
} sieve[] = {
	{64, 0x0202021202030213}, {63, 0x0402483012450293}, {55, 0x000230148611ca33},
	{31, 0x00000000121d47b7}, {29, 0x0000000013d122f3}, {23, 0x000000000005335f},
	{19, 0x0000000000030af3}, {17, 0x000000000001a317}, {13, 0x000000000000161b},
};
#define SIEVE_PRODUCT (UINT64_C(64) * 63 * 55 * 31 * 29 * 23 * 19 * 17 * 13)

static bool may_be_square(uint64_t residue)
{
	for (size_t i = 0; i < ELEMENTS(sieve); i++)
		if (!(sieve[i].squares >> residue % sieve[i].modulus & 1))
			return false;
	return true;
}

/*
 * Fermat: p·q = a² - b² with a = (p+q)/2, b = (p-q)/2; from a = ⌈√n⌉ upwards, a² - n is a square
 * soon where the two are close. The rounds go on residues alone; the whole numbers are looked at
 * where those allow a square. 1, 0, or -1 where memory ran out.
 */
static int fermat_run(const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *a = BN_CTX_get(ctx);
	BIGNUM *rest = BN_CTX_get(ctx);
	uint64_t a_residue;
	uint64_t residue;

	if (!rest || !root_compute(n, a, ctx) || !BN_sqr(rest, a, ctx))
		return -1;
	if (BN_cmp(rest, n) < 0 && !BN_add_word(a, 1))
		return -1;
	if (!BN_sqr(rest, a, ctx) || !BN_sub(rest, rest, n))
		return -1;
	a_residue = BN_mod_word(a, SIEVE_PRODUCT);
	residue = BN_mod_word(rest, SIEVE_PRODUCT);
	for (BN_ULONG round = 0; round < FERMAT_ROUNDS; round++) {
		if (may_be_square(residue)) {
			int r;

			if (!BN_copy(rest, a) || !BN_add_word(rest, round) ||
			    !BN_sqr(rest, rest, ctx) || !BN_sub(rest, rest, n))
				return -1;
			r = is_square(rest, ctx);
			if (r)
				return r;
		}
		/* (a+1)² - n = a² - n + 2a + 1 */
		residue = (residue + 2 * a_residue + 1) % SIEVE_PRODUCT;
		a_residue = (a_residue + 1) % SIEVE_PRODUCT;
	}
	return 0;
}

static int has_close_primes(const BIGNUM *n)
{
	BN_CTX *ctx = BN_CTX_new();
	int answer = -1;

	if (ctx) {
		BN_CTX_start(ctx);
		answer = fermat_run(n, ctx);
		BN_CTX_end(ctx);
	}
	BN_CTX_free(ctx);
	return answer;
}

static const char *modulus_weakness(const BIGNUM *n)
{
	uint16_t residues[ELEMENTS(primes)];
	int close;

	if (!residues_compute(n, residues))
		return "not checked";
	if (has_small_factor(n, residues))
		return "small factor";
	if (is_roca(residues))
		return "ROCA";
	close = has_close_primes(n);
	return close == 0 ? NULL : close > 0 ? "close primes" : "not checked";
}

const char *rsa_weakness(struct span modulus, struct span exponent, size_t least_bits)
{
	const char *weakness;
	size_t bits;
	BIGNUM *n;

	if (modulus.size > 2 * MODULUS_BITS_MAX / 8)
		return "size";
	if (exponent_is_weak(exponent))
		return "exponent";
	n = BN_bin2bn(modulus.data, (int)modulus.size, NULL);
	if (!n)
		return "not checked";
	bits = (size_t)BN_num_bits(n);
	weakness = bits < least_bits || bits > MODULUS_BITS_MAX ? "size" : modulus_weakness(n);
	BN_free(n);
	ERR_clear_error();
	return weakness;
}
