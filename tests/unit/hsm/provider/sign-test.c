/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures as programs make them: what the token gets to see, and that OpenSSL verifies them. */
#include "service.h"

#include <limits.h>
#include <openssl/cms.h>

#define MESSAGE                                                                                    \
	SPAN_LITERAL("a message that is longer than any digest of it would be, by a bit or so")

/* One way to sign, as a program sets it up, and what is asked of the token then. */
struct way {
	const char *digest;
	int padding, salt; /* OpenSSL's */
	const char *mgf1;  /* or NULL */
	enum digest asked, asked_mgf1;
	unsigned asked_salt;
};

#define PSS	 RSA_PKCS1_PSS_PADDING
#define NOT_TOLD INT_MIN
static const struct way ways[] = {
	/* clang-format off */
	{"SHA256", RSA_PKCS1_PADDING, 0, NULL, DIGEST_SHA256, DIGEST_NONE, 0},
	{"SHA2-384", RSA_PKCS1_PADDING, 0, NULL, DIGEST_SHA384, DIGEST_NONE, 0},
	{"2.16.840.1.101.3.4.2.3", RSA_PKCS1_PADDING, 0, NULL, DIGEST_SHA512, DIGEST_NONE, 0},
	{"SHA1", RSA_PKCS1_PADDING, 0, NULL, DIGEST_SHA1, DIGEST_NONE, 0},
	{"sha256", PSS, RSA_PSS_SALTLEN_DIGEST, NULL, DIGEST_SHA256, DIGEST_SHA256, 32},
	{"SHA384", PSS, RSA_PSS_SALTLEN_DIGEST, NULL, DIGEST_SHA384, DIGEST_SHA384, 48},
	{"SHA256", PSS, RSA_PSS_SALTLEN_MAX, NULL, DIGEST_SHA256, DIGEST_SHA256, 222},
	{"SHA256", PSS, RSA_PSS_SALTLEN_AUTO, NULL, DIGEST_SHA256, DIGEST_SHA256, 222},
	{"SHA256", PSS, NOT_TOLD, NULL, DIGEST_SHA256, DIGEST_SHA256, 32},
	{"SHA256", PSS, 0, NULL, DIGEST_SHA256, DIGEST_SHA256, 0},
	{"SHA256", PSS, 20, "SHA1", DIGEST_SHA256, DIGEST_SHA1, 20},
	{"SHA512", PSS, 7, "SHA256", DIGEST_SHA512, DIGEST_SHA256, 7},
	/* clang-format on */
};

static void set_up(EVP_PKEY_CTX *context, const struct way *way)
{
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, way->padding), 1);
	if (way->padding != PSS)
		return;
	if (way->salt != NOT_TOLD)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, way->salt), 1);
	if (way->mgf1)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, way->mgf1, NULL), 1);
}

static void assert_asked(const struct way *way, enum rsa_input input, struct span what)
{
	assert_int_equal(service.sign.padding,
			 way->padding == PSS ? RSA_PADDING_PSS : RSA_PADDING_PKCS1);
	assert_int_equal(service.sign.input, input);
	assert_int_equal(service.sign.digest, way->asked);
	assert_int_equal(service.sign.mgf1, way->asked_mgf1);
	assert_int_equal(service.sign.salt_bytes, way->asked_salt);
	assert_true(span_equal(span_of(service.seen), what));
}

/* By @pkey, whose signature it is or not. */
static bool verifies(EVP_PKEY *pkey, const struct way *way, struct span signature)
{
	OSSL_LIB_CTX *library = pkey == service.software ? NULL : service.program;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_context;
	struct way of_verifier = *way;
	bool good;

	if (way->salt == NOT_TOLD)
		of_verifier.salt = (int)way->asked_salt;
	assert_int_equal(EVP_DigestVerifyInit_ex(context, &key_context, way->digest, library, NULL,
						 pkey, NULL),
			 1);
	set_up(key_context, &of_verifier);
	good = EVP_DigestVerifyUpdate(context, MESSAGE.data, 10) == 1 &&
	       EVP_DigestVerifyUpdate(context, MESSAGE.data + 10, MESSAGE.size - 10) == 1 &&
	       EVP_DigestVerifyFinal(context, signature.data, signature.size) == 1;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return good;
}

