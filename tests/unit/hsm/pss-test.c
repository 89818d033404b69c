/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/pss.h"
#include "tests/unit/hsm/software-key.h"

static const struct {
	enum digest digest, mgf1;
	unsigned salt_bytes;
} rows[] = {
	{DIGEST_SHA256, DIGEST_SHA256, 32}, {DIGEST_SHA256, DIGEST_SHA256, 0},
	{DIGEST_SHA1, DIGEST_SHA1, 20},	    {DIGEST_SHA384, DIGEST_SHA256, 11},
	{DIGEST_SHA512, DIGEST_SHA1, 64},   {DIGEST_MD5, DIGEST_SHA512, 1},
};

/* Moduli of all bits of a byte: where they begin with one bit, the block is a byte shorter. */
static void openssl_finds_every_block_right(void **state)
{
	static const unsigned sizes[] = {1024, 1025, 1026, 1031};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		_cleanup_(software_key_done) struct software_key key = software_key_new(sizes[i]);

		assert_int_equal(key.bits, sizes[i]);
		for (size_t j = 0; j < ELEMENTS(rows); j++) {
			const struct rsa_scheme scheme = {
				.padding = RSA_PADDING_PSS,
				.input = RSA_INPUT_MESSAGE,
				.digest = rows[j].digest,
				.mgf1 = rows[j].mgf1,
				.salt_bytes = rows[j].salt_bytes,
			};
			uint8_t hash[DIGEST_SIZE_MAX], salt[64], block[256];
			struct span message = SPAN_LITERAL("to be signed");
			size_t size = rsa_scheme_digest(&scheme, message, hash);

			if (!pss_fits(&scheme, key.bits))
				continue;
			random_fill(salt, sizeof(salt));
			memset(block, 0x55, sizeof(block));
			pss_encode(&scheme, SPAN(hash, size), SPAN(salt, scheme.salt_bytes),
				   key.bits, block);
			assert_int_equal(block[key.bytes], 0x55);
			software_key_power(&key, block);
			assert_int_equal(rsa_scheme_verify(&scheme, key.public, message,
							   SPAN(block, key.bytes)),
					 0);
		}
	}
}

static void what_fits_is_known_to_the_bit(void **state)
{
	struct rsa_scheme scheme = {
		.padding = RSA_PADDING_PSS,
		.digest = DIGEST_SHA512,
		.mgf1 = DIGEST_SHA512,
		.salt_bytes = 62,
	};

	(void)state;
	assert_true(pss_fits(&scheme, 1024));
	/* a byte more of modulus, and none more of block */
	assert_true(pss_fits(&scheme, 1025));
	scheme.salt_bytes = 63;
	assert_false(pss_fits(&scheme, 1024));
	assert_false(pss_fits(&scheme, 1025));
	assert_true(pss_fits(&scheme, 1026));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssl_finds_every_block_right),
		cmocka_unit_test(what_fits_is_known_to_the_bit),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
