/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "daemon/base/spki.h"
#include "hsm/rsa-key-carry.h"
#include "tests/unit/hsm/fixture.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

static int start_logged_in(void **state)
{
	struct fixture *f;

	crypto_init();
	assert_int_equal(fixture_start(state), 0);
	f = *state;
	assert_int_equal(hsm_token_login(f->token, PIN), 0);
	return 0;
}

static struct hsm_session *open_session(struct fixture *f)
{
	struct hsm_session *session = NULL;

	assert_int_equal(hsm_session_open(f->token, true, &session), 0);
	return session;
}

static struct hsm_rsa_order order_of(const char *id, bool extractable)
{
	return (struct hsm_rsa_order){.bits = 2048,
				      .id = span_of_text(id),
				      .label = "key",
				      .decrypts = true,
				      .extractable = extractable};
}

/* The key that came out, as OpenSSL reads it. */
static EVP_PKEY *read_pkcs8(struct span der)
{
	const unsigned char *at = der.data;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.size);
	EVP_PKEY *key;

	assert_non_null(info);
	assert_ptr_equal(at, der.data + der.size);
	key = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	assert_non_null(key);
	return key;
}

static void assert_public(EVP_PKEY *key, struct span spki)
{
	unsigned char *der = NULL;
	int size = i2d_PUBKEY(key, &der);

	assert_true(size > 0 && span_equal(SPAN(der, (size_t)size), spki));
	OPENSSL_free(der);
}

static void what_was_made_exportable_leaves(void **state)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(*state);
	_cleanup_(secret_done) struct secret out = {0};
	_cleanup_(bytes_done) struct bytes spki = {0};
	struct hsm_rsa_order order = order_of("leaves", true);
	struct hsm_rsa_key key = {.id = order.id};
	const char *why = NULL;
	EVP_PKEY *read;

	assert_int_equal(hsm_rsa_key_make(session, &order, &spki, &why), 0);
	key.spki = span_of(spki);
	assert_int_equal(hsm_rsa_key_extract(session, &key, &out), 0);
	read = read_pkcs8(span_of_secret(out));
	assert_public(read, span_of(spki));
	EVP_PKEY_free(read);
	assert_int_equal(hsm_rsa_key_seal(session, &key), 0);
	secret_done(&out);
	assert_int_equal(hsm_rsa_key_extract(session, &key, &out), HSM_RSA_KEY_KEPT);
	assert_int_equal(hsm_rsa_key_seal(session, &key), 0);
	assert_false(hsm_session_is_broken(session));
}

static void what_was_not_stays(void **state)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(*state);
	_cleanup_(secret_done) struct secret out = {0};
	_cleanup_(bytes_done) struct bytes spki = {0};
	struct hsm_rsa_order order = order_of("stays", false);
	struct hsm_rsa_key key = {.id = order.id};
	const char *why = NULL;

	assert_int_equal(hsm_rsa_key_make(session, &order, &spki, &why), 0);
	key.spki = span_of(spki);
	assert_int_equal(hsm_rsa_key_extract(session, &key, &out), HSM_RSA_KEY_KEPT);
	key.id = SPAN_LITERAL("nobody");
	assert_int_equal(hsm_rsa_key_extract(session, &key, &out), HSM_RSA_KEY_ABSENT);
	assert_int_equal(hsm_rsa_key_seal(session, &key), HSM_RSA_KEY_ABSENT);
}

static size_t put(EVP_PKEY *key, const char *name, uint8_t place[static 512], struct span *ret)
{
	BIGNUM *number = NULL;
	int size;

	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
	size = BN_bn2bin(number, place);
	BN_free(number);
	*ret = SPAN(place, (size_t)size);
	return (size_t)size;
}

static void a_key_that_is_brought_signs(void **state)
{
	static const char *const names[] = {
		"n",
		"e",
		"d",
		"rsa-factor1",
		"rsa-factor2",
		"rsa-exponent1",
		"rsa-exponent2",
		"rsa-coefficient1",
	};
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(*state);
	_cleanup_(bytes_done) struct bytes spki = {0}, signature = {0};
	_cleanup_(rsa_public_freep) struct rsa_public *public = NULL;
	EVP_PKEY *made = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	struct hsm_rsa_order order = order_of("brought", false);
	struct hsm_rsa_key key = {.id = order.id};
	struct hsm_rsa_parts parts;
	uint8_t numbers[8][512], info[DIGEST_SIZE_MAX + 32];
	struct span *places[] = {
		&parts.modulus, &parts.exponent,   &parts.private_exponent, &parts.prime_1,
		&parts.prime_2, &parts.exponent_1, &parts.exponent_2,	    &parts.coefficient,
	};
	_cleanup_(secret_done) struct secret out = {0};
	const char *why = NULL;
	size_t size;

	for (size_t i = 0; i < ELEMENTS(names); i++)
		(void)put(made, names[i], numbers[i], places[i]);
	assert_int_equal(hsm_rsa_key_import(session, &order, &parts, &spki, &why), 0);
	assert_public(made, span_of(spki));
	key.spki = span_of(spki);
	size = digest_info(DIGEST_SHA256, SPAN_LITERAL("text"), info);
	assert_int_equal(hsm_rsa_key_sign(session, &key, SPAN(info, size), &signature), 0);
	assert_int_equal(rsa_public_new(parts.modulus, parts.exponent, &public), 0);
	assert_int_equal(
		rsa_public_verify(public, DIGEST_SHA256, SPAN_LITERAL("text"), span_of(signature)),
		0);
	assert_int_equal(hsm_rsa_key_extract(session, &key, &out), HSM_RSA_KEY_KEPT);
	EVP_PKEY_free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_made_exportable_leaves, start_logged_in,
						fixture_stop),
		cmocka_unit_test_setup_teardown(what_was_not_stays, start_logged_in, fixture_stop),
		cmocka_unit_test_setup_teardown(a_key_that_is_brought_signs, start_logged_in,
						fixture_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
