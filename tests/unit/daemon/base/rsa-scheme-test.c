/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/rsa-scheme.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PKCS1	RSA_PADDING_PKCS1
#define PSS	RSA_PADDING_PSS
#define OAEP	RSA_PADDING_OAEP
#define MESSAGE RSA_INPUT_MESSAGE
#define DIGEST	RSA_INPUT_DIGEST
#define BARE	RSA_INPUT_BARE
#define NONE	DIGEST_NONE

/* With a modulus of 128 bytes. */
static const struct {
	struct rsa_scheme scheme;
	size_t input_bytes;
	const char *fault; /* NULL: none */
} schemes[] = {
	/* clang-format off */
	{{PKCS1, MESSAGE, DIGEST_SHA256, NONE, 0}, 0, NULL},
	{{PKCS1, MESSAGE, DIGEST_SHA256, NONE, 0}, 1 << 20, NULL},
	{{PKCS1, DIGEST, DIGEST_MD5, NONE, 0}, 16, NULL},
	{{PKCS1, DIGEST, DIGEST_SHA1, NONE, 0}, 20, NULL},
	{{PKCS1, DIGEST, DIGEST_SHA384, NONE, 0}, 48, NULL},
	{{PKCS1, DIGEST, DIGEST_SHA512, NONE, 0}, 64, NULL},
	{{PKCS1, BARE, NONE, NONE, 0}, 117, NULL},
	{{PKCS1, BARE, NONE, NONE, 0}, 118, "too long for this key"},
	{{PKCS1, BARE, NONE, NONE, 0}, 0, "there is nothing to sign"},
	{{PKCS1, BARE, DIGEST_SHA256, NONE, 0}, 32, "a digest is named but for what is padded as it is"},
	{{PKCS1, MESSAGE, NONE, NONE, 0}, 32, "there is no such digest"},
	{{PKCS1, MESSAGE, DIGEST_SHA512 + 1, NONE, 0}, 32, "there is no such digest"},
	{{PKCS1, DIGEST, DIGEST_SHA256, NONE, 0}, 31, "the digest has another length"},
	{{PKCS1, DIGEST, DIGEST_SHA256, NONE, 0}, 0, "the digest has another length"},
	{{PKCS1, MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 0}, 1, "PKCS#1 v1.5 has no mask and no salt"},
	{{PKCS1, MESSAGE, DIGEST_SHA256, NONE, 1}, 1, "PKCS#1 v1.5 has no mask and no salt"},
	{{PSS, MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 32}, 5, NULL},
	{{PSS, DIGEST, DIGEST_SHA256, DIGEST_SHA1, 0}, 32, NULL},
	{{PSS, MESSAGE, DIGEST_SHA512, DIGEST_SHA512, 62}, 5, NULL},
	{{PSS, MESSAGE, DIGEST_SHA512, DIGEST_SHA512, 63}, 5, "the salt is too long for this key"},
	{{PSS, MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 65535}, 5, "the salt is too long for this key"},
	{{PSS, MESSAGE, DIGEST_SHA256, NONE, 32}, 5, "PSS needs a digest and one for its mask"},
	{{PSS, MESSAGE, DIGEST_SHA256, 77, 32}, 5, "PSS needs a digest and one for its mask"},
	{{PSS, BARE, NONE, DIGEST_SHA256, 32}, 5, "PSS needs a digest and one for its mask"},
	{{PSS, MESSAGE, NONE, DIGEST_SHA256, 32}, 5, "there is no such digest"},
	{{OAEP, MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 0}, 5, "there is no such padding of signatures"},
	{{0, MESSAGE, DIGEST_SHA256, NONE, 0}, 5, "there is no such padding of signatures"},
	{{255, MESSAGE, DIGEST_SHA256, NONE, 0}, 5, "there is no such padding of signatures"},
	{{PKCS1, 0, DIGEST_SHA256, NONE, 0}, 5, "there is no such kind of input"},
	{{PKCS1, 4, DIGEST_SHA256, NONE, 0}, 5, "there is no such kind of input"},
	/* clang-format on */
};

