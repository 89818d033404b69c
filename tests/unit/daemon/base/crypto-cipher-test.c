/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "daemon/base/text.h"
#include <openssl/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct cipher_row {
	enum cipher cipher;
	const char *name;
	enum oid oid;
	size_t key_size;
	size_t block_size;
	const char *sealed; /* "The quick brown fox", by `openssl enc` of the same key and iv */
};

/* The keys are 00 01 02 …, the iv a0 a1 a2 …. */
static const struct cipher_row rows[] = {
	{CIPHER_DES_CBC, "des-cbc", OID_DES_CBC, 8, 8,
	 "61a80a7aba8c296ee6df8fcc0ad3226c17c70032e5bf70bc"},
	{CIPHER_DES_EDE3_CBC, "des-ede3-cbc", OID_DES_EDE3_CBC, 24, 8,
	 "4265ad9561fbb8c2a303cd00be29562bcc3f9c95f1a77ef1"},
	{CIPHER_AES128_CBC, "aes-128-cbc", OID_AES128_CBC, 16, 16,
	 "66c79eeb9465863ede43c216978135deda6ab869d8deadebe81f3db791035629"},
	{CIPHER_AES192_CBC, "aes-192-cbc", OID_AES192_CBC, 24, 16,
	 "2c7e989df3c67fdb9a87927ed5aca4ef6ddfd8965495cb5499775b6520e82522"},
	{CIPHER_AES256_CBC, "aes-256-cbc", OID_AES256_CBC, 32, 16,
	 "64bac78bf92341822f9cb229d51990067d0d945d168df886dc3fd7c074d5c7e9"},
};

static struct span counting(uint8_t first, size_t size, uint8_t storage[static 32])
{
	for (size_t i = 0; i < size; i++)
		storage[i] = (uint8_t)(first + i);
	return SPAN(storage, size);
}

static void known_ciphertexts(void **state)
{
	const struct span plain = SPAN_LITERAL("The quick brown fox");

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes wanted = {0};
		_cleanup_(bytes_done) struct bytes sealed = {0};
		_cleanup_(bytes_done) struct bytes opened = {0};
		uint8_t k[32];
		uint8_t v[32];
		struct span key = counting(0, rows[i].key_size, k);
		struct span iv = counting(0xa0, rows[i].block_size, v);

		assert_int_equal(text_read_hex(span_of_text(rows[i].sealed), &wanted), 0);
		assert_int_equal(cipher_encrypt(rows[i].cipher, key, iv, plain, &sealed), 0);
		assert_true(span_equal(span_of(sealed), span_of(wanted)));
		assert_int_equal(cipher_decrypt(rows[i].cipher, key, iv, span_of(sealed), &opened),
				 0);
		assert_true(span_equal(span_of(opened), plain));
	}
}

static void every_length_comes_back(void **state)
{
	uint8_t plain[70];

	(void)state;
	random_fill(plain, sizeof(plain));
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		for (size_t size = 0; size <= sizeof(plain); size++) {
			_cleanup_(bytes_done) struct bytes sealed = {0};
			_cleanup_(bytes_done) struct bytes opened = {0};
			uint8_t k[32];
			uint8_t v[32];
			struct span key = counting(7, rows[i].key_size, k);
			struct span iv = counting(9, rows[i].block_size, v);

			assert_int_equal(
				cipher_encrypt(rows[i].cipher, key, iv, SPAN(plain, size), &sealed),
				0);
			assert_int_equal(sealed.size,
					 (size / rows[i].block_size + 1) * rows[i].block_size);
			assert_int_equal(
				cipher_decrypt(rows[i].cipher, key, iv, span_of(sealed), &opened),
				0);
			assert_true(span_equal(span_of(opened), SPAN(plain, size)));
		}
}

static void wrong_sizes(void **state)
{
	uint8_t b[64] = {0};
	struct bytes out = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		enum cipher c = rows[i].cipher;
		struct span key = SPAN(b, rows[i].key_size);
		struct span iv = SPAN(b, rows[i].block_size);
		struct span less_key = SPAN(b, rows[i].key_size - 1);
		struct span more_iv = SPAN(b, rows[i].block_size + 1);

		assert_int_equal(cipher_encrypt(c, less_key, iv, SPAN(b, 3), &out), -EINVAL);
		assert_int_equal(cipher_encrypt(c, key, more_iv, SPAN(b, 3), &out), -EINVAL);
		assert_int_equal(cipher_decrypt(c, less_key, iv, SPAN(b, 64), &out), -EBADMSG);
		assert_int_equal(cipher_decrypt(c, key, more_iv, SPAN(b, 64), &out), -EBADMSG);
		assert_int_equal(cipher_decrypt(c, key, iv, SPAN(b, 0), &out), -EBADMSG);
		assert_int_equal(cipher_decrypt(c, key, iv, SPAN(b, 63), &out), -EBADMSG);
	}
	assert_int_equal(cipher_encrypt(CIPHER_NONE, SPAN(b, 0), SPAN(b, 0), SPAN(b, 1), &out),
			 -EINVAL);
	assert_int_equal(cipher_decrypt(CIPHER_NONE, SPAN(b, 0), SPAN(b, 0), SPAN(b, 8), &out),
			 -EBADMSG);
	assert_null(out.data);
}

/* Nearly every other key leaves a padding that is wrong; nothing of it stays in OpenSSL's queue. */
static void wrong_keys(void **state)
{
	_cleanup_(bytes_done) struct bytes sealed = {0};
	uint8_t key[16] = {0};
	uint8_t iv[16] = {0};
	unsigned refused = 0;

	(void)state;
	assert_int_equal(cipher_encrypt(CIPHER_AES128_CBC, SPAN_ARRAY(key), SPAN_ARRAY(iv),
					SPAN_LITERAL("secret"), &sealed),
			 0);
	for (unsigned i = 1; i < 200; i++) {
		_cleanup_(bytes_done) struct bytes opened = {0};
		int r;

		key[3] = (uint8_t)i;
		r = cipher_decrypt(CIPHER_AES128_CBC, SPAN_ARRAY(key), SPAN_ARRAY(iv),
				   span_of(sealed), &opened);
		assert_true(r == 0 || r == -EBADMSG);
		assert_true(r == 0 || !opened.data);
		refused += r != 0;
		assert_int_equal(ERR_peek_error(), 0);
	}
	assert_true(refused > 190);
}

static void names_and_oids(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		assert_string_equal(cipher_name(rows[i].cipher), rows[i].name);
		assert_int_equal(cipher_oid(rows[i].cipher), rows[i].oid);
		assert_int_equal(cipher_find_oid(rows[i].oid), rows[i].cipher);
		assert_int_equal(cipher_key_size(rows[i].cipher), rows[i].key_size);
		assert_int_equal(cipher_block_size(rows[i].cipher), rows[i].block_size);
	}
	assert_int_equal(cipher_find_oid(OID_UNKNOWN), CIPHER_NONE);
	assert_int_equal(cipher_find_oid(OID_SHA256), CIPHER_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_ciphertexts), cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(wrong_sizes),	     cmocka_unit_test(wrong_keys),
		cmocka_unit_test(names_and_oids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