static void sign_message(EVP_PKEY *pkey, const struct way *way, bool at_once, struct span *ret)
{
	static uint8_t signature[256];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_context;
	size_t size = 0;

	assert_int_equal(EVP_DigestSignInit_ex(context, &key_context, way->digest, service.program,
					       NULL, pkey, NULL),
			 1);
	set_up(key_context, way);
	if (at_once) {
		size = sizeof(signature);
		assert_int_equal(
			EVP_DigestSign(context, signature, &size, MESSAGE.data, MESSAGE.size), 1);
	} else {
		assert_int_equal(EVP_DigestSignUpdate(context, MESSAGE.data, 3), 1);
		assert_int_equal(EVP_DigestSignUpdate(context, MESSAGE.data + 3, MESSAGE.size - 3),
				 1);
		assert_int_equal(EVP_DigestSignFinal(context, NULL, &size), 1);
		assert_int_equal(size, sizeof(signature));
		assert_int_equal(EVP_DigestSignFinal(context, signature, &size), 1);
	}
	assert_int_equal(size, sizeof(signature));
	EVP_MD_CTX_free(context);
	*ret = SPAN(signature, size);
}

static void messages_go_to_the_token_whole(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	struct span signature;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(ways); i++)
		for (unsigned at_once = 0; at_once < 2; at_once++) {
			unsigned asked = atomic_load(&service.fake.n_questions);

			sign_message(pkey, &ways[i], at_once, &signature);
			assert_asked(&ways[i], RSA_INPUT_MESSAGE, MESSAGE);
			/* one question for each, also where its size was asked for first */
			assert_int_equal(atomic_load(&service.fake.n_questions), asked + 1);
			assert_true(verifies(service.software, &ways[i], signature));
			assert_true(verifies(pkey, &ways[i], signature));
			((uint8_t *)(uintptr_t)signature.data)[100] ^= 1;
			assert_false(verifies(pkey, &ways[i], signature));
		}
	EVP_PKEY_free(pkey);
}

/* EVP_PKEY_sign(): programs that hash by themselves. */
static void digests_go_where_there_is_nothing_else(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	uint8_t digest[DIGEST_SIZE_MAX], signature[256];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		EVP_PKEY_CTX *sign = EVP_PKEY_CTX_new_from_pkey(service.program, pkey, NULL);
		EVP_MD *md = EVP_MD_fetch(NULL, ways[i].digest, NULL);
		size_t n = digest_compute(ways[i].asked, MESSAGE, digest), size = sizeof(signature);

		assert_int_equal(EVP_PKEY_sign_init(sign), 1);
		set_up(sign, &ways[i]);
		assert_int_equal(EVP_PKEY_CTX_set_signature_md(sign, md), 1);
		assert_int_equal(EVP_PKEY_sign(sign, signature, &size, digest, n), 1);
		assert_asked(&ways[i], RSA_INPUT_DIGEST, SPAN(digest, n));
		assert_true(verifies(service.software, &ways[i], SPAN(signature, size)));
		/* the private key's handle verifies, too */
		assert_int_equal(EVP_PKEY_verify_init(sign), 1);
		set_up(sign, &ways[i]);
		assert_int_equal(EVP_PKEY_CTX_set_signature_md(sign, md), 1);
		assert_int_equal(EVP_PKEY_verify(sign, signature, size, digest, n), 1);
		digest[0] ^= 1;
		assert_int_not_equal(EVP_PKEY_verify(sign, signature, size, digest, n), 1);
		EVP_MD_free(md);
		EVP_PKEY_CTX_free(sign);
	}
	EVP_PKEY_free(pkey);
}

static void bare_blocks_are_padded_as_they_are(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	EVP_PKEY_CTX *sign = EVP_PKEY_CTX_new_from_pkey(service.program, pkey, NULL);
	uint8_t signature[256], recovered[256];
	size_t size = sizeof(signature), n = sizeof(recovered);

	(void)state;
	assert_int_equal(EVP_PKEY_sign_init(sign), 1);
	assert_int_equal(EVP_PKEY_sign(sign, signature, &size, MESSAGE.data, MESSAGE.size), 1);
	assert_int_equal(service.sign.input, RSA_INPUT_BARE);
	assert_int_equal(service.sign.digest, DIGEST_NONE);
	assert_int_equal(EVP_PKEY_verify_recover_init(sign), 1);
	assert_int_equal(EVP_PKEY_verify_recover(sign, recovered, &n, signature, size), 1);
	assert_true(span_equal(SPAN(recovered, n), MESSAGE));
	EVP_PKEY_CTX_free(sign);
	EVP_PKEY_free(pkey);
}

