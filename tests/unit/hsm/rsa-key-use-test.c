/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/fault.h"
#include "tests/unit/hsm/made-key.h"

#define PKCS1	RSA_PADDING_PKCS1
#define PSS	RSA_PADDING_PSS
#define MESSAGE RSA_INPUT_MESSAGE

/* 0xd: CKM_RSA_PKCS_PSS; 0x3: CKM_RSA_X_509 */
#define NO_PSS "hide-mechanism=0xd\n"
#define NO_RAW "hide-mechanism=0x3\n"

static const struct {
	struct rsa_scheme scheme;
	struct span input;
	const char *spoilt;
	int result;
} rows[] = {
	/* clang-format off */
	{{PKCS1, MESSAGE, DIGEST_SHA256, 0, 0}, SPAN_LITERAL("a message"), "", 0},
	{{PKCS1, MESSAGE, DIGEST_SHA512, 0, 0}, SPAN_LITERAL("a message"), NO_PSS NO_RAW, 0},
	{{PKCS1, RSA_INPUT_DIGEST, DIGEST_SHA1, 0, 0}, SPAN_LITERAL("twenty bytes of this"), "", 0},
	{{PKCS1, RSA_INPUT_BARE, 0, 0, 0}, SPAN_LITERAL("bare"), "", 0},
	{{PSS, MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 32}, SPAN_LITERAL("a message"), "", 0},
	{{PSS, MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 32}, SPAN_LITERAL("a message"), NO_PSS, 0},
	{{PSS, MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 32}, SPAN_LITERAL("a message"), NO_RAW, 0},
	{{PSS, RSA_INPUT_DIGEST, DIGEST_SHA1, DIGEST_SHA1, 0}, SPAN_LITERAL("twenty bytes of this"), "", 0},
	{{PSS, MESSAGE, DIGEST_SHA512, DIGEST_SHA512, 190}, SPAN_LITERAL("a message"), "", 0},
	/* SoftHSM's own wants one digest for both, and says CKR_ARGUMENTS_BAD */
	{{PSS, MESSAGE, DIGEST_SHA256, DIGEST_SHA1, 20}, SPAN_LITERAL("a message"), "", 0},
	{{PSS, MESSAGE, DIGEST_SHA256, DIGEST_SHA1, 20}, SPAN_LITERAL("a message"), NO_RAW, HSM_RSA_KEY_UNABLE},
	/* PKCS#11 has no name for it */
	{{PSS, MESSAGE, DIGEST_MD5, DIGEST_MD5, 16}, SPAN_LITERAL("a message"), "", 0},
	{{PSS, MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 32}, SPAN_LITERAL("a message"), NO_PSS NO_RAW, HSM_RSA_KEY_UNABLE},
	/* clang-format on */
};

static void every_scheme_is_signed_or_refused(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(made_done) struct made made = make_key(f, 1, false);
	struct hsm_rsa_key key = key_of(&made);

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes signature = {0};
		int r;

		softhsm_spoil(&f->softhsm, rows[i].spoilt);
		assert_null(rsa_scheme_find_fault(&rows[i].scheme, 256, rows[i].input.size));
		r = hsm_rsa_key_use(session, &key, &rows[i].scheme, rows[i].input, &signature);
		if (r != rows[i].result || hsm_session_is_broken(session))
			fail_msg("row %zu: %d", i, r);
		if (r == 0)
			assert_int_equal(rsa_scheme_verify(&rows[i].scheme, made.public,
							   rows[i].input, span_of(signature)),
					 0);
	}
}

static const struct rsa_scheme pss = {PSS, MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 32};

static int use_in(struct fixture *f, const struct made *made, const struct rsa_scheme *scheme,
		  bool breaks)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(bytes_done) struct bytes signature = {0};
	struct hsm_rsa_key key = key_of(made);
	int r = hsm_rsa_key_use(session, &key, scheme, SPAN_LITERAL("a message"), &signature);

	assert_int_equal(hsm_session_is_broken(session), breaks);
	assert_int_equal(signature.size, r ? 0 : 256);
	return r;
}

static int use_once(struct fixture *f, const struct made *made, const struct rsa_scheme *scheme)
{
	return use_in(f, made, scheme, false);
}

/* Promises at the beginning what it can't do: it is padded here, and from then on at once. Where
 * the module left the operation active nothing else begins in that session, but in the next. */
