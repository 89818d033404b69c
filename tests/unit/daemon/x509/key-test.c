/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/x509/made.h"

static void of_rsa(void **state)
{
	_cleanup_(bytes_done) struct bytes spki = made_spki(made_key());
	struct x509_key key;
	BIGNUM *n = NULL;
	uint8_t modulus[256];
	uint8_t sha[SHA256_SIZE];
	uint8_t expected[SHA256_SIZE];

	(void)state;
	assert_int_equal(x509_key_read(span_of(spki), &key), 0);
	assert_int_equal(key.kind, X509_KEY_RSA);
	assert_int_equal(EVP_PKEY_get_bn_param(made_key(), "n", &n), 1);
	assert_int_equal(BN_bn2bin(n, modulus), sizeof(modulus));
	assert_true(span_equal(key.modulus, SPAN_ARRAY(modulus)));
	assert_true(span_equal(key.exponent, SPAN_LITERAL("\x01\x00\x01")));
	x509_key_sha256(&key, sha);
	assert_int_equal(EVP_Digest(spki.data, spki.size, expected, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(sha, expected, sizeof(sha));
	BN_free(n);
}

static void of_other_kinds(void **state)
{
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	_cleanup_(bytes_done) struct bytes ec_spki = made_spki(ec);
	_cleanup_(bytes_done) struct bytes ed_spki = made_spki(ed);
	struct x509_key key;

	(void)state;
	assert_int_equal(x509_key_read(span_of(ec_spki), &key), 0);
	assert_int_equal(key.kind, X509_KEY_EC);
	assert_int_equal(key.modulus.size, 0);
	assert_int_equal(key.key_bits.size, 65);
	assert_int_equal(x509_key_read(span_of(ed_spki), &key), 0);
	assert_int_equal(key.kind, X509_KEY_OTHER);
	assert_int_equal(key.key_bits.size, 32);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(ed);
}

/* Keys that OpenSSL would chew on for long, or not at all. */
static void not_to_be_verified_with(void **state)
{
	static const char *const rows[] = {
		"301a 300d 06092a864886f70d010101 0500 0309 00 3006 0201 23 0201 03", /* small */
		"301a 300d 06092a864886f70d010101 0500 0309 00 3006 0201 00 0201 00",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes spki = HEX(rows[i]);
		struct x509_key key;

		assert_int_equal(x509_key_read(span_of(spki), &key), 0);
		assert_int_equal(
			x509_verify(&key, DIGEST_SHA256, SPAN_LITERAL("a"), SPAN_LITERAL("b")),
			-EKEYREJECTED);
	}
}

static void signatures(void **state)
{
	static const enum digest digests[] = {DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384,
					      DIGEST_SHA512};
	_cleanup_(bytes_done) struct bytes spki = made_spki(made_key());
	struct x509_key key;

	(void)state;
	assert_int_equal(x509_key_read(span_of(spki), &key), 0);
	for (size_t i = 0; i < ELEMENTS(digests); i++) {
		_cleanup_(bytes_done) struct bytes signature =
			made_signature(SPAN_LITERAL("message"), digests[i]);

		assert_int_equal(
			x509_verify(&key, digests[i], SPAN_LITERAL("message"), span_of(signature)),
			0);
		assert_int_equal(
			x509_verify(&key, digests[i], SPAN_LITERAL("massage"), span_of(signature)),
			-EBADMSG);
		assert_int_equal(
			x509_verify(&key, DIGEST_NONE, SPAN_LITERAL("message"), span_of(signature)),
			-EBADMSG);
		assert_int_equal(x509_verify(&key, digests[i], SPAN_LITERAL("message"),
					     span_slice(span_of(signature), 0, 255)),
				 -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_rsa),
		cmocka_unit_test(of_other_kinds),
		cmocka_unit_test(not_to_be_verified_with),
		cmocka_unit_test(signatures),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
