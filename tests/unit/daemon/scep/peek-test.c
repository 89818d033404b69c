/* SPDX-License-Identifier: Apache-2.0 */
/* The look at a message that nothing was verified of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/scep/peek.h"
#include "tests/unit/daemon/scep/world.h"

static void test_issuer_of_the_signer(void **state)
{
	struct plan plan = plan_usual();
	_cleanup_(bytes_done) struct bytes message = request_new(&plan);
	struct span issuer = scep_peek_issuer(span_of(message));
	uint8_t *wanted = NULL;
	int size = i2d_X509_NAME(X509_get_issuer_name(world.client.certificate), &wanted);

	(void)state;
	assert_int_equal(issuer.size, size);
	assert_memory_equal(issuer.data, wanted, issuer.size);
	OPENSSL_free(wanted);
}

/* Each prefix, to its exact size on the heap, and each octet changed in turn: no more is asked than
 * that it stays inside. */
static void test_anything_else(void **state)
{
	struct plan plan = plan_usual();
	_cleanup_(bytes_done) struct bytes message = request_new(&plan);

	(void)state;
	for (size_t i = 0; i < message.size; i++) {
		_cleanup_(bytes_done) struct bytes cut = {0};
		struct span issuer;

		assert_int_equal(bytes_copy(span_slice(span_of(message), 0, i), &cut), 0);
		assert_int_equal(scep_peek_issuer(span_of(cut)).size, 0);
		message.data[i] ^= 0x55;
		issuer = scep_peek_issuer(span_of(message));
		message.data[i] ^= 0x55;
		assert_true(issuer.size == 0 ||
			    (issuer.data >= message.data &&
			     issuer.data + issuer.size <= message.data + message.size));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_issuer_of_the_signer),
		cmocka_unit_test(test_anything_else),
	};

	return cmocka_run_group_tests(tests, world_make, world_unmake);
}
