/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "token/rsa-secret.h"
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct secret pkcs8;

static int make_key(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	unsigned char *der = NULL;
	int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);

	(void)state;
	crypto_init();
	secret_allow_unlocked();
	assert_int_equal(secret_copy(SPAN(der, (size_t)size), &pkcs8), 0);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(key);
	return 0;
}

static int free_key(void **state)
{
	(void)state;
	secret_done(&pkcs8);
	return 0;
}

static int read_copy(struct span der, struct rsa_secret *ret)
{
	_cleanup_(secret_done) struct secret copy = {0};

	assert_int_equal(secret_copy(der, &copy), 0);
	return rsa_secret_read(&copy, ret);
}

static void both_forms_are_read(void **state)
{
	_cleanup_(rsa_secret_done) struct rsa_secret key = {0}, inner = {0};

	(void)state;
	assert_int_equal(read_copy(span_of_secret(pkcs8), &key), 0);
	assert_int_equal(rsa_secret_check(&key), 0);
	assert_true(key.pkcs8.size == pkcs8.size && key.pkcs1.size < pkcs8.size);
	assert_int_equal(read_copy(key.pkcs1, &inner), 0);
	assert_int_equal(inner.pkcs8.size, 0);
	assert_true(span_equal(inner.parts.modulus, key.parts.modulus));
	assert_int_equal(key.parts.modulus.size, 128);
}

/* Not one bit of any number may change unnoticed. */
static void each_changed_number_is_found(void **state)
{
	_cleanup_(rsa_secret_done) struct rsa_secret key = {0};
	const struct span *numbers = &key.parts.modulus;

	(void)state;
	assert_int_equal(read_copy(span_of_secret(pkcs8), &key), 0);
	for (size_t i = 0; i < sizeof(key.parts) / sizeof(struct span); i++) {
		uint8_t *last = (uint8_t *)&numbers[i].data[numbers[i].size - 1];

		*last ^= 4;
		assert_int_equal(rsa_secret_check(&key), -EKEYREJECTED);
		*last ^= 4;
	}
	assert_int_equal(rsa_secret_check(&key), 0);
}

static void what_is_cut_is_none(void **state)
{
	(void)state;
	for (size_t size = 1; size < pkcs8.size; size++) {
		_cleanup_(rsa_secret_done) struct rsa_secret key = {0};

		assert_int_equal(read_copy(SPAN(pkcs8.data, size), &key), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_are_read),
		cmocka_unit_test(each_changed_number_is_found),
		cmocka_unit_test(what_is_cut_is_none),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}
