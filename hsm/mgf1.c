/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/mgf1.h"
#include <string.h>

void mgf1_apply(enum digest digest, struct span seed, uint8_t *data, size_t size)
{
	uint8_t input[MGF1_SEED_MAX + 4], block[DIGEST_SIZE_MAX];
	size_t block_size = digest_size(digest);

	assert(seed.size <= MGF1_SEED_MAX);
	memcpy(input, seed.data, seed.size);
	for (size_t at = 0, counter = 0; at < size; at += block_size, counter++) {
		for (size_t i = 0; i < 4; i++)
			input[seed.size + i] = (uint8_t)(counter >> (24 - 8 * i));
		(void)digest_compute(digest, SPAN(input, seed.size + 4), block);
		for (size_t i = 0; i < block_size && at + i < size; i++)
			data[at + i] ^= block[i];
	}
	wipe(input, sizeof(input));
	wipe(block, sizeof(block));
}
