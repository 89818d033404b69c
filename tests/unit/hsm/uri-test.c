/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/uri.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text;
	const char *token, *serial, *manufacturer, *model; /* NULL: any */
} good[] = {
	/* clang-format off */
	{"pkcs11:", NULL, NULL, NULL, NULL},
	{"pkcs11:token=ca", "ca", NULL, NULL, NULL},
	{"pkcs11:token=", "", NULL, NULL, NULL},
	{"pkcs11:token=ca;serial=0123", "ca", "0123", NULL, NULL},
	{"pkcs11:serial=0123;token=ca", "ca", "0123", NULL, NULL},
	{"pkcs11:manufacturer=SoftHSM%20project;model=SoftHSM%20v2", NULL, NULL, "SoftHSM project", "SoftHSM v2"},
	{"pkcs11:token=%c3%a4%3B%3d", "\xc3\xa4;=", NULL, NULL, NULL},
	{"pkcs11:token=a=b", "a=b", NULL, NULL, NULL},
	{"pkcs11:token=12345678901234567890123456789012", "12345678901234567890123456789012", NULL, NULL, NULL},
	/* clang-format on */
};

static void same(const char *got, const char *wanted)
{
	assert_int_equal(!got, !wanted);
	if (wanted)
		assert_string_equal(got, wanted);
}

static void good_ones_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(good); i++) {
		_cleanup_(hsm_uri_done) struct hsm_uri uri = {0};
		_cleanup_(freep) char *reason = NULL;

		assert_int_equal(hsm_uri_read(good[i].text, &uri, &reason), 0);
		assert_null(reason);
		same(uri.token, good[i].token);
		same(uri.serial, good[i].serial);
		same(uri.manufacturer, good[i].manufacturer);
		same(uri.model, good[i].model);
	}
}

static const struct {
	const char *text, *says;
} bad[] = {
	{"", "begins with pkcs11:"},
	{"token=ca", "begins with pkcs11:"},
	{"PKCS11:token=ca", "begins with pkcs11:"},
	{"pkcs11:token", "name=value"},
	{"pkcs11:token=ca;", NULL},
	{"pkcs11:token=ca;;serial=1", "name=value"},
	{"pkcs11:token=ca;token=ca", "twice"},
	{"pkcs11:object=key", "name a token"},
	{"pkcs11:slot-id=3", "name a token"},
	{"pkcs11:library-version=3", "name a token"},
	{"pkcs11:token=ca?pin-value=1234", "after ?"},
	{"pkcs11:token=%", "two hex digits"},
	{"pkcs11:token=%4", "two hex digits"},
	{"pkcs11:token=%4g", "two hex digits"},
	{"pkcs11:token=a%00b", "two hex digits"},
	{"pkcs11:token=123456789012345678901234567890123", "longer"},
	{"pkcs11:serial=12345678901234567", "longer"},
};

static void bad_ones_are_refused_with_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		_cleanup_(hsm_uri_done) struct hsm_uri uri = {0};
		_cleanup_(freep) char *reason = NULL;
		int r = hsm_uri_read(bad[i].text, &uri, &reason);

		if (!bad[i].says) {
			assert_int_equal(r, 0);
			continue;
		}
		assert_int_equal(r, HSM_URI_MALFORMED);
		assert_non_null(strstr(reason, bad[i].says));
		assert_null(uri.token);
	}
}

static struct hsm_slot tokens[] = {
	{.id = 1, .initialised = true, .label = "ca", .serial = "01", .model = "A"},
	{.id = 2, .initialised = true, .label = "ca", .serial = "02", .model = "A"},
	{.id = 3, .initialised = true, .label = "ra", .serial = "02", .model = "B"},
	{.id = 4, .initialised = false, .label = "", .serial = "", .model = "A"},
	{.id = 5, .initialised = true, .label = "a\nb", .serial = "05", .model = "C"},
};

static const struct {
	const char *text;
	int outcome;
	unsigned long id;
} picks[] = {
	{"pkcs11:token=ra", 0, 3},
	{"pkcs11:token=ca", HSM_URI_AMBIGUOUS, 0},
	{"pkcs11:token=ca;serial=02", 0, 2},
	{"pkcs11:serial=02", HSM_URI_AMBIGUOUS, 0},
	{"pkcs11:serial=02;model=B", 0, 3},
	{"pkcs11:token=CA", HSM_URI_ABSENT, 0},
	{"pkcs11:token=", HSM_URI_ABSENT, 0},
	{"pkcs11:token=c", HSM_URI_ABSENT, 0},
	{"pkcs11:token=ca;model=B", HSM_URI_ABSENT, 0},
	{"pkcs11:", HSM_URI_AMBIGUOUS, 0},
};

static void exactly_one_token_is_picked(void **state)
{
	const struct hsm_slots slots = {tokens, ELEMENTS(tokens)};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(picks); i++) {
		_cleanup_(hsm_uri_done) struct hsm_uri uri = {0};
		_cleanup_(freep) char *reason = NULL;
		const struct hsm_slot *slot = NULL;

		assert_int_equal(hsm_uri_read(picks[i].text, &uri, &reason), 0);
		assert_int_equal(hsm_uri_pick(&uri, &slots, &slot, &reason), picks[i].outcome);
		assert_int_equal(slot ? slot->id : 0, picks[i].id);
		assert_int_equal(!reason, picks[i].outcome == 0);
	}
}

static void the_reason_lists_what_is_there(void **state)
{
	const struct hsm_slots slots = {tokens, ELEMENTS(tokens)};
	_cleanup_(hsm_uri_done) struct hsm_uri uri = {0};
	_cleanup_(freep) char *reason = NULL;
	const struct hsm_slot *slot = NULL;

	(void)state;
	assert_int_equal(hsm_uri_read("pkcs11:serial=77", &uri, &reason), 0);
	assert_int_equal(hsm_uri_pick(&uri, &slots, &slot, &reason), HSM_URI_ABSENT);
	assert_non_null(strstr(reason, "no token matches pkcs11:serial=77"));
	assert_non_null(strstr(reason, "token=ca (serial=01"));
	assert_non_null(strstr(reason, "token=ra (serial=02"));
	assert_non_null(strstr(reason, "not initialised"));
	/* What a token says of itself is foreign text. */
	assert_non_null(strstr(reason, "token=a\\x0ab"));
}

static void no_token_at_all_is_said_plainly(void **state)
{
	_cleanup_(freep) char *reason = NULL;
	const struct hsm_slot *slot = NULL;
	struct hsm_uri any = {0};

	(void)state;
	assert_int_equal(hsm_uri_pick(&any, &(struct hsm_slots){0}, &slot, &reason),
			 HSM_URI_ABSENT);
	assert_non_null(strstr(reason, "there is no token at all"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_are_read),
		cmocka_unit_test(bad_ones_are_refused_with_a_reason),
		cmocka_unit_test(exactly_one_token_is_picked),
		cmocka_unit_test(the_reason_lists_what_is_there),
		cmocka_unit_test(no_token_at_all_is_said_plainly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
