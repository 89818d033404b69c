/* SPDX-License-Identifier: Apache-2.0 */
/* The software key, judged by OpenSSL's own verification and encryption. */
#include "hsm/key/key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct subject {
	EVP_PKEY *pkey;
	struct key *key;
	size_t size; /* bytes of the modulus */
};

static struct bytes pem_of(EVP_PKEY *pkey, bool traditional, const char *password)
{
	BIO *out = BIO_new(BIO_s_mem());
	const EVP_CIPHER *cipher = password ? EVP_aes_128_cbc() : NULL;
	struct bytes pem = {0};
	char *data;

	if (traditional)
		assert_int_equal(
			PEM_write_bio_PrivateKey_traditional(out, pkey, NULL, NULL, 0, NULL, NULL),
			1);
	else
		assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, pkey, cipher, password,
							       password ? (int)strlen(password) : 0,
							       NULL, NULL),
				 1);
	long size = BIO_get_mem_data(out, &data);
	assert_int_equal(bytes_copy(SPAN(data, (size_t)size), &pem), 0);
	BIO_free(out);
	return pem;
}

static struct subject new_subject(unsigned bits)
{
	struct subject subject = {.pkey = EVP_RSA_gen(bits), .size = bits / 8};

	assert_non_null(subject.pkey);
	_cleanup_(bytes_done) struct bytes pem = pem_of(subject.pkey, false, NULL);
	assert_int_equal(key_new_software(span_of(pem), &subject.key), 0);
	return subject;
}

static void subject_done(struct subject *subject)
{
	EVP_PKEY_free(subject->pkey);
	key_unref(subject->key);
}

static void it_has_a_name(void **state)
{
	_cleanup_(subject_done) struct subject subject = new_subject(2048);
	uint8_t *der = NULL, id[SHA256_SIZE];
	int size = i2d_PUBKEY(subject.pkey, &der);

	(void)state;
	assert_true(span_equal(key_spki(subject.key), SPAN(der, (size_t)size)));
	sha256(SPAN(der, (size_t)size), id);
	assert_true(span_equal(key_id(subject.key), SPAN_ARRAY(id)));
	OPENSSL_free(der);
	/* A second reference keeps it. */
	struct key *other = key_ref(subject.key);
	assert_null(key_unref(other));
	assert_int_equal(key_id(subject.key).size, SHA256_SIZE);
	assert_null(key_unref(NULL));
}

static void signatures_verify(void **state)
{
	static const enum digest digests[] = {DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384,
					      DIGEST_SHA512, DIGEST_MD5};
	_cleanup_(subject_done) struct subject subject = new_subject(2048);
	struct span messages[] = {SPAN_LITERAL("to be signed"), {0}};
	uint8_t head[32] = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(digests); i++)
		for (size_t k = 0; k < ELEMENTS(messages); k++) {
			_cleanup_(bytes_done) struct bytes signature = {0};
			EVP_MD_CTX *context = EVP_MD_CTX_new();

			assert_int_equal(key_sign(subject.key, digests[i], messages[k],
						  k ? (struct span){0} : SPAN_ARRAY(head),
						  &signature),
					 0);
			assert_int_equal(signature.size, subject.size);
			EVP_DigestVerifyInit_ex(context, NULL, digest_name(digests[i]), NULL, NULL,
						subject.pkey, NULL);
			assert_int_equal(EVP_DigestVerify(context, signature.data, signature.size,
							  messages[k].data, messages[k].size),
					 1);
			EVP_MD_CTX_free(context);
		}
}

/* RSA without padding, so that any block can be made. */
static struct bytes encrypt_raw(const struct subject *subject, const uint8_t *block)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(subject->pkey, NULL);
	struct bytes encrypted = {0};
	size_t size = subject->size;

	assert_int_equal(bytes_new(size, &encrypted), 0);
	assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
	assert_int_equal(EVP_PKEY_encrypt(context, encrypted.data, &size, block, size), 1);
	EVP_PKEY_CTX_free(context);
	return encrypted;
}

