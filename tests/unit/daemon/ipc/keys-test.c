/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers and names are in files and on sockets: they stay as they are. */
#include "daemon/ipc/keys.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	const char *(*name)(int number);
	int (*find)(struct span name);
	int number;
	const char *text;
} rows[] = {
	{key_usage_name, key_usage_find, 1, "general"},
	{key_usage_name, key_usage_find, 2, "signature"},
	{key_usage_name, key_usage_find, 3, "encryption"},
	{key_exportable_name, key_exportable_find, 1, "no"},
	{key_exportable_name, key_exportable_find, 2, "yes"},
	{key_exportable_name, key_exportable_find, 3, "once"},
	{key_form_name, key_form_find, 1, "aes"},
	{key_form_name, key_form_find, 2, "3des"},
	{key_form_name, key_form_find, 3, "des"},
	{key_form_name, key_form_find, 4, "pkcs12"},
	{key_form_name, key_form_find, 5, "pem"},
};

static void numbers_and_names_are_for_ever(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		assert_string_equal(rows[i].name(rows[i].number), rows[i].text);
		assert_int_equal(rows[i].find(span_of_text(rows[i].text)), rows[i].number);
	}
	assert_string_equal(key_usage_name(0), "unknown");
	assert_int_equal(key_form_find(SPAN_LITERAL("rot13")), 0);
	assert_string_equal(key_usage_words(KEY_USAGE_SIGNATURE), "Signature Key");
	assert_string_equal(key_exportable_words(KEY_EXPORTABLE_NEVER), "Key is not exportable.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_and_names_are_for_ever)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
