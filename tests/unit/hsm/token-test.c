/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/token.h"
#include "tests/unit/hsm/fixture.h"

static void a_missing_module_is_an_outcome_with_advice(void **state)
{
	struct hsm_module *module = NULL;
	_cleanup_(freep) char *missing = NULL, *alien = NULL;

	(void)state;
	assert_int_equal(hsm_module_open("/nonexistent/module.so", &module, &missing),
			 HSM_MODULE_UNUSABLE);
	assert_non_null(strstr(missing, "correct Module="));
	assert_int_equal(hsm_module_open("libm.so.6", &module, &alien), HSM_MODULE_UNUSABLE);
	assert_non_null(strstr(alien, "no PKCS#11 module"));
	assert_null(module);
}

static void a_module_that_does_not_start_is_an_outcome(void **state)
{
	struct softhsm softhsm;
	struct hsm_module *module = NULL;
	_cleanup_(freep) char *reason = NULL;

	(void)state;
	softhsm_start(&softhsm);
	softhsm_spoil(&softhsm, "C_Initialize answer=0x30\n");
	assert_int_equal(hsm_module_open(softhsm.fault_module, &module, &reason),
			 HSM_MODULE_UNUSABLE);
	assert_non_null(strstr(reason, "CKR_DEVICE_ERROR"));
	softhsm_stop(&softhsm);
}

static void facts_are_the_tokens_own(void **state)
{
	struct fixture *f = *state;
	struct hsm_token_facts facts;

	assert_int_equal(hsm_token_read_facts(f->token, &facts), 0);
	assert_string_equal(facts.slot.label, "ca");
	assert_string_equal(facts.slot.manufacturer, "SoftHSM project");
	assert_int_equal(strlen(facts.slot.serial), 16);
	assert_true(facts.slot.initialised && facts.login_required && facts.makes_keys);
	assert_true(facts.pin_set);
	assert_false(facts.pin_locked || facts.pin_final_try || facts.pin_pad);
	assert_in_range(facts.least_bits, 512, 2048);
	assert_in_range(facts.most_bits, 4096, 16384);
}

static void login_is_asked_of_the_token(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(hsm_token_check_login(f->token), -EACCES);
	assert_int_equal(hsm_token_login(f->token, SPAN_LITERAL("4321")), HSM_LOGIN_WRONG_PIN);
	assert_int_equal(hsm_token_check_login(f->token), -EACCES);
	assert_int_equal(hsm_token_login(f->token, PIN), 0);
	assert_int_equal(hsm_token_check_login(f->token), 0);
	/* Logged in already: the PIN isn't even looked at. */
	assert_int_equal(hsm_token_login(f->token, SPAN_LITERAL("4321")), 0);
}

static void closing_logs_out(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(hsm_token_login(f->token, PIN), 0);
	f->token = hsm_token_close(f->token);
	fixture_open(f);
	assert_int_equal(hsm_token_check_login(f->token), -EACCES);
}

static const struct {
	const char *spoilt;
	bool pad;
	int outcome;
	unsigned tries;
	const char *advice;
} logins[] = {
	/* clang-format off */
	{"token-flags=0x20000\n", false, HSM_LOGIN_LAST_TRY, 0, "would lock the token"},
	{"token-flags=0x40000\n", false, HSM_LOGIN_LOCKED, 0, "SO PIN"},
	{"", true, HSM_LOGIN_NO_PAD, 0, "no PIN pad"},
	{"C_Login answer=0xa4\n", false, HSM_LOGIN_LOCKED, 1, "SO PIN"},
	{"C_Login answer=0xa3\n", false, HSM_LOGIN_EXPIRED, 1, "changed first"},
	{"C_Login answer=0x102\n", false, HSM_LOGIN_NO_PIN_SET, 1, "no user PIN"},
	{"C_Login answer=0xa2\n", false, HSM_LOGIN_WRONG_PIN, 1, "not tried again"},
	{"C_Login answer=0x30\n", false, -EIO, 1, NULL},
	{"C_Login answer=0x32\n", false, -ENODEV, 1, NULL},
	{"C_Login answer=0x100\n", false, 0, 1, NULL},
	/* Few tries left, but more than one. */
	{"token-flags=0x10000\n", false, 0, 1, NULL},
	/* clang-format on */
};

static void a_pin_is_used_with_care(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ELEMENTS(logins); i++) {
		unsigned before = softhsm_calls(&f->softhsm, "C_Login");
		int r;

		f->token = hsm_token_close(f->token);
		softhsm_spoil(&f->softhsm, "");
		fixture_open(f);
		softhsm_spoil(&f->softhsm, logins[i].spoilt);
		r = hsm_token_login(f->token, logins[i].pad ? (struct span){0} : PIN);
		assert_int_equal(r, logins[i].outcome);
		assert_int_equal(softhsm_calls(&f->softhsm, "C_Login") - before, logins[i].tries);
		if (logins[i].advice)
			assert_non_null(strstr(hsm_login_advice((enum hsm_login_outcome)r),
					       logins[i].advice));
	}
	softhsm_spoil(&f->softhsm, "");
}

