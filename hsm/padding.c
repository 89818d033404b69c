/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/padding.h"
#include "daemon/base/crypto.h"
#include <string.h>

#define LEAST_PADDING 8 /* bytes that are not zero, RFC 8017 §7.2.1 */

/* Keeps the compiler from seeing through a mask and branching after all. */
static uint8_t opaque(uint8_t value)
{
	__asm__("" : "+r"(value));
	return value;
}

/* 0xff where @value is zero, else 0. */
static uint8_t mask_zero(uint8_t value)
{
	return opaque((uint8_t)((((unsigned)value - 1u) >> 8) & 0xffu));
}

/* 0xff where they are equal, else 0. */
static uint8_t mask_equal(size_t a, size_t b)
{
	size_t difference = a ^ b;
	uint8_t any = 0;

	for (size_t i = 0; i < sizeof(difference); i++)
		any |= (uint8_t)(difference >> (8 * i));
	return mask_zero(any);
}

static void choose(uint8_t good, const uint8_t *content, const uint8_t *substitute, size_t size,
		   uint8_t *ret)
{
	for (size_t i = 0; i < size; i++)
		ret[i] = (uint8_t)((content[i] & good) | (substitute[i] & (uint8_t)~good));
}

void padding_substitute(struct span process_secret, struct span key, struct span encrypted,
			size_t size, uint8_t ret[static PADDING_CONTENT_MAX])
{
	_cleanup_(buffer_done) struct buffer input = {0};
	uint8_t both[2 * SHA256_SIZE];

	assert(size <= sizeof(both));
	static_assert(sizeof(both) == PADDING_CONTENT_MAX, "two blocks make the longest content");
	for (uint8_t block = 0; block < 2; block++) {
		input.size = 0;
		buffer_append_byte(&input, block);
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
	good = mask_zero(block.data[0]) & mask_equal(block.data[1], 2) &
	       mask_zero(block.data[separator]);
	for (size_t i = 2; i < separator; i++)
		good &= (uint8_t)~mask_zero(block.data[i]);
	choose(opaque(good), block.data + separator + 1, substitute, size, ret);
}

void padding_choose(const uint8_t *content, size_t content_size, bool failed,
		    const uint8_t *substitute, size_t size, uint8_t *ret)
{
	uint8_t good = mask_equal(content_size, size) & mask_zero((uint8_t)failed);

	choose(opaque(good), content, substitute, size, ret);
}