static void a_pss_that_is_of_no_use_is_not_used_again(void **state)
{
	static const struct {
		const char *spoilt;
		int result;
	} all[] = {
		{"C_Sign answer=0x5 count=1\n", -ESTALE},
		{"C_Sign answer=0x21 count=1\n", -ESTALE},
		{"C_Sign answer=0x0 count=1\n", -ESTALE},
		{"C_Sign answer=0x5 count=1 after\n", 0},
		/* as OpenSC has it */
		{"C_Sign answer=0xe1 count=1 after\n", 0},
	};

	for (size_t i = 0; i < ELEMENTS(all); i++) {
		struct fixture *f;
		struct made made;
		unsigned calls;

		assert_int_equal(start_logged_in(state), 0);
		f = *state;
		made = make_key(f, 1, false);
		softhsm_spoil(&f->softhsm, all[i].spoilt);
		assert_int_equal(use_in(f, &made, &pss, true), all[i].result);
		calls = softhsm_calls(&f->softhsm, "C_Sign");
		assert_int_equal(use_once(f, &made, &pss), 0);
		assert_int_equal(softhsm_calls(&f->softhsm, "C_Sign"), calls + 1);
		/* By raw RSA alone, while there is such. */
		softhsm_spoil(&f->softhsm, NO_PSS);
		assert_int_equal(use_once(f, &made, &pss), 0);
		softhsm_spoil(&f->softhsm, NO_RAW);
		assert_int_equal(use_once(f, &made, &pss), 0);
		made_done(&made);
		assert_int_equal(fixture_stop(state), 0);
	}
}

static void failures_of_the_token_are_not_now(void **state)
{
	static const struct {
		const char *spoilt;
		int result;
	} failures[] = {
		{"C_Sign answer=0x30 after\n", -EIO},
		{"C_Sign answer=0x32 after\n", -ENODEV},
		{"C_Sign answer=0x101 after\n", -EACCES},
		{"C_SignInit answer=0xb3\n", -ESTALE},
		{"C_SignInit answer=0x30\n", -EIO},
		{"C_GetMechanismInfo answer=0xe0\n", -ENODEV},
	};
	static const struct rsa_scheme pkcs1 = {PKCS1, MESSAGE, DIGEST_SHA256, 0, 0};
	struct fixture *f = *state;
	_cleanup_(made_done) struct made made = make_key(f, 1, false);

	for (size_t i = 0; i < ELEMENTS(failures); i++) {
		softhsm_spoil(&f->softhsm, failures[i].spoilt);
		assert_int_equal(use_in(f, &made, &pkcs1, true), failures[i].result);
		assert_int_equal(use_in(f, &made, &pss, true), failures[i].result);
	}
	/* Says that it signed, and did not. */
	softhsm_spoil(&f->softhsm, "C_Sign answer=0x0\n");
	assert_int_equal(use_in(f, &made, &pkcs1, true), -EBADMSG);
	softhsm_spoil(&f->softhsm, "");
	assert_int_equal(use_once(f, &made, &pkcs1), 0);
}

static void a_key_that_is_not_there_is_absent(void **state)
{
	struct fixture *f = *state;
	_cleanup_(made_done) struct made made = make_key(f, 1, false);
	_cleanup_(made_done) struct made other = make_key(f, 2, false);

	memcpy(other.id, made.id, sizeof(other.id));
	assert_int_equal(use_once(f, &other, &pss), HSM_RSA_KEY_ABSENT);
}

/* Its PIN would have to be typed for each signature, and nobody is there to do it. */
static void a_key_that_wants_the_pin_for_each_use_is_no_key(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = NULL;
	_cleanup_(bytes_done) struct bytes spki = {0};
	const struct hsm_rsa_order order = {
		.bits = 2048, .id = SPAN_LITERAL("A"), .label = "x", .decrypts = true};
	const char *why = NULL;

	assert_int_equal(system("pkcs11-tool --module " SOFTHSM_MODULE
				" --token-label ca --login --pin 1234 --keypairgen --key-type "
				"rsa:2048 --id 41 --label x --sensitive --always-auth >/dev/null"),
			 0);
	session = open_session(f, true);
	assert_int_equal(hsm_rsa_key_confirm(session, &order, &spki, &why), HSM_RSA_KEY_UNFIT);
	assert_string_equal(why, "the token wants the PIN anew for each use of it");
	bytes_done(&spki);
	assert_int_equal(hsm_rsa_key_read(session, order.id, &spki), HSM_RSA_KEY_ABSENT);
}

#define ON_TOKEN(test) cmocka_unit_test_setup_teardown(test, start_logged_in, fixture_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_TOKEN(every_scheme_is_signed_or_refused),
		cmocka_unit_test(a_pss_that_is_of_no_use_is_not_used_again),
		ON_TOKEN(failures_of_the_token_are_not_now),
		ON_TOKEN(a_key_that_is_not_there_is_absent),
		ON_TOKEN(a_key_that_wants_the_pin_for_each_use_is_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