static void a_token_that_left_is_noticed(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_slots_done) struct hsm_slots slots = {0};
	struct hsm_token_facts facts;

	assert_int_equal(hsm_token_login(f->token, PIN), 0);
	softhsm_spoil(&f->softhsm, "absent\n");
	assert_int_equal(hsm_token_read_facts(f->token, &facts), -ENODEV);
	assert_int_equal(hsm_token_check_login(f->token), -ENODEV);
	f->token = hsm_token_close(f->token);
	assert_int_equal(hsm_module_list(f->module, &slots), 0);
	assert_int_equal(slots.n, 0);
	softhsm_spoil(&f->softhsm, "");
	fixture_open(f);
	assert_int_equal(hsm_token_check_login(f->token), -EACCES);
	assert_int_equal(hsm_token_login(f->token, PIN), 0);
}

static void a_token_without_rsa_is_an_outcome(void **state)
{
	struct fixture *f = *state;
	struct hsm_token *token = NULL;
	struct hsm_slot slot;

	f->token = hsm_token_close(f->token);
	slot = fixture_pick(f, "pkcs11:token=ca");
	softhsm_spoil(&f->softhsm, "hide-mechanism=0x1\n");
	assert_int_equal(hsm_token_open(f->module, &slot, &token), HSM_TOKEN_NO_RSA);
	assert_null(token);
	softhsm_spoil(&f->softhsm, "");
	fixture_open(f);
}

static void an_initialised_token_is_never_wiped(void **state)
{
	struct fixture *f = *state;
	unsigned before = softhsm_calls(&f->softhsm, "C_InitToken");
	struct hsm_slot slot;

	f->token = hsm_token_close(f->token);
	slot = fixture_pick(f, "pkcs11:token=ca");
	assert_int_equal(hsm_token_init(f->module, &slot, SO_PIN, "new", false), HSM_INIT_REFUSED);
	assert_int_equal(softhsm_calls(&f->softhsm, "C_InitToken"), before);
	/* Nor with the last try, nor by the wrong SO PIN, where it was meant. */
	softhsm_spoil(&f->softhsm, "token-flags=0x200000\n");
	assert_int_equal(hsm_token_init(f->module, &slot, SO_PIN, "new", true), HSM_INIT_LAST_TRY);
	softhsm_spoil(&f->softhsm, "token-flags=0x400000\n");
	assert_int_equal(hsm_token_init(f->module, &slot, SO_PIN, "new", true), HSM_INIT_REFUSED);
	assert_int_equal(softhsm_calls(&f->softhsm, "C_InitToken"), before);
	softhsm_spoil(&f->softhsm, "");
	assert_int_equal(hsm_token_init(f->module, &slot, SPAN_LITERAL("00000000"), "new", true),
			 HSM_INIT_REFUSED);
	/* Its label and PIN are what they were. */
	assert_int_equal(hsm_token_set_pin(f->module, &slot, SPAN_LITERAL("00000000"), PIN),
			 HSM_INIT_REFUSED);
	fixture_open(f);
	assert_int_equal(hsm_token_login(f->token, PIN), 0);
}

static void a_module_can_be_loaded_again(void **state)
{
	struct fixture *f = *state;
	_cleanup_(freep) char *reason = NULL;

	f->token = hsm_token_close(f->token);
	f->module = hsm_module_close(f->module);
	assert_int_equal(hsm_module_open(f->softhsm.fault_module, &f->module, &reason), 0);
	fixture_open(f);
	assert_int_equal(hsm_token_login(f->token, PIN), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_module_is_an_outcome_with_advice),
		cmocka_unit_test(a_module_that_does_not_start_is_an_outcome),
		cmocka_unit_test_setup_teardown(facts_are_the_tokens_own, fixture_start,
						fixture_stop),
		cmocka_unit_test_setup_teardown(login_is_asked_of_the_token, fixture_start,
						fixture_stop),
		cmocka_unit_test_setup_teardown(closing_logs_out, fixture_start, fixture_stop),
		cmocka_unit_test_setup_teardown(a_pin_is_used_with_care, fixture_start,
						fixture_stop),
		cmocka_unit_test_setup_teardown(a_token_that_left_is_noticed, fixture_start,
						fixture_stop),
		cmocka_unit_test_setup_teardown(a_token_without_rsa_is_an_outcome, fixture_start,
						fixture_stop),
		cmocka_unit_test_setup_teardown(an_initialised_token_is_never_wiped, fixture_start,
						fixture_stop),
		cmocka_unit_test_setup_teardown(a_module_can_be_loaded_again, fixture_start,
						fixture_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
