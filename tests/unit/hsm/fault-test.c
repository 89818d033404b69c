/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/fault.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <p11-kit/pkcs11.h>

/* What the layers above go by: each class has its own way back. */
static const struct {
	unsigned long rv;
	const char *name; /* NULL: outside PKCS#11 */
	int error;
} rows[] = {
	{CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", -ENODEV},
	{CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", -ENODEV},
	{CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", -ENODEV},
	{CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID", -ENODEV},
	{CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED", -ENODEV},
	{CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", -EACCES},
	{CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", -ESTALE},
	{CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", -ESTALE},
	{CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", -ESTALE},
	{CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", -ESTALE},
	{CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE", -ESTALE},
	{CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED", -ESTALE},
	{CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", -ENOSPC},
	{CKR_HOST_MEMORY, "CKR_HOST_MEMORY", -ENOMEM},
	{CKR_SESSION_COUNT, "CKR_SESSION_COUNT", -EMFILE},
	{CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED", -EROFS},
	{CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", -EOPNOTSUPP},
	{CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED", -EOPNOTSUPP},
	{CKR_KEY_SIZE_RANGE, "CKR_KEY_SIZE_RANGE", -EOPNOTSUPP},
	{CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID", -EOPNOTSUPP},
	{CKR_ENCRYPTED_DATA_INVALID, "CKR_ENCRYPTED_DATA_INVALID", -EBADMSG},
	{CKR_ENCRYPTED_DATA_LEN_RANGE, "CKR_ENCRYPTED_DATA_LEN_RANGE", -EBADMSG},
	{CKR_DATA_INVALID, "CKR_DATA_INVALID", -EBADMSG},
	{CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR", -EPROTO},
	{CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", -EPROTO},
	{CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", -EIO},
	{CKR_VENDOR_DEFINED + 1, NULL, -EIO},
	{0x7777, NULL, -EIO},
};

static void each_value_has_its_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const char *name = hsm_fault_name(rows[i].rv);

		assert_int_equal(hsm_fault_errno(rows[i].rv), rows[i].error);
		assert_int_equal(!name, !rows[i].name);
		if (name)
			assert_string_equal(name, rows[i].name);
	}
}

/* No value, known or not, may come out as success or as an outcome. */
static void no_value_is_a_success(void **state)
{
	(void)state;
	for (unsigned long rv = 1; rv < 0x400; rv++)
		assert_true(hsm_fault_errno(rv) < 0);
}

static void the_last_fault_is_kept_for_people(void **state)
{
	char text[96];

	(void)state;
	assert_string_equal(hsm_fault_text(text), "");
	assert_int_equal(hsm_failed("C_Sign", CKR_DEVICE_ERROR), -EIO);
	assert_string_equal(hsm_fault_text(text), "C_Sign: CKR_DEVICE_ERROR");
	assert_int_equal(hsm_failed("C_Login", 0x80000001), -EIO);
	assert_non_null(strstr(hsm_fault_text(text), "C_Login: error 0x80000001"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_fault_is_kept_for_people),
		cmocka_unit_test(each_value_has_its_meaning),
		cmocka_unit_test(no_value_is_a_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
