/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/checkpoint.h"
#include "daemon/x509/shape.h"
#include "tests/unit/daemon/x509/made.h"

#define ID   "0123456789abcdef"
#define HEAD "0123456789abcdef0123456789abcdef"

static struct bytes build(void)
{
	const struct x509_checkpoint checkpoint = {
		.database = SPAN_LITERAL(ID),
		.number = 3,
		.seq = 300,
		.head = SPAN_LITERAL(HEAD),
		.time_s = 1700000000,
		.previous = SPAN_LITERAL("fedcba9876543210fedcba9876543210"),
	};
	struct bytes der = {0};

	assert_int_equal(x509_checkpoint_build(&checkpoint, &der), 0);
	return der;
}

static void what_is_built_is_read(void **state)
{
	_cleanup_(bytes_done) struct bytes der = build();
	struct x509_checkpoint read;
	struct x509_shape shape;

	(void)state;
	assert_int_equal(x509_checkpoint_read(span_of(der), &read), 0);
	assert_int_equal(read.number, 3);
	assert_int_equal(read.seq, 300);
	assert_int_equal(read.time_s, 1700000000);
	assert_true(span_equal(read.database, SPAN_LITERAL(ID)));
	assert_true(span_equal(read.head, SPAN_LITERAL(HEAD)));
	x509_shape_read(span_of(der), &shape);
	assert_int_equal(shape.kind, X509_SHAPE_CHECKPOINT);
	assert_int_equal(shape.audit_seq, 300);
}

/* A byte changed is another value or none at all, never another shape; a byte more or less is
 * none. */
static void nothing_else_is_read(void **state)
{
	_cleanup_(bytes_done) struct bytes der = build();
	_cleanup_(bytes_done) struct bytes longer = {0};
	struct x509_checkpoint read;
	struct x509_shape shape;

	(void)state;
	for (size_t i = 0; i < der.size; i++) {
		assert_int_equal(x509_checkpoint_read(SPAN(der.data, i), &read), -EBADMSG);
		der.data[i] ^= 1;
		x509_shape_read(span_of(der), &shape);
		assert_true(shape.kind == X509_SHAPE_CHECKPOINT ||
			    shape.kind == X509_SHAPE_UNKNOWN);
		der.data[i] ^= 1;
	}
	der.data[10] ^= 1; /* in its name */
	assert_int_equal(x509_checkpoint_read(span_of(der), &read), -EBADMSG);
	der.data[10] ^= 1;
	assert_int_equal(bytes_new(der.size + 1, &longer), 0);
	memcpy(longer.data, der.data, der.size);
	assert_int_equal(x509_checkpoint_read(span_of(longer), &read), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_built_is_read),
		cmocka_unit_test(nothing_else_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
