/* SPDX-License-Identifier: Apache-2.0 */
/* GetCACaps as clients compare it, letter by letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/scep/message.h"
#include <string.h>

static void assert_capabilities(struct scep_allowance allowance, const char *wanted)
{
	_cleanup_(buffer_done) struct buffer out = {0};

	scep_append_capabilities(&out, &allowance);
	assert_int_equal(out.error, 0);
	assert_int_equal(out.size, strlen(wanted));
	assert_memory_equal(out.data, wanted, out.size);
}

static void test_capabilities_follow_policy(void **state)
{
	(void)state;
	assert_capabilities((struct scep_allowance){.sha1 = true, .des_ede3 = true},
			    "AES\nDES3\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-1\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
	assert_capabilities((struct scep_allowance){0},
			    "AES\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-256\nSHA-384\n"
			    "SHA-512\nSCEPStandard\n");
	assert_capabilities((struct scep_allowance){.sha1 = true},
			    "AES\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-1\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
	assert_capabilities((struct scep_allowance){.des_ede3 = true},
			    "AES\nDES3\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
}

/* RFC 8894 §2.9: MD5 and DES are let in, never announced. */
static void test_legacy_is_not_announced(void **state)
{
	(void)state;
	assert_capabilities((struct scep_allowance){true, true, true, true},
			    "AES\nDES3\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-1\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capabilities_follow_policy),
		cmocka_unit_test(test_legacy_is_not_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
