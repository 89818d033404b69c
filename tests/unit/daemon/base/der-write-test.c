/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/der.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(struct der_writer *w, struct span wanted)
{
	_cleanup_(bytes_done) struct bytes der = {0};

	assert_int_equal(der_finish(w, &der), 0);
	assert_int_equal(der.size, wanted.size);
	assert_memory_equal(der.data, wanted.data, wanted.size);
	assert_null(w->out.data);
	assert_int_equal(w->depth, 0);
}

static void nested(void **state)
{
	struct der_writer w = {0};

	(void)state;
	der_begin(&w, DER_SEQUENCE);
	der_put_unsigned(&w, 5);
	der_begin(&w, DER_CONTEXT_CONSTRUCTED(0));
	der_put_boolean(&w, true);
	der_put_boolean(&w, false);
	der_end(&w);
	der_put_null(&w);
	der_put_raw(&w, SPAN_LITERAL("\x04\x01x"));
	der_end(&w);
	expect(&w, SPAN_LITERAL("\x30\x10\x02\x01\x05\xa0\x06\x01\x01\xff\x01\x01\x00"
				"\x05\x00\x04\x01x"));
}

static void long_contents_move_up(void **state)
{
	_cleanup_(bytes_done) struct bytes der = {0};
	struct der_writer w = {0};
	struct der_item item;

	(void)state;
	der_begin(&w, DER_SEQUENCE);
	der_begin(&w, DER_SEQUENCE);
	for (unsigned i = 0; i < 100000; i++)
		der_put_unsigned(&w, i & 0x7f);
	der_end(&w);
	der_put_null(&w);
	der_end(&w);
	assert_int_equal(der_finish(&w, &der), 0);
	assert_int_equal(der_only(span_of(der), DER_SEQUENCE, &item), 0);
	assert_int_equal(item.content.size, 5 + 300000 + 2);
	assert_memory_equal(item.content.data, "\x30\x83\x04\x93\xe0\x02\x01\x00\x02\x01\x01", 11);
	assert_memory_equal(item.content.data + 300005, "\x05\x00", 2);
}

static void integers(void **state)
{
	struct der_writer w = {0};

	(void)state;
	der_put_unsigned(&w, 0);
	der_put_unsigned(&w, 127);
	der_put_unsigned(&w, 128);
	der_put_unsigned(&w, UINT64_MAX);
	der_put_magnitude(&w, SPAN_LITERAL("\x00\x00\x01\x00"));
	der_put_magnitude(&w, SPAN_LITERAL("\x00\x80"));
	der_put_magnitude(&w, (struct span){0});
	expect(&w, SPAN_LITERAL("\x02\x01\x00\x02\x01\x7f\x02\x02\x00\x80"
				"\x02\x09\x00\xff\xff\xff\xff\xff\xff\xff\xff"
				"\x02\x02\x01\x00\x02\x02\x00\x80\x02\x01\x00"));
}

static void integers_come_back(void **state)
{
	(void)state;
	srandom(2);
	for (unsigned round = 0; round < 2000; round++) {
		_cleanup_(bytes_done) struct bytes der = {0};
		uint64_t wanted = ((uint64_t)random() << 33 ^ (uint64_t)random() << 11 ^
				   (uint64_t)random()) >>
				  (random() % 64);
		struct der_writer w = {0};
		struct der_item item;
		uint64_t value = 0;

		der_put_unsigned(&w, wanted);
		assert_int_equal(der_finish(&w, &der), 0);
		assert_int_equal(der_only(span_of(der), DER_INTEGER, &item), 0);
		assert_int_equal(der_read_unsigned(&item, &value), 0);
		assert_true(value == wanted);
	}
}

static void bit_strings(void **state)
{
	struct der_writer w = {0};

	(void)state;
	der_put_bits(&w, SPAN_LITERAL("\xab\xcd"));
	der_begin_bits(&w);
	der_put_null(&w);
	der_end(&w);
	der_put_named_bits(&w, 0xa000); /* digitalSignature, keyEncipherment */
	der_put_named_bits(&w, 0x0600); /* keyCertSign, cRLSign */
	der_put_named_bits(&w, 0x0080); /* decipherOnly, the ninth bit */
	der_put_named_bits(&w, 0x0001);
	der_put_named_bits(&w, 0);
	expect(&w, SPAN_LITERAL("\x03\x03\x00\xab\xcd\x03\x03\x00\x05\x00\x03\x02\x05\xa0"
				"\x03\x02\x01\x06\x03\x03\x07\x00\x80\x03\x03\x00\x00\x01"
				"\x03\x01\x00"));
}

static void sets_are_sorted(void **state)
{
	const struct span elements[] = {
		SPAN_LITERAL("\x30\x03\x02\x01\x09"), SPAN_LITERAL("\x04\x02zz"),
		SPAN_LITERAL("\x04\x01\xff"),	      SPAN_LITERAL("\x04\x02\x80y"),
		SPAN_LITERAL("\x04\x02zz"),
	};
	struct der_writer w = {0};

	(void)state;
	der_put_set_of(&w, elements, ELEMENTS(elements));
	der_put_set_of(&w, NULL, 0);
	expect(&w, SPAN_LITERAL("\x31\x14\x04\x01\xff\x04\x02zz\x04\x02zz\x04\x02\x80y"
				"\x30\x03\x02\x01\x09\x31\x00"));
	assert_memory_equal(elements[0].data, "\x30", 1); /* the caller's stay in their order */
}

static void sixteen_deep_and_no_deeper(void **state)
{
	struct der_writer w = {0};
	struct bytes der = {0};

	(void)state;
	for (unsigned i = 0; i < DER_DEPTH_MAX; i++)
		der_begin(&w, DER_SEQUENCE);
	for (unsigned i = 0; i < DER_DEPTH_MAX; i++)
		der_end(&w);
	assert_int_equal(der_finish(&w, &der), 0);
	assert_int_equal(der.size, 2 * DER_DEPTH_MAX);
	bytes_done(&der);

	for (unsigned i = 0; i <= DER_DEPTH_MAX; i++)
		der_begin(&w, DER_SEQUENCE);
	for (unsigned i = 0; i <= DER_DEPTH_MAX; i++)
		der_end(&w);
	assert_int_equal(der_finish(&w, &der), -EOVERFLOW);
	assert_null(der.data);
}

static void wrong_nesting(void **state)
{
	struct der_writer w = {0};
	struct bytes der = {0};

	(void)state;
	der_begin(&w, DER_SEQUENCE);
	assert_int_equal(der_finish(&w, &der), -EOVERFLOW);
	der_put_null(&w);
	der_end(&w);
	der_put_null(&w);
	assert_int_equal(der_finish(&w, &der), -EOVERFLOW);
	assert_null(der.data);
	der_begin(&w, DER_SEQUENCE);
	der_writer_done(&w);
	assert_int_equal(w.depth, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested),
		cmocka_unit_test(long_contents_move_up),
		cmocka_unit_test(integers),
		cmocka_unit_test(integers_come_back),
		cmocka_unit_test(bit_strings),
		cmocka_unit_test(sets_are_sorted),
		cmocka_unit_test(sixteen_deep_and_no_deeper),
		cmocka_unit_test(wrong_nesting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
