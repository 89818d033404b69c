/* SPDX-License-Identifier: Apache-2.0 */
/* A key on a token, as libcrypto sees it: like any RSA key in all that is public, and no more. */
#include "service.h"

static void it_is_an_rsa_key_in_all_that_is_public(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	uint8_t *ours = NULL, *theirs = NULL;
	BIGNUM *modulus = NULL, *same = NULL;
	char digest[16];
	int size;

	(void)state;
	assert_int_equal(EVP_PKEY_get_bits(pkey), 2048);
	assert_int_equal(EVP_PKEY_get_size(pkey), 256);
	assert_int_equal(EVP_PKEY_get_security_bits(pkey), 112);
	assert_int_equal(EVP_PKEY_get_default_digest_name(pkey, digest, sizeof(digest)), 1);
	assert_string_equal(digest, "SHA256");
	assert_int_equal(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &modulus), 1);
	assert_int_equal(EVP_PKEY_get_bn_param(service.software, OSSL_PKEY_PARAM_RSA_N, &same), 1);
	assert_int_equal(BN_cmp(modulus, same), 0);
	BN_free(modulus);
	BN_free(same);
	size = i2d_PUBKEY(pkey, &ours);
	assert_int_equal(i2d_PUBKEY(service.software, &theirs), size);
	assert_memory_equal(ours, theirs, (size_t)size);
	OPENSSL_free(ours);
	OPENSSL_free(theirs);
	EVP_PKEY_free(pkey);
}

static void keys_are_compared_by_what_is_public(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference(), *copy = EVP_PKEY_dup(pkey),
		 *other = EVP_RSA_gen(2048);
	X509 *certificate = X509_new();

	(void)state;
	assert_int_equal(EVP_PKEY_eq(pkey, copy), 1);
	assert_int_equal(EVP_PKEY_eq(pkey, service.software), 1);
	assert_int_equal(EVP_PKEY_eq(service.software, pkey), 1);
	assert_int_equal(EVP_PKEY_eq(pkey, other), 0);
	X509_set_pubkey(certificate, service.software);
	assert_int_equal(X509_check_private_key(certificate, pkey), 1);
	X509_set_pubkey(certificate, other);
	assert_int_equal(X509_check_private_key(certificate, pkey), 0);
	ERR_clear_error();
	X509_free(certificate);
	EVP_PKEY_free(other);
	EVP_PKEY_free(copy);
	EVP_PKEY_free(pkey);
}

static void the_private_half_goes_nowhere(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	BIO *out = BIO_new(BIO_s_mem());
	OSSL_PARAM *params = NULL;
	BIGNUM *d = NULL;

	(void)state;
	assert_int_equal(EVP_PKEY_todata(pkey, EVP_PKEY_KEYPAIR, &params), 0);
	assert_int_equal(EVP_PKEY_todata(pkey, EVP_PKEY_PUBLIC_KEY, &params), 1);
	assert_null(OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_RSA_D));
	OSSL_PARAM_free(params);
	assert_int_equal(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_D, &d), 0);
	assert_int_not_equal(PEM_write_bio_PrivateKey_ex(out, pkey, NULL, NULL, 0, NULL, NULL,
							 service.program, NULL),
			     1);
	assert_int_equal(BIO_pending(out), 0);
	ERR_clear_error();
	BIO_free(out);
	EVP_PKEY_free(pkey);
}

static int make(const OSSL_PARAM params[], int selection, EVP_PKEY **ret)
{
	EVP_PKEY_CTX *context =
		EVP_PKEY_CTX_new_from_name(service.program, "RSA", "provider=claviger");
	int done = EVP_PKEY_fromdata_init(context) == 1 &&
		   EVP_PKEY_fromdata(context, ret, selection, (OSSL_PARAM *)(uintptr_t)params) == 1;

	EVP_PKEY_CTX_free(context);
	return done;
}

/* A private key in software is not ours to hold; a public one is a public one. */
static void what_is_imported_has_no_private_half(void **state)
{
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *context;
	OSSL_PARAM *params = NULL;

	(void)state;
	assert_int_equal(EVP_PKEY_todata(service.software, EVP_PKEY_KEYPAIR, &params), 1);
	assert_int_equal(make(params, EVP_PKEY_KEYPAIR, &pkey), 0);
	assert_null(pkey);
	assert_int_equal(make(params, EVP_PKEY_PUBLIC_KEY, &pkey), 1);
	assert_int_equal(EVP_PKEY_eq(pkey, service.software), 1);
	context = EVP_PKEY_CTX_new_from_pkey(service.program, pkey, "provider=claviger");
	assert_int_not_equal(EVP_PKEY_sign_init(context), 1);
	assert_true(last_error_says("not a private key"));
	assert_int_not_equal(EVP_PKEY_decrypt_init(context), 1);
	assert_true(last_error_says("not a private key"));
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(pkey);
	OSSL_PARAM_free(params);
}

static void it_is_checked_as_far_as_it_is_here(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(service.program, pkey, NULL);

	(void)state;
	assert_int_equal(EVP_PKEY_public_check(context), 1);
	assert_int_equal(EVP_PKEY_check(context), 1);
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(pkey);
}

/* Whatever else a program wants of RSA, OpenSSL's own provider does, before and after. */
static void others_keys_stay_with_openssl(void **state)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(service.program, "RSA", NULL);
	EVP_PKEY *made = NULL, *read;
	EVP_KEYMGMT *management;

	(void)state;
	/* any look-up has libcrypto sort its providers by name */
	assert_int_equal(OSSL_PROVIDER_available(service.program, "none such"), 0);
	management = EVP_KEYMGMT_fetch(service.program, "RSA", NULL);
	assert_string_equal(OSSL_PROVIDER_get0_name(EVP_KEYMGMT_get0_provider(management)),
			    "default");
	EVP_KEYMGMT_free(management);
	assert_int_equal(EVP_PKEY_keygen_init(context), 1);
	assert_int_equal(EVP_PKEY_keygen(context, &made), 1);
	EVP_PKEY_free(made);
	EVP_PKEY_CTX_free(context);
	read = pkey_of_text(service.pem, strlen(service.pem));
	assert_non_null(read);
	assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(read)), "default");
	EVP_PKEY_free(read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_an_rsa_key_in_all_that_is_public),
		cmocka_unit_test(keys_are_compared_by_what_is_public),
		cmocka_unit_test(the_private_half_goes_nowhere),
		cmocka_unit_test(what_is_imported_has_no_private_half),
		cmocka_unit_test(it_is_checked_as_far_as_it_is_here),
		cmocka_unit_test(others_keys_stay_with_openssl),
	};

	return cmocka_run_group_tests(tests, service_start, service_stop);
}
