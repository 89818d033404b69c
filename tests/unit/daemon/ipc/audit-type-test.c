/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/audit-type.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void each_is_found_by_its_name(void **state)
{
	(void)state;
	for (enum audit_type type = 0; type < AUDIT_TYPE_COUNT_; type++)
		assert_int_equal(audit_type_find(audit_type_describe(type)->name), type);
	assert_int_equal(audit_type_find("certificate"), AUDIT_TYPE_COUNT_);
	assert_int_equal(audit_type_find(""), AUDIT_TYPE_COUNT_);
}

/* Members are words; foreign and written ones agree on what a name looks like. */
static void names_are_two_words_in_lower_case(void **state)
{
	(void)state;
	for (enum audit_type type = 0; type < AUDIT_TYPE_COUNT_; type++) {
		const struct audit_type_row *row = audit_type_describe(type);
		size_t first = strspn(row->name, "abcdefghijklmnopqrstuvwxyz");
		size_t second = strspn(row->name + first + 1, "abcdefghijklmnopqrstuvwxyz-");

		assert_int_equal(row->name[first], '.');
		assert_true(first > 0 && second > 0);
		assert_int_equal(row->name[first + 1 + second], '\0');
		assert_true(strlen(row->help) > 0);
		assert_null(strpbrk(row->details, ",{}\""));
	}
}

static const char *const constants[] = {
#define AUDIT_TYPE(NAME, type, details, help) #NAME,
#include "daemon/ipc/audit-type.def"
};

/* They stand in databases, and scripts ask for them: CERTIFICATE_ISSUE is "certificate.issue". */
static void a_name_follows_from_its_constant(void **state)
{
	(void)state;
	for (enum audit_type type = 0; type < AUDIT_TYPE_COUNT_; type++) {
		const char *name = audit_type_describe(type)->name;
		size_t i = 0;

		for (bool first = true; constants[type][i]; i++) {
			char c = constants[type][i];
			char joint = first ? '.' : '-';

			first = first && c != '_';
			assert_int_equal(name[i], c == '_' ? joint : (char)(c | 0x20));
		}
		assert_int_equal(name[i], '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_by_its_name),
		cmocka_unit_test(names_are_two_words_in_lower_case),
		cmocka_unit_test(a_name_follows_from_its_constant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