#define LABEL                                                                                      \
	{                                                                                          \
		(const uint8_t *)"label", 5                                                        \
	}

static const struct {
	struct rsa_opening opening;
	size_t encrypted_bytes;
	const char *fault;
} openings[] = {
	/* clang-format off */
	{{PKCS1, NONE, NONE, {NULL, 0}}, 128, NULL},
	{{PKCS1, NONE, NONE, {NULL, 0}}, 127, "what is encrypted is as long as the key's modulus"},
	{{PKCS1, NONE, NONE, {NULL, 0}}, 0, "what is encrypted is as long as the key's modulus"},
	{{PKCS1, DIGEST_SHA256, NONE, {NULL, 0}}, 128, "OAEP alone needs a digest and one for its mask"},
	{{PKCS1, NONE, DIGEST_SHA1, {NULL, 0}}, 128, "OAEP alone needs a digest and one for its mask"},
	{{PKCS1, NONE, NONE, LABEL}, 128, "OAEP alone has a label"},
	{{OAEP, DIGEST_SHA1, DIGEST_SHA256, LABEL}, 128, NULL},
	{{OAEP, DIGEST_SHA256, DIGEST_SHA256, {NULL, 0}}, 128, NULL},
	{{OAEP, DIGEST_SHA512, DIGEST_SHA512, {NULL, 0}}, 128, "the digest is too long for this key"},
	{{OAEP, NONE, DIGEST_SHA256, {NULL, 0}}, 128, "OAEP alone needs a digest and one for its mask"},
	{{OAEP, DIGEST_SHA256, 9, {NULL, 0}}, 128, "OAEP alone needs a digest and one for its mask"},
	{{OAEP, DIGEST_SHA256, DIGEST_SHA256, {NULL, 0}}, 129, "what is encrypted is as long as the key's modulus"},
	{{PSS, DIGEST_SHA256, DIGEST_SHA256, {NULL, 0}}, 128, "there is no such padding of what is encrypted"},
	{{0, NONE, NONE, {NULL, 0}}, 128, "there is no such padding of what is encrypted"},
	/* clang-format on */
};

static void assert_fault(size_t row, const char *found, const char *wanted)
{
	if (!found != !wanted || (found && strcmp(found, wanted) != 0))
		fail_msg("row %zu: %s", row, found ? found : "no fault");
}

static void faults_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(schemes); i++)
		assert_fault(i,
			     rsa_scheme_find_fault(&schemes[i].scheme, 128, schemes[i].input_bytes),
			     schemes[i].fault);
	for (size_t i = 0; i < ELEMENTS(openings); i++)
		assert_fault(i,
			     rsa_opening_find_fault(&openings[i].opening, 128,
						    openings[i].encrypted_bytes),
			     openings[i].fault);
}

/* The largest DigestInfo and its eleven bytes. */
static void small_keys_take_small_digests(void **state)
{
	const struct rsa_scheme scheme = {PKCS1, MESSAGE, DIGEST_SHA512, NONE, 0};

	(void)state;
	assert_null(rsa_scheme_find_fault(&scheme, 83 + 11, 5));
	assert_string_equal(rsa_scheme_find_fault(&scheme, 83 + 10, 5), "too long for this key");
}

struct pair {
	EVP_PKEY *pkey;
	struct rsa_public *key;
};

static int setup(void **state)
{
	static struct pair pair;
	uint8_t modulus[128];
	BIGNUM *n = NULL;

	crypto_init();
	pair.pkey = EVP_RSA_gen(1024);
	assert_non_null(pair.pkey);
	assert_int_equal(EVP_PKEY_get_bn_param(pair.pkey, OSSL_PKEY_PARAM_RSA_N, &n), 1);
	assert_int_equal(BN_bn2bin(n, modulus), 128);
	BN_free(n);
	assert_int_equal(
		rsa_public_new(SPAN_ARRAY(modulus), SPAN_LITERAL("\x01\x00\x01"), &pair.key), 0);
	*state = &pair;
	return 0;
}

static int teardown(void **state)
{
	struct pair *pair = *state;

	EVP_PKEY_free(pair->pkey);
	rsa_public_free(pair->key);
	return 0;
}

