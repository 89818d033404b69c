/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/der.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS 20000

static struct der_item item_of(uint8_t tag, struct span content)
{
	return (struct der_item){tag, content, content};
}

static void elements_in_turn(void **state)
{
	struct span rest = SPAN_LITERAL("\x02\x01\x05\x30\x00\x04\x02hi");
	struct der_item item = {0};

	(void)state;
	assert_int_equal(der_next(&rest, &item), 0);
	assert_int_equal(item.tag, DER_INTEGER);
	assert_true(span_equal(item.whole, SPAN_LITERAL("\x02\x01\x05")));
	assert_true(span_equal(item.content, SPAN_LITERAL("\x05")));
	assert_int_equal(der_next(&rest, &item), 0);
	assert_int_equal(item.tag, DER_SEQUENCE);
	assert_int_equal(item.content.size, 0);
	assert_true(der_present(&item));
	assert_int_equal(der_next(&rest, &item), 0);
	assert_true(span_equal(item.content, SPAN_LITERAL("hi")));
	assert_int_equal(der_next(&rest, &item), -ENODATA);
	assert_true(span_equal(item.content, SPAN_LITERAL("hi")));
}

static void what_is_no_der(void **state)
{
	static const struct span bad[] = {
		SPAN_LITERAL("\x02"),		      /* no length */
		SPAN_LITERAL("\x02\x01"),	      /* no content */
		SPAN_LITERAL("\x02\x02\x01"),	      /* content cut off */
		SPAN_LITERAL("\x30\x80\x00\x00"),     /* indefinite */
		SPAN_LITERAL("\x04\x81\x01\x00"),     /* long form of a short length */
		SPAN_LITERAL("\x04\x82\x00\x01\x00"), /* leading zero */
		SPAN_LITERAL("\x04\x81"),	      /* length cut off */
		SPAN_LITERAL("\x04\x84\xff\xff\xff\xff"),
		SPAN_LITERAL("\x04\x85\x00\x00\x00\x00\x00"),
		SPAN_LITERAL("\x04\xff"),
		SPAN_LITERAL("\x00\x00"),     /* end-of-contents */
		SPAN_LITERAL("\x1f\x01\x00"), /* tag of several bytes */
		SPAN_LITERAL("\xbf\x81\x01\x00"),
		SPAN_LITERAL("\x24\x03\x04\x01\x00"), /* constructed string */
		SPAN_LITERAL("\x22\x03\x02\x01\x00"), /* constructed INTEGER */
		SPAN_LITERAL("\x10\x00"),	      /* primitive SEQUENCE */
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		struct der_item item = {.tag = 99};
		struct span rest = bad[i];

		if (der_next(&rest, &item) != -EBADMSG)
			fail_msg("row %zu was taken", i);
		assert_int_equal(item.tag, 99);
		assert_ptr_equal(rest.data, bad[i].data);
		assert_int_equal(rest.size, bad[i].size);
	}
}

static void lengths_at_the_borders(void **state)
{
	static const size_t sizes[] = {0, 1, 127, 128, 255, 256, 65535, 65536};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		_cleanup_(bytes_done) struct bytes content = {0};
		_cleanup_(bytes_done) struct bytes der = {0};
		struct der_writer w = {0};
		struct der_item item;

		assert_int_equal(bytes_new(sizes[i], &content), 0);
		der_put(&w, DER_OCTET_STRING, span_of(content));
		assert_int_equal(der_finish(&w, &der), 0);
		assert_int_equal(der_only(span_of(der), DER_OCTET_STRING, &item), 0);
		assert_int_equal(item.content.size, sizes[i]);
	}
}

/* X.690 §10.1: a length has one form. */
static void no_length_in_a_longer_form(void **state)
{
	static const struct span heads[] = {
		SPAN_LITERAL("\x04\x81\x7f"),
		SPAN_LITERAL("\x04\x82\x00\xff"),
		SPAN_LITERAL("\x04\x83\x00\xff\xff"),
		SPAN_LITERAL("\x04\x84\x00\x01\x00\x00"),
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(heads); i++) {
		_cleanup_(bytes_done) struct bytes data = {0};
		struct der_item item;
		struct span rest;

		assert_int_equal(bytes_new(70000, &data), 0);
		memcpy(data.data, heads[i].data, heads[i].size);
		rest = span_of(data);
		assert_int_equal(der_next(&rest, &item), -EBADMSG);
	}
}

