/* SPDX-License-Identifier: Apache-2.0 */
/* Algorithm identifiers, byte for byte. */
#include "hsm/provider/algorithm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SHA256_OID "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define PSS_OID	   "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define MGF1_OID   "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"

static void they_are_der(void **state)
{
	static const struct {
		struct rsa_scheme scheme;
		struct span der;
	} rows[] = {
		{{RSA_PADDING_PKCS1, RSA_INPUT_MESSAGE, DIGEST_SHA256, DIGEST_NONE, 0},
		 SPAN_LITERAL("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00")},
		{{RSA_PADDING_PSS, RSA_INPUT_MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 32},
		 SPAN_LITERAL("\x30\x41" PSS_OID "\x30\x34\xa0\x0f\x30\x0d" SHA256_OID
			      "\x05\x00\xa1\x1c\x30\x1a" MGF1_OID "\x30\x0d" SHA256_OID
			      "\x05\x00\xa2\x03\x02\x01\x20")},
		/* all as it is by default */
		{{RSA_PADDING_PSS, RSA_INPUT_MESSAGE, DIGEST_SHA1, DIGEST_SHA1, 20},
		 SPAN_LITERAL("\x30\x0d" PSS_OID "\x30\x00")},
		{{RSA_PADDING_PSS, RSA_INPUT_MESSAGE, DIGEST_SHA1, DIGEST_SHA1, 222},
		 SPAN_LITERAL("\x30\x13" PSS_OID "\x30\x06\xa2\x04\x02\x02\x00\xde")},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes der = {0};

		assert_int_equal(prov_algorithm_write(&rows[i].scheme, &der), 0);
		assert_true(span_equal(span_of(der), rows[i].der));
		assert_true(der.size <= 128);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(they_are_der)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
