/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/padding.h"
#include "daemon/base/crypto.h"
#include "hsm/constant-time.h"
#include <string.h>

#define LEAST_PADDING 8 /* bytes that are not zero, RFC 8017 §7.2.1 */

static void choose(uint8_t good, const uint8_t *content, const uint8_t *substitute, size_t size,
		   uint8_t *ret)
{
	for (size_t i = 0; i < size; i++)
		ret[i] = constant_choose(good, content[i], substitute[i]);
}

void padding_substitute(struct span process_secret, struct span key, struct span encrypted,
			size_t size, uint8_t ret[static PADDING_CONTENT_MAX])
{
	_cleanup_(buffer_done) struct buffer input = {0};
	uint8_t both[2 * SHA256_SIZE];

	assert(size <= sizeof(both));
	static_assert(sizeof(both) == PADDING_CONTENT_MAX, "two blocks make the longest content");
	for (size_t block = 0; block * SHA256_SIZE < size; block++) {
		input.size = 0;
		buffer_append_byte(&input, (uint8_t)block);
		/* Else the answers to two sizes of one ciphertext would begin alike where the
		 * padding is wrong, and differ where it is right: an oracle by two questions. */
		buffer_append_byte(&input, (uint8_t)size);
		buffer_append(&input, key);
		buffer_append(&input, encrypted);
		/* Without memory an answer that anybody could compute must not go out. */
		assert(input.error == 0);
		hmac_sha256(process_secret, span_of_buffer(&input), both + block * SHA256_SIZE);
	}
	memcpy(ret, both, size);
	wipe(both, sizeof(both));
}

void padding_open(struct span block, const uint8_t *substitute, size_t size, uint8_t *ret)
{
	size_t separator = block.size - size - 1;
	uint8_t good;

	assert(size > 0 && block.size >= size + 3 + LEAST_PADDING);
	/* The size is known, so the zero that ends the padding has one right place, and there is
	 * nothing to search for. */
	good = constant_is_zero(block.data[0]) & constant_equal(block.data[1], 2) &
	       constant_is_zero(block.data[separator]);
	for (size_t i = 2; i < separator; i++)
		good &= (uint8_t)~constant_is_zero(block.data[i]);
	choose(constant_opaque(good), block.data + separator + 1, substitute, size, ret);
}

void padding_choose(const uint8_t *content, size_t content_size, bool failed,
		    const uint8_t *substitute, size_t size, uint8_t *ret)
{
	uint8_t good = constant_equal(content_size, size) & constant_is_zero((uint8_t)failed);

	choose(constant_opaque(good), content, substitute, size, ret);
}

/* HMACs with a number in front each, one after the other. The first byte keeps them apart from
 * those of padding_substitute(). */
static void expand(struct span process_secret, struct buffer *input, uint8_t *ret, size_t size)
{
	uint8_t block[SHA256_SIZE];

	for (size_t at = 0, number = 1; at < size; at += sizeof(block), number++) {
		size_t n = size - at < sizeof(block) ? size - at : sizeof(block);

		input->data[1] = (uint8_t)number;
		hmac_sha256(process_secret, span_of_buffer(input), block);
		memcpy(ret + at, block, n);
	}
	wipe(block, sizeof(block));
}

void padding_synthesize(struct span process_secret, struct span key, struct span encrypted,
			struct secret *ret, size_t *ret_size)
{
	_cleanup_(buffer_done) struct buffer input = {0};
	uint8_t random[SHA256_SIZE];
	uint64_t fraction = 0;

	buffer_append(&input, SPAN_LITERAL("\xff"));
	buffer_append_byte(&input, 0);
	buffer_append(&input, key);
	buffer_append(&input, encrypted);
	assert(input.error == 0);
	expand(process_secret, &input, ret->data, ret->size);
	input.data[1] = 0;
	hmac_sha256(process_secret, span_of_buffer(&input), random);
	for (size_t i = 0; i < 4; i++)
		fraction = fraction << 8 | random[i];
	/* A product takes the same time for all, which a remainder may not. */
	*ret_size = (size_t)(fraction * (ret->size - PADDING_OVERHEAD + 1) >> 32);
	wipe(random, sizeof(random));
}

size_t padding_open_any(struct span block, struct span synthetic, size_t synthetic_size,
			uint8_t *ret)
{
	uint8_t good = constant_is_zero(block.data[0]) & constant_equal(block.data[1], 2);
	uint8_t searching = 0xff;
	size_t separator = 0, begin;

	assert(block.size == synthetic.size && synthetic_size + PADDING_OVERHEAD <= block.size);
	for (size_t i = 2; i < block.size; i++) {
		uint8_t ends = searching & constant_is_zero(block.data[i]);

		/* Too early a zero is none that ends a padding. */
		good &= (uint8_t) ~(i < 2 + LEAST_PADDING ? ends : 0);
		separator = constant_choose_size(ends, i, separator);
		searching &= (uint8_t)~ends;
	}
	good = constant_opaque(good & (uint8_t)~searching);
	begin = constant_choose_size(good, separator + 1, block.size - synthetic_size);
	/* How long the content is, is told anyway. */
	for (size_t i = begin; i < block.size; i++)
		ret[i - begin] = constant_choose(good, block.data[i], synthetic.data[i]);
	return block.size - begin;
}
