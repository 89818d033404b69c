/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/oid.h"
#include <openssl/objects.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void rows_agree_with_openssl(void **state)
{
	(void)state;
	for (unsigned i = OID_UNKNOWN + 1; i < OID_COUNT_; i++) {
		ASN1_OBJECT *object = OBJ_txt2obj(oid_dotted((enum oid)i), 1);
		struct span content = oid_content((enum oid)i);
		_cleanup_(buffer_done) struct buffer dotted = {0};

		assert_non_null(object);
		assert_true(span_equal(content, SPAN(OBJ_get0_data(object), OBJ_length(object))));
		oid_append_dotted(&dotted, content);
		assert_true(
			span_equal(span_of_buffer(&dotted), span_of_text(oid_dotted((enum oid)i))));
		ASN1_OBJECT_free(object);
	}
}

static void each_is_found_again(void **state)
{
	(void)state;
	for (unsigned i = OID_UNKNOWN + 1; i < OID_COUNT_; i++) {
		assert_int_equal(oid_find(oid_content((enum oid)i)), i);
	}
}

static void unknown_ones(void **state)
{
	(void)state;
	assert_int_equal(oid_find((struct span){0}), OID_UNKNOWN);
	assert_int_equal(oid_find(SPAN_LITERAL("\x55\x04")), OID_UNKNOWN);
	assert_int_equal(oid_find(SPAN_LITERAL("\x55\x04\x03\x00")), OID_UNKNOWN);
	assert_string_equal(oid_name(OID_UNKNOWN), "unknown");
}

struct dotted_row {
	struct span content;
	const char *dotted;
};

static void dotted_of_foreign_ones(void **state)
{
	static const struct dotted_row rows[] = {
		{SPAN_LITERAL("\x00"), "0.0"},
		{SPAN_LITERAL("\x27"), "0.39"},
		{SPAN_LITERAL("\x28"), "1.0"},
		{SPAN_LITERAL("\x4f"), "1.39"},
		{SPAN_LITERAL("\x50"), "2.0"},
		{SPAN_LITERAL("\x88\x37\x01"), "2.999.1"},
		{SPAN_LITERAL("\x2a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
		 "1.2.9223372036854775807"},
		{SPAN_LITERAL(""), "?"},
		{SPAN_LITERAL("\x2a\x80\x01"), "?"}, /* a leading zero group */
		{SPAN_LITERAL("\x80\x01"), "?"},
		{SPAN_LITERAL("\x2a\x81"), "?"},				     /* cut off */
		{SPAN_LITERAL("\x2a\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00"), "?"}, /* 2^63 */
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(freep) char *text = NULL;
		struct buffer out = {0};

		oid_append_dotted(&out, rows[i].content);
		assert_int_equal(buffer_take_text(&out, &text), 0);
		assert_string_equal(text, rows[i].dotted);
	}
}

static void written(void **state)
{
	_cleanup_(bytes_done) struct bytes der = {0};
	struct der_writer w = {0};
	const struct span wanted =
		SPAN_LITERAL("\x06\x03\x55\x04\x03"
			     "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"
			     "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01");

	(void)state;
	der_put_oid(&w, OID_COMMON_NAME);
	der_put_algorithm(&w, OID_SHA256, true);
	der_put_algorithm(&w, OID_SHA256, false);
	assert_int_equal(der_finish(&w, &der), 0);
	assert_true(span_equal(span_of(der), wanted));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_agree_with_openssl),
		cmocka_unit_test(each_is_found_again),
		cmocka_unit_test(unknown_ones),
		cmocka_unit_test(dotted_of_foreign_ones),
		cmocka_unit_test(written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