static void assert_unwraps(const struct subject *subject, struct span encrypted, struct span plain)
{
	_cleanup_(secret_done) struct secret out = {0};

	assert_int_equal(key_unwrap(subject->key, encrypted, plain.size, &out), 0);
	assert_true(span_equal(span_of_secret(out), plain));
}

/* Always the size that was asked for, always the same, and no part of what was inside. */
static void assert_pretends(const struct subject *subject, struct span encrypted, size_t size,
			    struct span inside)
{
	_cleanup_(secret_done) struct secret once = {0}, twice = {0};

	assert_int_equal(key_unwrap(subject->key, encrypted, size, &once), 0);
	assert_int_equal(key_unwrap(subject->key, encrypted, size, &twice), 0);
	assert_int_equal(once.size, size);
	assert_true(span_equal(span_of_secret(once), span_of_secret(twice)));
	if (inside.size >= 8 && size >= 8) {
		assert_memory_not_equal(once.data, inside.data, 8);
		assert_memory_not_equal(once.data + size - 8, inside.data + inside.size - 8, 8);
	}
}

static void openssl_encrypts_we_open(void **state)
{
	static const size_t sizes[] = {1, 8, 16, 24, 32, 64};
	_cleanup_(subject_done) struct subject subject = new_subject(2048);
	uint8_t plain[64];

	(void)state;
	random_fill(plain, sizeof(plain));
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(subject.pkey, NULL);
		uint8_t encrypted[256];
		size_t size = sizeof(encrypted);

		assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), 1);
		assert_int_equal(EVP_PKEY_encrypt(context, encrypted, &size, plain, sizes[i]), 1);
		assert_unwraps(&subject, SPAN(encrypted, size), SPAN(plain, sizes[i]));
		/* Another size than what is inside. */
		for (size_t k = 0; k < ELEMENTS(sizes); k++)
			if (k != i)
				assert_pretends(&subject, SPAN(encrypted, size), sizes[k],
						SPAN(plain, sizes[i]));
		EVP_PKEY_CTX_free(context);
	}
}

/* 00 02 PS 00 M, of which one byte is set to something else. */
static const struct {
	int at; /* from the beginning; negative: from where M begins */
	uint8_t value;
	bool good;
} blocks[] = {
	{2, 0x01, true},   {2, 0x00, false}, {9, 0x00, false},	{100, 0x00, false},
	{-2, 0x00, false}, {-2, 0xff, true}, {-1, 0x01, false}, {-1, 0x80, false},
	{0, 0x01, false},  {0, 0x40, false}, {1, 0x00, false},	{1, 0x01, false},
	{1, 0x03, false},  {1, 0x82, false}, {-3, 0x00, false},
};

static void every_byte_of_the_padding_counts(void **state)
{
	_cleanup_(subject_done) struct subject subject = new_subject(2048);
	uint8_t plain[24], block[256];

	(void)state;
	random_fill(plain, sizeof(plain));
	for (size_t i = 0; i < ELEMENTS(blocks); i++) {
		memset(block, 0xab, sizeof(block));
		block[0] = 0;
		block[1] = 2;
		block[256 - 24 - 1] = 0;
		memcpy(block + 256 - 24, plain, 24);
		block[blocks[i].at < 0 ? 256 - 24 + blocks[i].at : blocks[i].at] = blocks[i].value;
		_cleanup_(bytes_done) struct bytes encrypted = encrypt_raw(&subject, block);
		if (blocks[i].good)
			assert_unwraps(&subject, span_of(encrypted), SPAN_ARRAY(plain));
		else
			assert_pretends(&subject, span_of(encrypted), 24, SPAN_ARRAY(plain));
	}
}

