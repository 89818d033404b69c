/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/spki.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* OpenSSL's own encoding of a fresh key, and its numbers. */
static struct bytes make_spki(EVP_PKEY **ret_key)
{
	EVP_PKEY *key = EVP_RSA_gen(1024);
	unsigned char *der = NULL;
	struct bytes spki = {0};
	int size;

	assert_non_null(key);
	size = i2d_PUBKEY(key, &der);
	assert_true(size > 0);
	assert_int_equal(bytes_copy(SPAN(der, (size_t)size), &spki), 0);
	OPENSSL_free(der);
	*ret_key = key;
	return spki;
}

static void it_reads_and_writes_what_openssl_does(void **state)
{
	_cleanup_(bytes_done) struct bytes written = {0}, padded = {0}, spki = {0};
	struct span modulus, exponent;
	EVP_PKEY *key;
	uint8_t longer[129];

	(void)state;
	spki = make_spki(&key);
	assert_int_equal(spki_read(span_of(spki), &modulus, &exponent), 0);
	assert_int_equal(modulus.size, 128);
	assert_true(span_equal(exponent, SPAN_LITERAL("\x01\x00\x01")));
	assert_int_equal(spki_write(modulus, exponent, &written), 0);
	assert_true(span_equal(span_of(written), span_of(spki)));

	/* Some modules give the sign byte along with the modulus. */
	longer[0] = 0;
	memcpy(longer + 1, modulus.data, modulus.size);
	assert_int_equal(spki_write(SPAN_ARRAY(longer), exponent, &padded), 0);
	assert_true(span_equal(span_of(padded), span_of(spki)));
	EVP_PKEY_free(key);
}

static void anything_else_is_refused(void **state)
{
	_cleanup_(bytes_done) struct bytes spki = {0};
	struct span modulus, exponent;
	EVP_PKEY *key;

	(void)state;
	spki = make_spki(&key);
	EVP_PKEY_free(key);
	for (size_t size = 0; size < spki.size; size++)
		assert_int_equal(spki_read(SPAN(spki.data, size), &modulus, &exponent), -EBADMSG);
	/* Another algorithm: the last arc of rsaEncryption, changed. */
	for (size_t i = 0; i + 9 < spki.size; i++) {
		if (memcmp(spki.data + i, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9) == 0)
			spki.data[i + 8] = 10;
	}
	assert_int_equal(spki_read(span_of(spki), &modulus, &exponent), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_reads_and_writes_what_openssl_does),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