/* libcrypto goes on with a copy where a message is to be signed twice, from a common beginning. */
static void a_copy_goes_its_own_way(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	EVP_MD_CTX *one = EVP_MD_CTX_new(), *other = EVP_MD_CTX_new();
	uint8_t signature[256];
	size_t size = sizeof(signature);

	(void)state;
	assert_int_equal(
		EVP_DigestSignInit_ex(one, NULL, "SHA256", service.program, NULL, pkey, NULL), 1);
	assert_int_equal(EVP_DigestSignUpdate(one, "common ", 7), 1);
	assert_int_equal(EVP_MD_CTX_copy_ex(other, one), 1);
	assert_int_equal(EVP_DigestSignUpdate(one, "one", 3), 1);
	assert_int_equal(EVP_DigestSignUpdate(other, "other", 5), 1);
	assert_int_equal(EVP_DigestSignFinal(one, signature, &size), 1);
	assert_true(span_equal(span_of(service.seen), SPAN_LITERAL("common one")));
	EVP_MD_CTX_free(one);
	assert_int_equal(EVP_DigestSignFinal(other, signature, &size), 1);
	assert_true(span_equal(span_of(service.seen), SPAN_LITERAL("common other")));
	EVP_MD_CTX_free(other);
	EVP_PKEY_free(pkey);
}

static int sign_with(EVP_PKEY *pkey, const char *digest, int padding, int salt, struct span what)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_context;
	uint8_t signature[256];
	size_t size = sizeof(signature);
	int done;

	done = EVP_DigestSignInit_ex(context, &key_context, digest, service.program, NULL, pkey,
				     NULL) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(key_context, padding) == 1 &&
	       (padding != PSS || EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, salt) == 1) &&
	       EVP_DigestSignUpdate(context, what.data, what.size) == 1 &&
	       EVP_DigestSignFinal(context, signature, &size) == 1;
	EVP_MD_CTX_free(context);
	return done;
}

static void what_can_not_be_signed(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	struct bytes huge = {0};

	(void)state;
	assert_int_equal(sign_with(pkey, "SHA224", RSA_PKCS1_PADDING, 0, MESSAGE), 0);
	assert_true(last_error_says("digest not supported"));
	assert_int_equal(sign_with(pkey, "SHA256", RSA_X931_PADDING, 0, MESSAGE), 0);
	assert_true(last_error_says("padding not supported"));
	assert_int_equal(sign_with(pkey, "SHA256", PSS, 223, MESSAGE), 0);
	assert_true(last_error_says("the salt is too long for this key"));
	assert_int_equal(bytes_new(KEY_MESSAGE_MOST + 1, &huge), 0);
	assert_int_equal(sign_with(pkey, "SHA256", RSA_PKCS1_PADDING, 0, span_of(huge)), 0);
	assert_true(last_error_says("64000 bytes at most"));
	huge.size--;
	assert_int_equal(sign_with(pkey, "SHA256", RSA_PKCS1_PADDING, 0, span_of(huge)), 1);
	bytes_done(&huge);
	EVP_PKEY_free(pkey);
}

/* Words for what a program shows when the token can't, or may not. */
static void refusals_reach_the_program(void **state)
{
	static const struct {
		enum act act;
		const char *reason;
	} rows[] = {
		{ACT_LATER, "key can't be used now"},
		{ACT_REFUSED, "refused by the rules for this key"},
		{ACT_NOT_FOUND, "no such key"},
		{ACT_INVALID, "impossible with this key"},
		{ACT_FAULT, "key service failed"},
		{ACT_CLOSE, "key service went away"},
		{ACT_WRONG_TAG, "key service failed"},
	};
	EVP_PKEY *pkey = pkey_of_reference();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		service_does(&rows[i].act);
		assert_int_equal(sign_with(pkey, "SHA256", RSA_PKCS1_PADDING, 0, MESSAGE), 0);
		assert_true(last_error_says(rows[i].reason));
		assert_int_equal(sign_with(pkey, "SHA256", RSA_PKCS1_PADDING, 0, MESSAGE), 0);
		assert_true(last_error_says(NAME));
	}
	service_does(answers);
	assert_int_equal(sign_with(pkey, "SHA256", RSA_PKCS1_PADDING, 0, MESSAGE), 1);
	EVP_PKEY_free(pkey);
}

