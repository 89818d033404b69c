/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/hsm/made-key.h"
#include "tests/unit/hsm/software-key.h"
#include <openssl/x509.h>

/* 0x3: CKM_RSA_X_509 */
#define NO_RAW "hide-mechanism=0x3\n"

static const struct rsa_opening pkcs1 = {.padding = RSA_PADDING_PKCS1};
static const struct rsa_opening oaep = {RSA_PADDING_OAEP, DIGEST_SHA1, DIGEST_SHA1, {NULL, 0}};

/* OpenSSL's key of the same numbers. */
static EVP_PKEY *public_of(const struct made *made)
{
	const uint8_t *at = made->spki.data;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)made->spki.size);

	assert_non_null(pkey);
	return pkey;
}

static void encrypt(const struct made *made, const struct rsa_opening *way, struct span plain,
		    uint8_t ret[static 512])
{
	EVP_PKEY *pkey = public_of(made);

	software_key_encrypt(pkey, way, plain, ret);
	EVP_PKEY_free(pkey);
}

static int open_it(struct hsm_session *session, const struct made *made,
		   const struct rsa_opening *way, struct span encrypted, struct secret *ret)
{
	const struct hsm_rsa_opening opening = {way, PROCESS_SECRET, encrypted};
	struct hsm_rsa_key key = key_of(made);

	return hsm_rsa_key_open(session, &key, &opening, ret);
}

static const struct {
	struct rsa_opening way;
	const char *spoilt;
	int result;
} rows[] = {
	/* clang-format off */
	{{RSA_PADDING_PKCS1, 0, 0, {NULL, 0}}, "", 0},
	{{RSA_PADDING_PKCS1, 0, 0, {NULL, 0}}, NO_RAW, 0},
	{{RSA_PADDING_OAEP, DIGEST_SHA1, DIGEST_SHA1, {NULL, 0}}, "", 0},
	{{RSA_PADDING_OAEP, DIGEST_SHA1, DIGEST_SHA1, {NULL, 0}}, NO_RAW, 0},
	{{RSA_PADDING_OAEP, DIGEST_SHA256, DIGEST_SHA1, {(const uint8_t *)"label", 5}}, "", 0},
	/* SoftHSM's own knows SHA-1 alone, and says CKR_ARGUMENTS_BAD */
	{{RSA_PADDING_OAEP, DIGEST_SHA256, DIGEST_SHA256, {NULL, 0}}, NO_RAW, HSM_RSA_KEY_UNABLE},
	{{RSA_PADDING_OAEP, DIGEST_MD5, DIGEST_MD5, {NULL, 0}}, "", 0},
	{{RSA_PADDING_OAEP, DIGEST_MD5, DIGEST_MD5, {NULL, 0}}, NO_RAW, HSM_RSA_KEY_UNABLE},
	{{RSA_PADDING_PKCS1, 0, 0, {NULL, 0}}, NO_RAW "hide-mechanism=0x1\n", HSM_RSA_KEY_UNABLE},
	/* clang-format on */
};

static void every_padding_is_opened_or_refused(void **state)
{
	static const struct span plains[] = {
		SPAN_LITERAL("a"), SPAN_LITERAL("sixteen bytes..."),
		SPAN_LITERAL("a longer content, of so many bytes that no content key has them")};
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(made_done) struct made made = make_key(f, 1, true);

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		softhsm_spoil(&f->softhsm, rows[i].spoilt);
		for (size_t j = 0; j < ELEMENTS(plains); j++) {
			_cleanup_(secret_done) struct secret content = {0};
			uint8_t encrypted[512];
			int r;

			encrypt(&made, &rows[i].way, plains[j], encrypted);
			r = open_it(session, &made, &rows[i].way, SPAN(encrypted, 256), &content);
			if (r != rows[i].result || hsm_session_is_broken(session))
				fail_msg("row %zu: %d", i, r);
			if (r == 0)
				assert_true(span_equal(span_of_secret(content), plains[j]));
		}
	}
}

/* In a session of its own. */
static int open_newly(struct fixture *f, const struct made *made, const struct rsa_opening *way,
		      struct span encrypted, struct secret *ret)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);

	return open_it(session, made, way, encrypted, ret);
}

/* The same other content each time. */
static void wrong_ones(struct fixture *f, const struct made *made, struct span encrypted)
{
	_cleanup_(secret_done) struct secret one = {0}, again = {0}, none = {0};

	assert_int_equal(open_newly(f, made, &pkcs1, encrypted, &one), 0);
	assert_int_equal(open_newly(f, made, &pkcs1, encrypted, &again), 0);
	assert_int_equal(open_newly(f, made, &oaep, encrypted, &none), HSM_RSA_KEY_WRONG);
	assert_true(span_equal(span_of_secret(one), span_of_secret(again)));
}

