/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/password.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1700000000)

static void base32_is_rfc_4648s(void **state)
{
	static const struct {
		const char *random, *text;
	} cases[] = {
		{"\0\0\0\0\0\0\0\0\0\0", "AAAAAAAAAAAAAAAA"},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "7777777777777777"},
		{"fooba" /* RFC 4648 §10: MZXW6YTB for "fooba" */
		 "fooba",
		 "MZXW6YTBMZXW6YTB"},
		{"\x00\x44\x32\x14\xc7\x42\x54\xb6\x35\xcf", "ABCDEFGHIJKLMNOP"},
		{"\x84\x65\x3a\x56\xd7\xc6\x75\xbe\x77\xdf", "QRSTUVWXYZ234567"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		char text[PASSWORD_TEXT_SIZE];

		memset(text, '#', sizeof(text));
		password_format((const uint8_t *)cases[i].random, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void the_mac_is_hmac_sha256_in_either_case(void **state)
{
	const struct span key = SPAN_LITERAL("0123456789abcdef0123456789abcdef");
	uint8_t expected[SHA256_SIZE];
	uint8_t mac[SHA256_SIZE];

	(void)state;
	hmac_sha256(key, SPAN_LITERAL("MZXW6YTBMZXW6YTB"), expected);
	password_mac(key, SPAN_LITERAL("MZXW6YTBMZXW6YTB"), mac);
	assert_memory_equal(mac, expected, sizeof(mac));
	password_mac(key, SPAN_LITERAL("mzxw6yTBmzxw6ytb"), mac);
	assert_memory_equal(mac, expected, sizeof(mac));
	password_mac(key, SPAN_LITERAL("MZXW6YTBMZXW6YTA"), mac);
	assert_memory_not_equal(mac, expected, sizeof(mac));
	password_mac(SPAN_LITERAL("another key"), SPAN_LITERAL("MZXW6YTBMZXW6YTB"), mac);
	assert_memory_not_equal(mac, expected, sizeof(mac));

	/* What frames the letters in ASCII, and what a locale might fold, stays as it is. */
	hmac_sha256(key, SPAN_LITERAL("`{@[\xe4\xc4"), expected);
	password_mac(key, SPAN_LITERAL("`{@[\xe4\xc4"), mac);
	assert_memory_equal(mac, expected, sizeof(mac));
}

static void a_longer_challenge_is_not_its_beginning(void **state)
{
	const struct span key = SPAN_LITERAL("key");
	uint8_t text[1000];
	uint8_t mac[2][SHA256_SIZE];

	(void)state;
	memset(text, 'A', sizeof(text));
	for (size_t n = 0; n < 257; n++) {
		password_mac(key, SPAN(text, n), mac[0]);
		password_mac(key, SPAN(text, sizeof(text)), mac[1]);
		assert_memory_not_equal(mac[0], mac[1], SHA256_SIZE);
	}
}

static void the_standing_follows_from_the_record(void **state)
{
	static const struct {
		struct password_record record;
		enum grant_challenge expected;
	} cases[] = {
		{{.found = false}, GRANT_CHALLENGE_UNMATCHED},
		{{.found = false, .used = true, .expires_s = NOW + 1}, GRANT_CHALLENGE_UNMATCHED},
		{{.found = true, .expires_s = NOW + 1}, GRANT_CHALLENGE_LIVE},
		{{.found = true, .expires_s = NOW}, GRANT_CHALLENGE_UNMATCHED},
		{{.found = true, .expires_s = NOW - 1}, GRANT_CHALLENGE_UNMATCHED},
		{{.found = true, .superseded = true, .expires_s = NOW + 1},
		 GRANT_CHALLENGE_UNMATCHED},
		{{.found = true, .for_subject = true, .expires_s = NOW + 1},
		 GRANT_CHALLENGE_UNMATCHED},
		{{.found = true,
		  .for_subject = true,
		  .subject_matches = true,
		  .expires_s = NOW + 1},
		 GRANT_CHALLENGE_LIVE},
		{{.found = true, .subject_matches = false, .expires_s = NOW + 1},
		 GRANT_CHALLENGE_LIVE},
		{{.found = true, .used = true, .expires_s = NOW + 1}, GRANT_CHALLENGE_SPENT},
		{{.found = true, .used = true, .expires_s = NOW - 1}, GRANT_CHALLENGE_SPENT},
		{{.found = true, .used = true, .superseded = true}, GRANT_CHALLENGE_SPENT},
		{{.found = true, .used = true, .for_subject = true, .expires_s = NOW + 1},
		 GRANT_CHALLENGE_SPENT},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		assert_int_equal(password_standing(true, false, &cases[i].record, NOW),
				 cases[i].expected);
}

static void no_challenge_and_an_empty_one_are_the_same(void **state)
{
	const struct password_record live = {.found = true, .expires_s = NOW + 1};

	(void)state;
	assert_int_equal(password_standing(false, true, &live, NOW), GRANT_CHALLENGE_ABSENT);
	assert_int_equal(password_standing(false, false, &live, NOW), GRANT_CHALLENGE_ABSENT);
	assert_int_equal(password_standing(true, true, &live, NOW), GRANT_CHALLENGE_ABSENT);
}

static void lives_are_an_hour_and_at_most_a_day(void **state)
{
	(void)state;
	assert_int_equal(PASSWORD_MINUTES_DEFAULT, 60);
	assert_int_equal(PASSWORD_MINUTES_MAX, 1440);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(base32_is_rfc_4648s),
		cmocka_unit_test(the_mac_is_hmac_sha256_in_either_case),
		cmocka_unit_test(a_longer_challenge_is_not_its_beginning),
		cmocka_unit_test(the_standing_follows_from_the_record),
		cmocka_unit_test(no_challenge_and_an_empty_one_are_the_same),
		cmocka_unit_test(lives_are_an_hour_and_at_most_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
