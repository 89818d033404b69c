/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/der.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS 3000

struct ber_row {
	struct span ber;
	struct span der; /* empty where it is refused */
};

static const struct ber_row rows[] = {
	/* nothing at all in the long form */
	{SPAN_LITERAL("\x05\x81\x00"), {0}},
	{SPAN_LITERAL("\x05\x84\x00\x00\x00\x00"), {0}},
	/* DER stays */
	{SPAN_LITERAL("\x30\x03\x02\x01\x05"), SPAN_LITERAL("\x30\x03\x02\x01\x05")},
	{SPAN_LITERAL("\x04\x00"), SPAN_LITERAL("\x04\x00")},
	{SPAN_LITERAL("\x30\x00"), SPAN_LITERAL("\x30\x00")},
	/* a SET OF keeps its order */
	{SPAN_LITERAL("\x31\x06\x02\x01\x09\x02\x01\x01"),
	 SPAN_LITERAL("\x31\x06\x02\x01\x09\x02\x01\x01")},
	/* indefinite lengths */
	{SPAN_LITERAL("\x30\x80\x02\x01\x05\x00\x00"), SPAN_LITERAL("\x30\x03\x02\x01\x05")},
	{SPAN_LITERAL("\x30\x80\x30\x80\x00\x00\x05\x00\x00\x00"),
	 SPAN_LITERAL("\x30\x04\x30\x00\x05\x00")},
	/* an indefinite one that ends where its definite parent does */
	{SPAN_LITERAL("\x30\x04\x31\x80\x00\x00"), SPAN_LITERAL("\x30\x02\x31\x00")},
	/* long lengths */
	{SPAN_LITERAL("\x30\x81\x03\x02\x01\x05"), SPAN_LITERAL("\x30\x03\x02\x01\x05")},
	{SPAN_LITERAL("\x04\x89\x00\x00\x00\x00\x00\x00\x00\x00\x01x"), SPAN_LITERAL("\x04\x01x")},
	/* strings */
	{SPAN_LITERAL("\x24\x06\x04\x01x\x04\x01y"), SPAN_LITERAL("\x04\x02xy")},
	{SPAN_LITERAL("\x24\x80\x24\x80\x04\x01x\x00\x00\x04\x02yz\x00\x00"),
	 SPAN_LITERAL("\x04\x03xyz")},
	{SPAN_LITERAL("\x24\x00"), SPAN_LITERAL("\x04\x00")},
	{SPAN_LITERAL("\x2c\x80\x04\x01x\x0c\x01y\x00\x00"), SPAN_LITERAL("\x0c\x02xy")},
	{SPAN_LITERAL("\x23\x80\x03\x02\x00\xab\x03\x02\x04\xc0\x00\x00"),
	 SPAN_LITERAL("\x03\x03\x04\xab\xc0")},
	/* [0] stays what it is, whatever its schema says */
	{SPAN_LITERAL("\xa0\x80\x04\x01x\x04\x01y\x00\x00"),
	 SPAN_LITERAL("\xa0\x06\x04\x01x\x04\x01y")},
	/* what is inside a primitive string is nobody's business */
	{SPAN_LITERAL("\x04\x04\x30\x80\x00\x00"), SPAN_LITERAL("\x04\x04\x30\x80\x00\x00")},

	/* nothing, cut off, left over */
	{SPAN_LITERAL("")},
	{SPAN_LITERAL("\x30")},
	{SPAN_LITERAL("\x30\x80")},
	{SPAN_LITERAL("\x30\x80\x00")},
	{SPAN_LITERAL("\x30\x80\x02\x01\x05\x00")},
	{SPAN_LITERAL("\x30\x03\x02\x01")},
	{SPAN_LITERAL("\x05\x00\x05\x00")},
	{SPAN_LITERAL("\x30\x80\x00\x00\x00")},
	/* a child longer than its parent, an end that belongs to nobody */
	{SPAN_LITERAL("\x30\x02\x04\x01x")},
	{SPAN_LITERAL("\x30\x02\x30\x80\x00\x00")},
	{SPAN_LITERAL("\x30\x02\x00\x00")},
	{SPAN_LITERAL("\x00\x00")},
	/* lengths and tags that can't be */
	{SPAN_LITERAL("\x04\x80\x00\x00")},
	{SPAN_LITERAL("\x04\xff\x00")},
	{SPAN_LITERAL("\x04\x89\x01\x00\x00\x00\x00\x00\x00\x00\x00")},
	{SPAN_LITERAL("\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff")},
	{SPAN_LITERAL("\x1f\x01\x00")},
	{SPAN_LITERAL("\x10\x00")},
	{SPAN_LITERAL("\x22\x03\x02\x01\x05")},
	/* segments of another kind, bits left unused in the middle */
	{SPAN_LITERAL("\x24\x03\x02\x01\x05")},
	{SPAN_LITERAL("\x24\x03\x0c\x01x")},
	{SPAN_LITERAL("\x23\x03\x04\x01\x00")},
	{SPAN_LITERAL("\x23\x08\x03\x02\x04\xc0\x03\x02\x00\xab")},
	{SPAN_LITERAL("\x23\x04\x03\x02\x08\x00")},
	{SPAN_LITERAL("\x23\x02\x03\x00")},
	{SPAN_LITERAL("\x23\x03\x03\x01\x01")},
	/* no segment at all: DER needs the byte that counts the unused bits */
	{SPAN_LITERAL("\x23\x00")},
};