static void what_is_wrong_is_not_told(void **state)
{
	static const char *const ways[] = {"", NO_RAW};
	struct fixture *f = *state;
	_cleanup_(made_done) struct made made = make_key(f, 1, true);
	uint8_t encrypted[512], large[256];
	struct span modulus, exponent;

	encrypt(&made, &pkcs1, SPAN_LITERAL("sixteen bytes..."), encrypted);
	encrypted[100] ^= 1;
	memset(large, 0xff, sizeof(large));
	assert_int_equal(spki_read(span_of(made.spki), &modulus, &exponent), 0);
	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		softhsm_spoil(&f->softhsm, ways[i]);
		wrong_ones(f, &made, SPAN(encrypted, 256));
		wrong_ones(f, &made, SPAN(encrypted, 255));
		wrong_ones(f, &made, SPAN(encrypted, 0));
		wrong_ones(f, &made, SPAN_ARRAY(large));
		wrong_ones(f, &made, modulus);
	}
}

/* Whoever undoes the padding, what stands for the content is the same: else who can have the token
 * looked at differently learns which it was. */
static void both_ways_give_one_answer(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(made_done) struct made made = make_key(f, 1, true);
	_cleanup_(secret_done) struct secret raw = {0}, padded = {0};
	uint8_t encrypted[512];

	encrypt(&made, &oaep, SPAN_LITERAL("not PKCS#1 v1.5"), encrypted);
	assert_int_equal(open_it(session, &made, &pkcs1, SPAN(encrypted, 256), &raw), 0);
	softhsm_spoil(&f->softhsm, NO_RAW);
	assert_int_equal(open_it(session, &made, &pkcs1, SPAN(encrypted, 256), &padded), 0);
	assert_true(span_equal(span_of_secret(raw), span_of_secret(padded)));
}

static void only_not_now_is_an_error(void **state)
{
	static const struct {
		const char *spoilt;
		int result; /* of PKCS#1 v1.5 */
	} failures[] = {
		{"C_Decrypt answer=0x30\n", -EIO},
		{"C_Decrypt answer=0x32\n", -ENODEV},
		{"C_Decrypt answer=0x101\n", -EACCES},
		{"C_DecryptInit answer=0x82\n", -ESTALE},
		/* Raw RSA has no bad data. */
		{"C_Decrypt answer=0x5\n", -EPROTO},
		{"C_Decrypt answer=0x40\n", 0},
		{NO_RAW "C_Decrypt answer=0x5\n", 0},
		{NO_RAW "C_Decrypt answer=0x6 after\n", 0},
		{NO_RAW "C_Decrypt answer=0x30\n", -EIO},
	};
	struct fixture *f = *state;
	_cleanup_(made_done) struct made made = make_key(f, 1, true);
	uint8_t encrypted[2][512];

	encrypt(&made, &pkcs1, SPAN_LITERAL("sixteen bytes..."), encrypted[0]);
	encrypt(&made, &oaep, SPAN_LITERAL("sixteen bytes..."), encrypted[1]);
	for (size_t i = 0; i < ELEMENTS(failures); i++) {
		for (int j = 0; j < 2; j++) {
			_cleanup_(hsm_session_closep) struct hsm_session *session =
				open_session(f, false);
			_cleanup_(secret_done) struct secret content = {0};

			softhsm_spoil(&f->softhsm, failures[i].spoilt);
			assert_int_equal(open_it(session, &made, j ? &oaep : &pkcs1,
						 SPAN(encrypted[j], 256), &content),
					 failures[i].result || !j ? failures[i].result
								  : HSM_RSA_KEY_WRONG);
			assert_false(span_equal(span_of_secret(content),
						SPAN_LITERAL("sixteen bytes...")));
			assert_true(hsm_session_is_broken(session));
		}
	}
}

static void a_key_that_signs_alone_does_not_open(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(made_done) struct made made = make_key(f, 1, false);
	_cleanup_(secret_done) struct secret content = {0};
	uint8_t encrypted[512];

	encrypt(&made, &pkcs1, SPAN_LITERAL("sixteen bytes..."), encrypted);
	assert_int_equal(open_it(session, &made, &pkcs1, SPAN(encrypted, 256), &content),
			 HSM_RSA_KEY_UNABLE);
	assert_false(hsm_session_is_broken(session));
}

#define ON_TOKEN(test) cmocka_unit_test_setup_teardown(test, start_logged_in, fixture_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_TOKEN(every_padding_is_opened_or_refused),
		ON_TOKEN(what_is_wrong_is_not_told),
		ON_TOKEN(both_ways_give_one_answer),
		ON_TOKEN(only_not_now_is_an_error),
		ON_TOKEN(a_key_that_signs_alone_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
