/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "hsm/padding.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define K 128 /* bytes of the modulus */

static const uint8_t substitute[PADDING_CONTENT_MAX] = {[0 ... PADDING_CONTENT_MAX - 1] = 0x5a};

/* A right block (RFC 8017 §7.2.1) around @size bytes of 0xc0. */
static void make_block(uint8_t block[static K], size_t size)
{
	memset(block, 0x77, K);
	block[0] = 0;
	block[1] = 2;
	block[K - size - 1] = 0;
	memset(block + K - size, 0xc0, size);
}

static bool opens(const uint8_t block[static K], size_t size)
{
	uint8_t out[PADDING_CONTENT_MAX] = {0}, key[PADDING_CONTENT_MAX];

	memset(key, 0xc0, sizeof(key));
	padding_open(SPAN(block, K), substitute, size, out);
	if (memcmp(out, substitute, size) == 0)
		return false;
	assert_memory_equal(out, key, size);
	return true;
}

static void right_blocks_open(void **state)
{
	static const size_t sizes[] = {1, 5, 8, 16, 24, 32, 64};
	uint8_t block[K];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		make_block(block, sizes[i]);
		assert_true(opens(block, sizes[i]));
	}
}

/* The longest content leaves the eight bytes of padding that must be. */
static void the_shortest_padding_is_eight_bytes(void **state)
{
	uint8_t block[24 + 11], out[24];

	(void)state;
	memset(block, 0x77, sizeof(block));
	block[0] = 0;
	block[1] = 2;
	block[10] = 0;
	memset(block + 11, 0xc0, 24);
	padding_open(SPAN_ARRAY(block), substitute, 24, out);
	assert_int_equal(out[0], 0xc0);
	block[9] = 0;
	padding_open(SPAN_ARRAY(block), substitute, 24, out);
	assert_memory_equal(out, substitute, 24);
}

/* Every byte of the frame counts: each changed alone gives the substitute. */
static void each_wrong_byte_gives_the_substitute(void **state)
{
	uint8_t block[K];

	(void)state;
	for (size_t at = 0; at < K - 24; at++) {
		for (unsigned value = 0; value < 256; value++) {
			bool frame = at < 2 || at == K - 25;
			bool right;

			make_block(block, 24);
			right = frame ? block[at] == value : value != 0;
			block[at] = (uint8_t)value;
			assert_int_equal(opens(block, 24), right);
		}
	}
}

static void content_of_another_size_gives_the_substitute(void **state)
{
	uint8_t block[K];

	(void)state;
	for (size_t size = 1; size <= 64; size++) {
		make_block(block, size);
		assert_int_equal(opens(block, 24), size == 24);
	}
}

static void a_tokens_own_unpadding_is_chosen_from_alike(void **state)
{
	uint8_t content[PADDING_CONTENT_MAX], out[16];

	(void)state;
	memset(content, 0xc0, sizeof(content));
	padding_choose(content, 16, false, substitute, 16, out);
	assert_memory_equal(out, content, 16);
	padding_choose(content, 16, true, substitute, 16, out);
	assert_memory_equal(out, substitute, 16);
	padding_choose(content, 15, false, substitute, 16, out);
	assert_memory_equal(out, substitute, 16);
	padding_choose(content, 16 + 256, false, substitute, 16, out);
	assert_memory_equal(out, substitute, 16);
}

static void substitutes_depend_on_secret_key_ciphertext_and_size(void **state)
{
	static const struct {
		struct span secret, key, encrypted;
	} rows[] = {
		{SPAN_LITERAL("secret"), SPAN_LITERAL("key"), SPAN_LITERAL("ciphertext")},
		{SPAN_LITERAL("Secret"), SPAN_LITERAL("key"), SPAN_LITERAL("ciphertext")},
		{SPAN_LITERAL("secret"), SPAN_LITERAL("Key"), SPAN_LITERAL("ciphertext")},
		{SPAN_LITERAL("secret"), SPAN_LITERAL("key"), SPAN_LITERAL("Ciphertext")},
	};
	uint8_t all[ELEMENTS(rows)][PADDING_CONTENT_MAX], again[PADDING_CONTENT_MAX];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		padding_substitute(rows[i].secret, rows[i].key, rows[i].encrypted, 64, all[i]);
		padding_substitute(rows[i].secret, rows[i].key, rows[i].encrypted, 64, again);
		assert_memory_equal(all[i], again, 64);
		/* Were a shorter one the beginning of the longer, then only a right padding would
		 * give two sizes that don't begin alike. */
		padding_substitute(rows[i].secret, rows[i].key, rows[i].encrypted, 16, again);
		assert_memory_not_equal(all[i], again, 16);
		assert_memory_not_equal(all[i], all[i] + 32, 32);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(all[i], all[j], 64);
	}
}

