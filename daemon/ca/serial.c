/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/serial.h"
#include <string.h>

size_t ca_serial(uint64_t counter, const uint8_t *random, uint8_t ret[static 20])
{
	size_t n = 0;

	assert(counter > 0);
	for (int shift = 56; shift >= 0; shift -= 8)
		if (n || counter >> shift)
			ret[n++] = (uint8_t)(counter >> shift);
	if (!random)
		return n;
	memcpy(ret + n, random, CA_SERIAL_RANDOM_SIZE);
	return n + CA_SERIAL_RANDOM_SIZE;
}

uint64_t ca_serial_counter(struct span serial)
{
	uint64_t counter = 0;
	size_t n = serial.size;

	/* A bare counter has at most eight bytes, one with random bits at least nine. */
	if (n > sizeof(counter))
		n -= CA_SERIAL_RANDOM_SIZE;
	if (n > sizeof(counter))
		return 0;
	for (size_t i = 0; i < n; i++)
		counter = counter << 8 | serial.data[i];
	return counter;
}