static void known_encodings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes exact = {0};
		_cleanup_(bytes_done) struct bytes der = {0};
		int r;

		/* a copy of exactly this size, so that a step too far is seen */
		assert_int_equal(bytes_copy(rows[i].ber, &exact), 0);
		r = ber_to_der(span_of(exact), &der);
		if (r != (rows[i].der.size ? 0 : -EBADMSG))
			fail_msg("row %zu: %d", i, r);
		if (!span_equal(span_of(der), rows[i].der))
			fail_msg("row %zu differs", i);
	}
}

static void sixteen_deep_and_no_deeper(void **state)
{
	uint8_t ber[2 * (DER_DEPTH_MAX + 1)];
	struct bytes der = {0};

	(void)state;
	for (size_t i = 0; i <= DER_DEPTH_MAX; i++) {
		ber[2 * i] = 0x30;
		ber[2 * i + 1] = (uint8_t)(2 * (DER_DEPTH_MAX - i));
	}
	assert_int_equal(ber_to_der(SPAN(ber + 2, 2 * DER_DEPTH_MAX), &der), 0);
	assert_memory_equal(der.data, ber + 2, der.size);
	bytes_done(&der);
	assert_int_equal(ber_to_der(SPAN_ARRAY(ber), &der), -EBADMSG);
}

/* 200,000 open indefinite lengths end at the sixteenth. */
static void a_tower_is_refused_at_once(void **state)
{
	_cleanup_(bytes_done) struct bytes ber = {0};
	struct bytes der = {0};

	(void)state;
	assert_int_equal(bytes_new(400000, &ber), 0);
	for (size_t i = 0; i < ber.size; i++)
		ber.data[i] = i % 2 ? 0x80 : 0x30;
	assert_int_equal(ber_to_der(span_of(ber), &der), -EBADMSG);
}

/* From 64 KiB on DER has a header one octet longer than an indefinite length and its end. */
static void nothing_grows(void **state)
{
	_cleanup_(buffer_done) struct buffer ber = {0};
	_cleanup_(bytes_done) struct bytes content = {0};
	struct bytes der = {0};

	(void)state;
	assert_int_equal(bytes_new(70000, &content), 0);
	buffer_append(&ber, SPAN_LITERAL("\x30\x80\x04\x83\x01\x11\x70"));
	buffer_append(&ber, span_of(content));
	buffer_append(&ber, SPAN_LITERAL("\x00\x00"));
	assert_int_equal(ber_to_der(span_of_buffer(&ber), &der), -EBADMSG);
	assert_null(der.data);
}

/* One header in BER: a tag and a length in a random one of its forms. */
static void random_header(struct buffer *out, uint8_t tag, size_t length)
{
	size_t zeros = (size_t)random() % 3;

	buffer_append_byte(out, tag);
	if (!length || (length < 0x80 && random() % 2)) {
		buffer_append_byte(out, (uint8_t)length);
		return;
	}
	buffer_append_byte(out, (uint8_t)(0x80 | (zeros + 3)));
	for (size_t i = 0; i < zeros; i++)
		buffer_append_byte(out, 0);
	for (int shift = 16; shift >= 0; shift -= 8)
		buffer_append_byte(out, (uint8_t)(length >> shift));
}