static size_t open_any(const uint8_t block[static K], size_t synthetic_size, uint8_t out[static K])
{
	uint8_t synthetic[K];

	for (size_t i = 0; i < K; i++)
		synthetic[i] = (uint8_t)i;
	return padding_open_any(SPAN(block, K), SPAN_ARRAY(synthetic), synthetic_size, out);
}

static bool opens_any(const uint8_t block[static K], size_t size)
{
	uint8_t out[K], key[K];
	size_t got = open_any(block, 77, out);

	memset(key, 0xc0, sizeof(key));
	if (got == 77 && out[0] == K - 77 && out[76] == K - 1)
		return false;
	assert_int_equal(got, size);
	assert_memory_equal(out, key, size);
	return true;
}

static void content_of_any_length_opens(void **state)
{
	uint8_t block[K];

	(void)state;
	for (size_t size = 0; size <= K - PADDING_OVERHEAD; size++) {
		make_block(block, size);
		assert_true(opens_any(block, size));
	}
	/* seven bytes of padding are one too few */
	make_block(block, K - PADDING_OVERHEAD + 1);
	assert_false(opens_any(block, 0));
}

static void each_wrong_byte_gives_the_synthetic_content(void **state)
{
	uint8_t block[K], out[K];

	(void)state;
	for (size_t at = 0; at < PADDING_OVERHEAD - 1; at++) {
		for (unsigned value = 0; value < 256; value++) {
			make_block(block, 24);
			if (at < 2 ? block[at] == value : value != 0)
				continue;
			block[at] = (uint8_t)value;
			assert_false(opens_any(block, 24));
		}
	}
	/* nothing ends the padding */
	memset(block, 0x77, K);
	block[0] = 0;
	block[1] = 2;
	assert_false(opens_any(block, 0));
	assert_int_equal(open_any(block, 0, out), 0);
	assert_int_equal(open_any(block, K - PADDING_OVERHEAD, out), K - PADDING_OVERHEAD);
	assert_int_equal(out[0], PADDING_OVERHEAD);
}

struct synthetic {
	struct secret value;
	size_t size;
};

static struct synthetic synthesize(struct span secret, struct span key, struct span encrypted)
{
	struct synthetic s = {0};

	assert_int_equal(secret_new(256, &s.value), 0);
	padding_synthesize(secret, key, encrypted, &s.value, &s.size);
	assert_true(s.size <= 256 - PADDING_OVERHEAD);
	return s;
}

static void synthetic_contents_depend_on_secret_key_and_ciphertext(void **state)
{
	static const struct {
		struct span secret, key, encrypted;
	} rows[] = {
		{SPAN_LITERAL("secret"), SPAN_LITERAL("key"), SPAN_LITERAL("ciphertext")},
		{SPAN_LITERAL("Secret"), SPAN_LITERAL("key"), SPAN_LITERAL("ciphertext")},
		{SPAN_LITERAL("secret"), SPAN_LITERAL("Key"), SPAN_LITERAL("ciphertext")},
		{SPAN_LITERAL("secret"), SPAN_LITERAL("key"), SPAN_LITERAL("Ciphertext")},
	};
	struct synthetic all[ELEMENTS(rows)];
	unsigned others = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct synthetic again = synthesize(rows[i].secret, rows[i].key, rows[i].encrypted);

		all[i] = synthesize(rows[i].secret, rows[i].key, rows[i].encrypted);
		assert_int_equal(all[i].size, again.size);
		assert_memory_equal(all[i].value.data, again.value.data, 256);
		assert_memory_not_equal(all[i].value.data, all[i].value.data + 32, 32);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(all[i].value.data, all[j].value.data, 256);
		others += all[i].size != all[0].size;
		secret_done(&again.value);
	}
	assert_true(others);
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		secret_done(&all[i].value);
}

/* Long and short ones, as many as any. */
static void synthetic_lengths_are_spread(void **state)
{
	unsigned short_ones = 0;

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		struct synthetic s = synthesize(SPAN_LITERAL("secret"), SPAN_LITERAL("key"),
						SPAN(&i, sizeof(i)));

		short_ones += s.size < (256 - PADDING_OVERHEAD) / 2;
		secret_done(&s.value);
	}
	assert_in_range(short_ones, 140, 260);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_blocks_open),
		cmocka_unit_test(the_shortest_padding_is_eight_bytes),
		cmocka_unit_test(each_wrong_byte_gives_the_substitute),
		cmocka_unit_test(content_of_another_size_gives_the_substitute),
		cmocka_unit_test(a_tokens_own_unpadding_is_chosen_from_alike),
		cmocka_unit_test(substitutes_depend_on_secret_key_ciphertext_and_size),
		cmocka_unit_test(content_of_any_length_opens),
		cmocka_unit_test(each_wrong_byte_gives_the_synthetic_content),
		cmocka_unit_test(synthetic_contents_depend_on_secret_key_and_ciphertext),
		cmocka_unit_test(synthetic_lengths_are_spread),
	};

	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
