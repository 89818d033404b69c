/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/oaep.h"
#include "hsm/constant-time.h"
#include "hsm/mgf1.h"

/* 0xff where @data begins with the label's digest. */
static uint8_t has_label(const struct rsa_opening *opening, const uint8_t *data)
{
	uint8_t label[DIGEST_SIZE_MAX], difference = 0;
	size_t size = digest_compute(opening->digest, opening->label, label);

	for (size_t i = 0; i < size; i++)
		difference |= label[i] ^ data[i];
	return constant_is_zero(difference);
}

/* Where the first byte that is not zero stands, from @begin on; 0xff in @ret_good where it is the
 * 1 that ends the padding. */
static size_t find_separator(struct span block, size_t begin, uint8_t *ret_good)
{
	uint8_t searching = 0xff, good = 0;
	size_t found = 0;

	for (size_t i = begin; i < block.size; i++) {
		uint8_t ends = searching & (uint8_t)~constant_is_zero(block.data[i]);

		good |= ends & constant_equal(block.data[i], 1);
		found = constant_choose_size(ends, i, found);
		searching &= (uint8_t)~ends;
	}
	*ret_good = good;
	return found;
}

int oaep_open(const struct rsa_opening *opening, struct secret *block, struct span *ret)
{
	size_t hash_size = digest_size(opening->digest);
	uint8_t *seed = block->data + 1, *data = seed + hash_size;
	size_t data_size = block->size - 1 - hash_size, separator;
	uint8_t good, ends_well;

	assert(block->size >= 2 * hash_size + 2);
	mgf1_apply(opening->mgf1, SPAN(data, data_size), seed, hash_size);
	mgf1_apply(opening->mgf1, SPAN(seed, hash_size), data, data_size);
	good = constant_is_zero(block->data[0]) & has_label(opening, data);
	separator = find_separator(span_of_secret(*block), 1 + 2 * hash_size, &ends_well);
	if (!constant_opaque(good & ends_well))
		return OAEP_WRONG;
	*ret = span_slice(span_of_secret(*block), separator + 1, block->size);
	return 0;
}
