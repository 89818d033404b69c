/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/trust.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void each_fault_has_its_sentence(void **state)
{
	(void)state;
	assert_string_equal(trustpoint_fault_text(TRUSTPOINT_FAULT_NONE), "");
	for (enum trustpoint_fault fault = 1; fault <= TRUSTPOINT_FAULT_NOT_YET; fault++)
		assert_true(strlen(trustpoint_fault_text(fault)) > 20);
	assert_non_null(strstr(trustpoint_fault_text(TRUSTPOINT_FAULT_CA_ENDED), "expired"));
	assert_non_null(strstr(trustpoint_fault_text(TRUSTPOINT_FAULT_ISSUER), "authenticate"));
	assert_string_equal(trustpoint_fault_text(TRUSTPOINT_FAULT_NOT_YET + 1), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_has_its_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