static void only_one_and_of_that_tag(void **state)
{
	struct der_item item;

	(void)state;
	assert_int_equal(der_only(SPAN_LITERAL("\x05\x00"), DER_NULL, &item), 0);
	assert_int_equal(der_only(SPAN_LITERAL("\x05\x00"), DER_SEQUENCE, &item), -EBADMSG);
	assert_int_equal(der_only(SPAN_LITERAL("\x05\x00\x05\x00"), DER_NULL, &item), -EBADMSG);
	assert_int_equal(der_only(SPAN_LITERAL("\x05\x00z"), DER_NULL, &item), -EBADMSG);
	assert_int_equal(der_only((struct span){0}, DER_NULL, &item), -EBADMSG);
}

struct record {
	int before;
	struct der_item version;
	struct der_item name;
	struct der_item any;
	struct der_item tail;
};

static const struct der_field record_fields[] = {
	DER_FIELD_OPTIONAL(struct record, version, DER_CONTEXT_CONSTRUCTED(0)),
	DER_FIELD(struct record, name, DER_UTF8_STRING),
	DER_FIELD(struct record, any, DER_ANY),
	DER_FIELD_OPTIONAL(struct record, tail, DER_CONTEXT(1)),
};

static int record_match(struct span content, struct record *ret)
{
	return der_match(content, record_fields, ELEMENTS(record_fields), ret);
}

static void tables_match(void **state)
{
	struct record r = {.before = 5, .version = {.tag = 1}, .tail = {.tag = 1}};

	(void)state;
	assert_int_equal(record_match(SPAN_LITERAL("\x0c\x01x\x05\x00"), &r), 0);
	assert_int_equal(r.before, 5);
	assert_false(der_present(&r.version));
	assert_int_equal(r.version.tag, 0);
	assert_true(span_equal(r.name.content, SPAN_LITERAL("x")));
	assert_int_equal(r.any.tag, DER_NULL);
	assert_false(der_present(&r.tail));
	assert_int_equal(record_match(SPAN_LITERAL("\xa0\x00\x0c\x01y\x02\x01\x07\x81\x01z"), &r),
			 0);
	assert_true(der_present(&r.version));
	assert_true(span_equal(r.tail.content, SPAN_LITERAL("z")));
}

static void tables_refuse(void **state)
{
	static const struct span bad[] = {
		SPAN_LITERAL(""),
		SPAN_LITERAL("\x0c\x01x"),			   /* any is missing */
		SPAN_LITERAL("\x05\x00\x0c\x01x"),		   /* another order */
		SPAN_LITERAL("\x0c\x01x\x05\x00\x05\x00"),	   /* left over */
		SPAN_LITERAL("\x0c\x01x\x05\x00\x81\x00\x81\x00"), /* twice */
		SPAN_LITERAL("\xa0\x00\xa0\x00\x0c\x01x\x05\x00"), /* twice */
		SPAN_LITERAL("\x0c\x01x\x05\x00\x81"),		   /* cut off */
		SPAN_LITERAL("\x0c\x01x\x05\x00\x81\x02z"),
		SPAN_LITERAL("\x0c\x01x\x1f\x00"),
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		struct record r = {.before = 5, .any = {.tag = 77}};

		if (record_match(bad[i], &r) != -EBADMSG)
			fail_msg("row %zu was taken", i);
		assert_int_equal(r.any.tag, 77);
	}
}

static void booleans(void **state)
{
	struct der_item yes = item_of(DER_BOOLEAN, SPAN_LITERAL("\xff"));
	struct der_item no = item_of(DER_BOOLEAN, SPAN_LITERAL("\x00"));
	struct der_item ber = item_of(DER_BOOLEAN, SPAN_LITERAL("\x01"));
	struct der_item two = item_of(DER_BOOLEAN, SPAN_LITERAL("\xff\xff"));
	struct der_item absent = {0};
	bool b = false;

	(void)state;
	assert_int_equal(der_read_boolean(&yes, &b), 0);
	assert_true(b);
	assert_int_equal(der_read_boolean(&ber, &b), -EBADMSG);
	assert_int_equal(der_read_boolean(&two, &b), -EBADMSG);
	assert_int_equal(der_read_boolean(&absent, &b), -EBADMSG);
	assert_true(b);
	assert_int_equal(der_read_boolean(&no, &b), 0);
	assert_false(b);
}

struct integer_row {
	struct span content;
	int r;
	uint64_t value;
	int magnitude_r;
	size_t magnitude_size;
};