/* Eight bytes of padding are the fewest: 53 bytes go into 64, 54 don't. */
static void the_shortest_padding(void **state)
{
	_cleanup_(subject_done) struct subject subject = new_subject(512);
	uint8_t block[64];

	(void)state;
	for (size_t size = 52; size <= 60; size++) {
		memset(block, 0xab, sizeof(block));
		block[0] = 0;
		block[1] = 2;
		block[64 - size - 1] = 0;
		_cleanup_(bytes_done) struct bytes encrypted = encrypt_raw(&subject, block);
		struct span plain = SPAN(block + 64 - size, size);
		if (size <= 53)
			assert_unwraps(&subject, span_of(encrypted), plain);
		else
			assert_pretends(&subject, span_of(encrypted), size, plain);
	}
	/* As long as the whole block, or longer. */
	_cleanup_(bytes_done) struct bytes encrypted = encrypt_raw(&subject, block);
	for (size_t size = 61; size <= 64; size++)
		assert_pretends(&subject, span_of(encrypted), size, (struct span){0});
}

static void what_is_no_ciphertext(void **state)
{
	static const size_t sizes[] = {0, 1, 128, 255, 257, 512, 1024, 1025, 100000};
	_cleanup_(subject_done) struct subject subject = new_subject(2048);
	_cleanup_(bytes_done) struct bytes any = {0};

	(void)state;
	assert_int_equal(bytes_new(100000, &any), 0);
	for (size_t i = 0; i < ELEMENTS(sizes); i++)
		assert_pretends(&subject, SPAN(any.data, sizes[i]), 16, (struct span){0});
	/* Zero opens to zeros, and a number above the modulus to nothing. */
	assert_pretends(&subject, SPAN(any.data, 256), 16, SPAN(any.data, 16));
	memset(any.data, 0xff, 256);
	assert_pretends(&subject, SPAN(any.data, 256), 16, (struct span){0});
}

static void what_is_pretended_differs(void **state)
{
	_cleanup_(subject_done) struct subject subject = new_subject(2048);
	uint8_t one[256] = {1}, other[256] = {2};
	_cleanup_(secret_done) struct secret a = {0}, b = {0}, c = {0};

	(void)state;
	assert_int_equal(key_unwrap(subject.key, SPAN_ARRAY(one), 64, &a), 0);
	assert_int_equal(key_unwrap(subject.key, SPAN_ARRAY(other), 64, &b), 0);
	assert_int_equal(key_unwrap(subject.key, SPAN_ARRAY(one), 32, &c), 0);
	assert_memory_not_equal(a.data, b.data, 16);
	assert_memory_not_equal(a.data, c.data, 16);
	assert_memory_not_equal(a.data, a.data + 32, 16);
}

static void what_is_read_as_a_key(void **state)
{
	_cleanup_(subject_done) struct subject subject = new_subject(1024);
	_cleanup_(bytes_done) struct bytes traditional = pem_of(subject.pkey, true, NULL);
	_cleanup_(bytes_done) struct bytes locked = pem_of(subject.pkey, false, "geheim");
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	_cleanup_(bytes_done) struct bytes other = pem_of(ec, false, NULL);
	_cleanup_(key_unrefp) struct key *key = NULL;

	(void)state;
	assert_int_equal(key_new_software(span_of(locked), &key), -EINVAL);
	assert_int_equal(key_new_software(span_of(other), &key), -EINVAL);
	assert_int_equal(key_new_software(SPAN_LITERAL("no key"), &key), -EINVAL);
	assert_int_equal(key_new_software((struct span){0}, &key), -EINVAL);
	assert_null(key);
	assert_int_equal(key_new_software(span_of(traditional), &key), 0);
	assert_true(span_equal(key_id(key), key_id(subject.key)));
	EVP_PKEY_free(ec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_has_a_name),
		cmocka_unit_test(signatures_verify),
		cmocka_unit_test(openssl_encrypts_we_open),
		cmocka_unit_test(every_byte_of_the_padding_counts),
		cmocka_unit_test(the_shortest_padding),
		cmocka_unit_test(what_is_no_ciphertext),
		cmocka_unit_test(what_is_pretended_differs),
		cmocka_unit_test(what_is_read_as_a_key),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
