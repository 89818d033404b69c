/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/mgf1.h"
#include "hsm/oaep.h"
#include "tests/unit/hsm/software-key.h"

#define K 128

static const struct rsa_opening ways[] = {
	{RSA_PADDING_OAEP, DIGEST_SHA1, DIGEST_SHA1, {NULL, 0}},
	{RSA_PADDING_OAEP, DIGEST_SHA256, DIGEST_SHA256, {NULL, 0}},
	{RSA_PADDING_OAEP, DIGEST_SHA256, DIGEST_SHA1, {NULL, 0}},
	{RSA_PADDING_OAEP, DIGEST_SHA384, DIGEST_SHA512, {(const uint8_t *)"label", 5}},
};

static int open_block(const struct rsa_opening *way, const uint8_t block[static K],
		      struct span wanted)
{
	_cleanup_(secret_done) struct secret copy = {0};
	struct span content = {0};
	int r;

	assert_int_equal(secret_copy(SPAN(block, K), &copy), 0);
	r = oaep_open(way, &copy, &content);
	if (r == 0)
		assert_true(span_equal(content, wanted));
	return r;
}

static void what_openssl_encrypted_opens(void **state)
{
	_cleanup_(software_key_done) struct software_key key = software_key_new(8 * K);

	(void)state;
	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		size_t most = K - 2 * digest_size(ways[i].digest) - 2;
		uint8_t plain[K], block[512];

		memset(plain, 0, sizeof(plain));
		for (size_t size = 0; size <= most; size += size + 1 > most ? 1 : most / 2) {
			software_key_encrypt(key.pkey, &ways[i], SPAN(plain, size), block);
			software_key_power(&key, block);
			assert_int_equal(open_block(&ways[i], block, SPAN(plain, size)), 0);
			/* for another label, another digest */
			assert_int_equal(open_block(&ways[i ^ 1], block, SPAN(plain, size)),
					 OAEP_WRONG);
		}
	}
}

/* A block around @size bytes of content, unmasked but for what is put on here. */
static void mask(const struct rsa_opening *way, uint8_t block[static K])
{
	size_t n = digest_size(way->digest);

	mgf1_apply(way->mgf1, SPAN(block + 1, n), block + 1 + n, K - 1 - n);
	mgf1_apply(way->mgf1, SPAN(block + 1 + n, K - 1 - n), block + 1, n);
}

/* Every byte before the content counts: each value in each place. */
static void each_wrong_byte_is_seen(void **state)
{
	const struct rsa_opening *way = &ways[1];
	size_t n = digest_size(way->digest), separator = K - 17;
	uint8_t right[K] = {0}, block[K];

	(void)state;
	memset(right + 1, 0x77, n);
	(void)digest_compute(way->digest, way->label, right + 1 + n);
	right[separator] = 1;
	memset(right + separator + 1, 0xc0, 16);
	for (size_t at = 0; at <= separator; at++) {
		for (unsigned value = 0; value < 256; value++) {
			struct span content = SPAN(right + separator + 1, 16);
			bool in_seed = at > 0 && at<1 + n, in_zeros = at> 2 * n && at < separator;
			bool is_right = in_seed || right[at] == value || (in_zeros && value == 1);

			memcpy(block, right, K);
			block[at] = (uint8_t)value;
			if (in_zeros && value == 1) /* it ends the padding there */
				content = SPAN(right + at + 1, K - at - 1);
			mask(way, block);
			assert_int_equal(open_block(way, block, content),
					 is_right ? 0 : OAEP_WRONG);
		}
	}
	/* nothing ends the padding */
	memcpy(block, right, K);
	memset(block + separator, 0, K - separator);
	mask(way, block);
	assert_int_equal(open_block(way, block, (struct span){0}), OAEP_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_openssl_encrypted_opens),
		cmocka_unit_test(each_wrong_byte_is_seen),
	};

	crypto_init();
	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