static void random_constructed(struct buffer *out, uint8_t tag, struct buffer *content)
{
	if (random() % 2) {
		buffer_append_byte(out, tag);
		buffer_append_byte(out, 0x80);
		buffer_append(out, span_of_buffer(content));
		buffer_append(out, SPAN_LITERAL("\0\0"));
	} else {
		random_header(out, tag, content->size);
		buffer_append(out, span_of_buffer(content));
	}
	buffer_done(content);
}

static void random_string(struct der_writer *der, struct buffer *ber)
{
	struct buffer segments = {0};
	uint8_t text[40];
	size_t size = (size_t)random() % sizeof(text);

	for (size_t i = 0; i < size; i++)
		text[i] = (uint8_t)random();
	der_put(der, DER_OCTET_STRING, SPAN(text, size));
	if (random() % 2) {
		random_header(ber, DER_OCTET_STRING, size);
		buffer_append(ber, SPAN(text, size));
		return;
	}
	for (size_t from = 0; from < size;) {
		struct span part = span_slice(SPAN(text, size), from, 1 + (size_t)random() % 15);

		random_header(&segments, DER_OCTET_STRING, part.size);
		buffer_append(&segments, part);
		from += part.size;
	}
	random_constructed(ber, 0x24, &segments);
}

/* The same random tree in DER, and in one of its many forms of BER. */
static void random_tree(struct der_writer *der, struct buffer *ber, unsigned depth)
{
	static const uint8_t tags[] = {DER_SEQUENCE, DER_SET, DER_CONTEXT_CONSTRUCTED(0),
				       DER_CONTEXT_CONSTRUCTED(3)};
	uint8_t tag = tags[(size_t)random() % sizeof(tags)];
	struct buffer content = {0};

	der_begin(der, tag);
	for (long n = random() % 5; n > 0; n--) {
		if (depth < 8 && random() % 2)
			random_tree(der, &content, depth + 1);
		else
			random_string(der, &content);
	}
	der_end(der);
	random_constructed(ber, tag, &content);
}

static void any_ber_gives_the_der(void **state)
{
	(void)state;
	srandom(3);
	for (unsigned round = 0; round < ROUNDS; round++) {
		_cleanup_(bytes_done) struct bytes wanted = {0};
		_cleanup_(bytes_done) struct bytes der = {0};
		_cleanup_(bytes_done) struct bytes again = {0};
		_cleanup_(buffer_done) struct buffer ber = {0};
		struct der_writer w = {0};

		random_tree(&w, &ber, 0);
		assert_int_equal(der_finish(&w, &wanted), 0);
		assert_int_equal(ber_to_der(span_of_buffer(&ber), &der), 0);
		assert_true(span_equal(span_of(der), span_of(wanted)));
		assert_int_equal(ber_to_der(span_of(der), &again), 0);
		assert_true(span_equal(span_of(again), span_of(der)));
	}
}

static void check_der(struct span rest)
{
	struct der_item item;

	while (rest.size) {
		assert_int_equal(der_next(&rest, &item), 0);
		if (item.tag & 0x20)
			check_der(item.content);
	}
}

/* What is accepted of mutated input is DER to the last element, and read within its bounds. */
static void noise(void **state)
{
	unsigned taken = 0;

	(void)state;
	srandom(4);
	for (unsigned round = 0; round < ROUNDS; round++) {
		_cleanup_(bytes_done) struct bytes der = {0};
		_cleanup_(bytes_done) struct bytes exact = {0};
		_cleanup_(buffer_done) struct buffer ber = {0};
		struct der_writer w = {0};

		random_tree(&w, &ber, 4);
		der_writer_done(&w);
		for (long n = random() % 3; n > 0 && ber.size; n--)
			ber.data[(size_t)random() % ber.size] = (uint8_t)random();
		assert_int_equal(bytes_copy(span_of_buffer(&ber), &exact), 0);
		if (ber_to_der(span_of(exact), &der) == 0) {
			taken++;
			check_der(span_of(der));
		}
	}
	assert_true(taken > ROUNDS / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_encodings),
		cmocka_unit_test(sixteen_deep_and_no_deeper),
		cmocka_unit_test(a_tower_is_refused_at_once),
		cmocka_unit_test(nothing_grows),
		cmocka_unit_test(any_ber_gives_the_der),
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