static void integers(void **state)
{
	static const struct integer_row rows[] = {
		{SPAN_LITERAL("\x00"), 0, 0, 0, 1},
		{SPAN_LITERAL("\x7f"), 0, 127, 0, 1},
		{SPAN_LITERAL("\x00\x80"), 0, 128, 0, 1},
		{SPAN_LITERAL("\x01\x00"), 0, 256, 0, 2},
		{SPAN_LITERAL("\x00\xff\xff\xff\xff\xff\xff\xff\xff"), 0, UINT64_MAX, 0, 8},
		{SPAN_LITERAL("\x01\x00\x00\x00\x00\x00\x00\x00\x00"), -ERANGE, 0, 0, 9},
		{SPAN_LITERAL("\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00"), -ERANGE, 0, 0, 9},
		{SPAN_LITERAL("\xff"), -ERANGE, 0, -EBADMSG, 0},
		{SPAN_LITERAL("\x80"), -ERANGE, 0, -EBADMSG, 0},
		{SPAN_LITERAL("\xff\x7f"), -ERANGE, 0, -EBADMSG, 0},
		{SPAN_LITERAL(""), -EBADMSG, 0, -EBADMSG, 0},
		{SPAN_LITERAL("\x00\x7f"), -EBADMSG, 0, -EBADMSG, 0},
		{SPAN_LITERAL("\x00\x00"), -EBADMSG, 0, -EBADMSG, 0},
		{SPAN_LITERAL("\xff\x80"), -EBADMSG, 0, -EBADMSG, 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct der_item item = item_of(DER_INTEGER, rows[i].content);
		struct span magnitude = {0};
		uint64_t value = 0;

		assert_int_equal(der_read_unsigned(&item, &value), rows[i].r);
		assert_true(value == rows[i].value);
		assert_int_equal(der_read_magnitude(&item, &magnitude), rows[i].magnitude_r);
		assert_int_equal(magnitude.size, rows[i].magnitude_size);
	}
}

static void bit_strings(void **state)
{
	static const struct span bad[] = {
		SPAN_LITERAL(""),	  SPAN_LITERAL("\x08\x00"), SPAN_LITERAL("\x01"),
		SPAN_LITERAL("\x01\x01"), SPAN_LITERAL("\x07\xc0"),
	};
	struct der_item item = item_of(DER_BIT_STRING, SPAN_LITERAL("\x05\xa0"));
	unsigned unused = 99;
	struct span bits;

	(void)state;
	assert_int_equal(der_read_bits(&item, &bits, &unused), 0);
	assert_int_equal(unused, 5);
	assert_true(span_equal(bits, SPAN_LITERAL("\xa0")));
	item = item_of(DER_BIT_STRING, SPAN_LITERAL("\x00"));
	assert_int_equal(der_read_bits(&item, &bits, &unused), 0);
	assert_int_equal(bits.size, 0);
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		item = item_of(DER_BIT_STRING, bad[i]);
		assert_int_equal(der_read_bits(&item, &bits, &unused), -EBADMSG);
	}
}

/* Reads everything that @rest could be, and all within. */
static void read_everything(struct span rest, unsigned depth)
{
	struct der_item item;

	while (der_next(&rest, &item) == 0) {
		struct record record;
		struct span s;
		uint64_t u;
		int64_t t;
		unsigned n;
		bool b;

		assert_true(item.content.data + item.content.size ==
			    item.whole.data + item.whole.size);
		(void)!der_read_boolean(&item, &b);
		(void)!der_read_unsigned(&item, &u);
		(void)!der_read_magnitude(&item, &s);
		(void)!der_read_bits(&item, &s, &n);
		(void)!der_read_time(&item, &t);
		(void)!record_match(item.content, &record);
		if (depth < DER_DEPTH_MAX)
			read_everything(item.content, depth + 1);
	}
}

/* The address sanitizer sees what is read past a block that is exactly as large as the input. */
static void noise_is_read_within_its_bounds(void **state)
{
	static const uint8_t likely[] = {0x30, 0x31, 0x02, 0x03, 0x04, 0x17, 0x18,
					 0x0c, 0xa0, 0x81, 0x82, 0x01, 0x00, 0x05};

	(void)state;
	srandom(1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t size = (size_t)random() % 64;
		uint8_t *data = malloc(size ? size : 1);

		assert_non_null(data);
		for (size_t i = 0; i < size; i++)
			data[i] = random() & 1 ? (uint8_t)random()
					       : likely[(size_t)random() % sizeof(likely)];
		read_everything(SPAN(data, size), 0);
		free(data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_in_turn),
		cmocka_unit_test(what_is_no_der),
		cmocka_unit_test(lengths_at_the_borders),
		cmocka_unit_test(no_length_in_a_longer_form),
		cmocka_unit_test(only_one_and_of_that_tag),
		cmocka_unit_test(tables_match),
		cmocka_unit_test(tables_refuse),
		cmocka_unit_test(booleans),
		cmocka_unit_test(integers),
		cmocka_unit_test(bit_strings),
		cmocka_unit_test(noise_is_read_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
