/* SPDX-License-Identifier: Apache-2.0 */
/* claviger://NAME, as a program opens it. */
#include "service.h"

static void a_name_gives_its_key(void **state)
{
	EVP_PKEY *pkey;

	(void)state;
	pkey = pkey_of_uri("claviger://" NAME);
	assert_non_null(pkey);
	assert_int_equal(EVP_PKEY_is_a(pkey, "RSA"), 1);
	assert_int_equal(EVP_PKEY_eq(pkey, service.software), 1);
	EVP_PKEY_free(pkey);
	pkey = pkey_of_uri("claviger:" NAME);
	assert_non_null(pkey);
	EVP_PKEY_free(pkey);
}

static void what_gives_none(void **state)
{
	static const struct {
		const char *uri, *error;
	} rows[] = {
		{"claviger://", "not a claviger URI"},
		{"claviger:", "not a claviger URI"},
		{"claviger:///" NAME, "not a claviger URI"},
		{"claviger://another", "no such key"},
		{"claviger://another", "another: no such key here"},
		{"claviger://a\x1b[2Jb", "a\\x1b[2Jb: "}, /* errors are shown at terminals */
		{"claviger://\xff", "impossible with this key"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		assert_null(pkey_of_uri(rows[i].uri));
		assert_true(last_error_says(rows[i].error));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_gives_its_key),
		cmocka_unit_test(what_gives_none),
	};

	return cmocka_run_group_tests(tests, service_start, service_stop);
}
