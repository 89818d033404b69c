/* SPDX-License-Identifier: Apache-2.0 */
/* layers: daemon/ipc */
/*
 * Any bytes as a packet. What is decoded must encode to the same bytes, and be no other message.
 * New inputs begin as messages made from the table.
 */
#include "daemon/ipc/message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static uint8_t letters[512];

static struct span some(unsigned *seed, size_t most)
{
	size_t size = (size_t)rand_r(seed) % (most < 100 ? most + 1 : 100);

	return SPAN(letters + rand_r(seed) % 256, size);
}

#define IPC_MESSAGE(NAME, name, number, sender, reply)                                             \
	static void fill_##name(void *message, unsigned *seed)                                     \
	{                                                                                          \
		struct ipc_##name *m = message;                                                    \
		(void)m, (void)seed;
#define IPC_U8(name, field)	      m->field = (uint8_t)rand_r(seed);
#define IPC_U16(name, field)	      m->field = (uint16_t)rand_r(seed);
#define IPC_U32(name, field)	      m->field = (uint32_t)rand_r(seed);
#define IPC_U64(name, field)	      m->field = (uint64_t)rand_r(seed);
#define IPC_I64(name, field)	      m->field = (int64_t)rand_r(seed);
#define IPC_TEXT(name, field, most)   m->field = some(seed, most);
#define IPC_BLOB(name, field, most)   m->field = some(seed, most);
#define IPC_SECRET(name, field, most) m->field = some(seed, most);
#define IPC_END(name)		      }
#include "daemon/ipc/messages.def"

static const struct {
	enum ipc_number number;
	void (*fill)(void *message, unsigned *seed);
} samples[] = {
#define IPC_MESSAGE(NAME, name, number, sender, reply) {IPC_##NAME, fill_##name},
#include "daemon/ipc/messages.def"
};

union any {
#define IPC_MESSAGE(NAME, name, number, sender, reply) struct ipc_##name name;
#include "daemon/ipc/messages.def"
};

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	_cleanup_(bytes_done) struct bytes packet = {0};
	union any message = {0};
	size_t which = seed / 16 % ELEMENTS(samples);

	if (size > 1 && seed % 16 != 0)
		return LLVMFuzzerMutate(data, size, max_size);
	for (size_t i = 0; i < sizeof(letters); i++)
		letters[i] = (uint8_t)('a' + i % 26);
	samples[which].fill(&message, &seed);
	if (ipc_encode(samples[which].number, seed, &message, &packet) < 0 ||
	    packet.size > max_size)
		return LLVMFuzzerMutate(data, size, max_size);
	memcpy(data, packet.data, packet.size);
	return packet.size;
}

static void come_back(struct span packet, const struct ipc_header *header, const union any *message)
{
	_cleanup_(bytes_done) struct bytes again = {0};

	assert(ipc_encode(header->number, header->tag, message, &again) == 0);
	assert(span_equal(span_of(again), packet));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span packet = SPAN(data, size);
	struct ipc_header header = {0};
	int known = ipc_decode_header(packet, &header);
	union any message;

	for (size_t i = 0; i < ELEMENTS(samples); i++) {
		int r = ipc_decode(packet, samples[i].number, &message);

		assert(r == 0 || r == -EBADMSG);
		if (r < 0)
			continue;
		assert(known == 0 && header.number == samples[i].number);
		assert(size <= ipc_size_most(header.number));
		come_back(packet, &header, &message);
	}
	return 0;
}