static X509_REQ *request_of(EVP_PKEY *pkey, const struct way *way)
{
	X509_REQ *request = X509_REQ_new_ex(service.program, NULL);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_context;

	assert_int_equal(X509_REQ_set_pubkey(request, pkey), 1);
	assert_int_equal(EVP_DigestSignInit_ex(context, &key_context, way->digest, service.program,
					       NULL, pkey, NULL),
			 1);
	set_up(key_context, way);
	assert_true(X509_REQ_sign_ctx(request, context) > 0);
	EVP_MD_CTX_free(context);
	return request;
}

/* What stands beside the signature is what OpenSSL writes for its own keys. */
static void algorithms_are_named_as_openssl_names_them(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		X509_REQ *ours, *theirs;
		const X509_ALGOR *our_algorithm, *their_algorithm;

		/* 3.0 takes the longest then, 3.5 one as the digest, as we do */
		if (ways[i].salt == NOT_TOLD)
			continue;
		ours = request_of(pkey, &ways[i]);
		theirs = request_of(service.software, &ways[i]);
		X509_REQ_get0_signature(ours, NULL, &our_algorithm);
		X509_REQ_get0_signature(theirs, NULL, &their_algorithm);
		assert_int_equal(X509_ALGOR_cmp(our_algorithm, their_algorithm), 0);
		assert_int_equal(X509_REQ_verify(ours, service.software), 1);
		assert_int_equal(X509_REQ_verify(ours, pkey), 1);
		assert_true(service.seen.size > 250 && service.seen.data[0] == 0x30);
		X509_REQ_free(ours);
		X509_REQ_free(theirs);
	}
	EVP_PKEY_free(pkey);
}

static bool cms_signs(EVP_PKEY *pkey, X509 *certificate, unsigned flags, int padding)
{
	BIO *in = BIO_new_mem_buf("content", 7), *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *cms =
		CMS_sign_ex(NULL, NULL, NULL, in, CMS_PARTIAL | CMS_BINARY, service.program, NULL);
	CMS_SignerInfo *signer =
		CMS_add1_signer(cms, certificate, pkey, EVP_sha256(), flags | CMS_KEY_PARAM);
	bool done =
		signer &&
		EVP_PKEY_CTX_set_rsa_padding(CMS_SignerInfo_get0_pkey_ctx(signer), padding) == 1 &&
		CMS_final(cms, in, NULL, CMS_BINARY) == 1 &&
		CMS_verify(cms, NULL, NULL, NULL, out, CMS_NO_SIGNER_CERT_VERIFY) == 1;

	CMS_ContentInfo_free(cms);
	BIO_free(in);
	BIO_free(out);
	return done;
}

static void cms_is_signed(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	X509 *certificate = certificate_of(pkey);
	static const int paddings[] = {RSA_PKCS1_PADDING, PSS};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(paddings); i++) {
		assert_true(cms_signs(pkey, certificate, 0, paddings[i]));
		/* a SET OF attributes, that can be read by who has the key */
		assert_int_equal(service.sign.input, RSA_INPUT_MESSAGE);
		assert_int_equal(service.seen.data[0], 0x31);
		assert_true(cms_signs(pkey, certificate, CMS_NOATTR, paddings[i]));
		assert_int_equal(service.sign.input, RSA_INPUT_DIGEST);
		assert_int_equal(service.seen.size, 32);
	}
	X509_free(certificate);
	EVP_PKEY_free(pkey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_go_to_the_token_whole),
		cmocka_unit_test(digests_go_where_there_is_nothing_else),
		cmocka_unit_test(bare_blocks_are_padded_as_they_are),
		cmocka_unit_test(a_copy_goes_its_own_way),
		cmocka_unit_test(what_can_not_be_signed),
		cmocka_unit_test(refusals_reach_the_program),
		cmocka_unit_test(algorithms_are_named_as_openssl_names_them),
		cmocka_unit_test(cms_is_signed),
	};

	return cmocka_run_group_tests(tests, service_start, service_stop);
}