static const EVP_MD *md_of(enum digest digest)
{
	return EVP_get_digestbyname(digest_name(digest));
}

/* As OpenSSL signs a digest, or what is padded as it is. */
static void sign(EVP_PKEY *pkey, const struct rsa_scheme *scheme, struct span input,
		 uint8_t ret[static 128])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	size_t size = 128;

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, scheme->padding == PSS
								   ? RSA_PKCS1_PSS_PADDING
								   : RSA_PKCS1_PADDING),
			 1);
	if (scheme->digest)
		assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, md_of(scheme->digest)), 1);
	if (scheme->padding == PSS) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md_of(scheme->mgf1)), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)scheme->salt_bytes), 1);
	}
	assert_int_equal(EVP_PKEY_sign(ctx, ret, &size, input.data, input.size), 1);
	EVP_PKEY_CTX_free(ctx);
}

static const struct rsa_scheme signing[] = {
	{PKCS1, MESSAGE, DIGEST_SHA256, NONE, 0},
	{PKCS1, MESSAGE, DIGEST_SHA512, NONE, 0},
	{PKCS1, BARE, NONE, NONE, 0},
	{PSS, MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 32},
	{PSS, MESSAGE, DIGEST_SHA256, DIGEST_SHA1, 0},
	{PSS, MESSAGE, DIGEST_SHA384, DIGEST_SHA512, 70},
};

/* By each scheme, as a message and as its digest; not by any other. */
static void what_openssl_signed_is_verified(void **state)
{
	const struct pair *pair = *state;
	struct span message = SPAN_LITERAL("a message");

	for (size_t i = 0; i < ELEMENTS(signing); i++) {
		struct rsa_scheme by_digest = signing[i];
		uint8_t hash[DIGEST_SIZE_MAX], signature[128];
		struct span input = message;

		if (signing[i].input != BARE) {
			by_digest.input = DIGEST;
			input = SPAN(hash, rsa_scheme_digest(&signing[i], message, hash));
			assert_int_equal(rsa_scheme_digest(&by_digest, input, hash), input.size);
		}
		sign(pair->pkey, &signing[i], input, signature);
		assert_int_equal(
			rsa_scheme_verify(&by_digest, pair->key, input, SPAN_ARRAY(signature)), 0);
		for (size_t j = 0; j < ELEMENTS(signing); j++)
			assert_int_equal(rsa_scheme_verify(&signing[j], pair->key, message,
							   SPAN_ARRAY(signature)),
					 i == j ? 0 : -EBADMSG);
		assert_int_equal(rsa_scheme_verify(&signing[i], pair->key,
						   SPAN_LITERAL("b message"),
						   SPAN_ARRAY(signature)),
				 -EBADMSG);
		assert_int_equal(
			rsa_scheme_verify(&signing[i], pair->key, message, SPAN(signature, 127)),
			-EBADMSG);
		assert_int_equal(
			rsa_scheme_verify(&signing[i], pair->key, message, (struct span){0}),
			-EBADMSG);
	}
}

static void what_is_padded_as_it_is_stays(void **state)
{
	const struct rsa_scheme bare = {PKCS1, BARE, NONE, NONE, 0};
	const struct rsa_scheme digest = {PKCS1, DIGEST, DIGEST_SHA1, NONE, 0};
	uint8_t place[DIGEST_SIZE_MAX + 32], wanted[DIGEST_SIZE_MAX + 32], hash[DIGEST_SIZE_MAX];
	struct span input = SPAN_LITERAL("input"), info;
	size_t size = digest_compute(DIGEST_SHA1, input, hash);

	(void)state;
	assert_true(rsa_scheme_info(&bare, input, place).data == input.data);
	info = rsa_scheme_info(&digest, SPAN(hash, size), place);
	assert_true(span_equal(info, SPAN(wanted, digest_info(DIGEST_SHA1, input, wanted))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_are_told),
		cmocka_unit_test(small_keys_take_small_digests),
		cmocka_unit_test(what_openssl_signed_is_verified),
		cmocka_unit_test(what_is_padded_as_it_is_stays),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
