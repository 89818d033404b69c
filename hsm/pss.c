/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/pss.h"
#include "hsm/mgf1.h"
#include <string.h>

bool pss_fits(const struct rsa_scheme *scheme, size_t modulus_bits)
{
	size_t encoded_bytes = (modulus_bits - 1 + 7) / 8;

	return digest_size(scheme->digest) + scheme->salt_bytes + 2 <= encoded_bytes;
}

/* Hash(eight zeros, hash, salt) */
static void digest_salted(enum digest digest, struct span hash, struct span salt,
			  uint8_t ret[static DIGEST_SIZE_MAX])
{
	uint8_t input[8 + DIGEST_SIZE_MAX + MGF1_SEED_MAX] = {0};

	assert(salt.size <= MGF1_SEED_MAX);
	memcpy(input + 8, hash.data, hash.size);
	if (salt.size)
		memcpy(input + 8 + hash.size, salt.data, salt.size);
	(void)digest_compute(digest, SPAN(input, 8 + hash.size + salt.size), ret);
}

void pss_encode(const struct rsa_scheme *scheme, struct span hash, struct span salt,
		size_t modulus_bits, uint8_t *ret)
{
	size_t modulus_bytes = (modulus_bits + 7) / 8, encoded_bytes = (modulus_bits - 1 + 7) / 8;
	size_t unused_bits = 8 * encoded_bytes - (modulus_bits - 1);
	uint8_t *encoded = ret + (modulus_bytes - encoded_bytes);
	size_t masked_bytes = encoded_bytes - hash.size - 1;
	uint8_t salted[DIGEST_SIZE_MAX];

	assert(pss_fits(scheme, modulus_bits) && hash.size == digest_size(scheme->digest) &&
	       salt.size == scheme->salt_bytes);
	digest_salted(scheme->digest, hash, salt, salted);
	memset(ret, 0, modulus_bytes);
	encoded[masked_bytes - salt.size - 1] = 1;
	if (salt.size)
		memcpy(encoded + masked_bytes - salt.size, salt.data, salt.size);
	mgf1_apply(scheme->mgf1, SPAN(salted, hash.size), encoded, masked_bytes);
	encoded[0] &= (uint8_t)(0xff >> unused_bits);
	memcpy(encoded + masked_bytes, salted, hash.size);
	encoded[encoded_bytes - 1] = 0xbc;
}
