/* SPDX-License-Identifier: Apache-2.0 */
/* Every message there and back, and everything that is nearly one. */
#include "daemon/ipc/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_MOST ((size_t)67108864)

/* What other processes of other versions rely on, written down a second time on purpose: number,
 * name, who sends it, its reply, and the bytes of the smallest and the largest packet. */
static const struct {
	unsigned number;
	const char *name;
	enum ipc_role sender;
	unsigned reply;
	size_t least, most;
} contract[] = {
	{1, "FAILED", IPC_ROLE_ANY, 0, 17, 17 + 1024},
	{2, "DONE", IPC_ROLE_ANY, 0, 12, 12},
	{16, "SCEP_REQUEST", IPC_ROLE_FRONT_END, 17, 24, 24 + 64 + 64 + 262144},
	{17, "SCEP_REPLY", IPC_ROLE_DAEMON, 0, 20, 20 + 524288},
	{32, "TOKEN_STATUS", IPC_ROLE_ANY, 33, 12, 12},
	{33, "TOKEN_STATE", IPC_ROLE_TOKEN, 0, 44, 44 + 1024 + 4 * 64},
	{34, "TOKEN_KEY", IPC_ROLE_ANY, 35, 14, 14},
	{35, "TOKEN_KEY_INFO", IPC_ROLE_TOKEN, 0, 49, 49 + 64 + 2048 + 4096 + 128},
	{36, "TOKEN_MAKE", IPC_ROLE_DAEMON, 37, 27, 27 + 4096 + 128 + 32},
	{37, "TOKEN_MADE", IPC_ROLE_TOKEN, 0, 24, 24 + 64 + 2048 + 64},
	{38, "TOKEN_SIGN", IPC_ROLE_DAEMON, 39, 25, 25 + 32 + 32 + 67108864},
	{39, "TOKEN_SIGNATURE", IPC_ROLE_TOKEN, 0, 16, 16 + 1024},
	{40, "TOKEN_UNWRAP", IPC_ROLE_DAEMON, 41, 22, 22 + 32 + 1024},
	{41, "TOKEN_CONTENT_KEY", IPC_ROLE_TOKEN, 0, 16, 16 + 64},
	{42, "TOKEN_RELABEL", IPC_ROLE_DAEMON, 2, 20, 20 + 32 + 128},
	{43, "TOKEN_DESTROY", IPC_ROLE_DAEMON, 2, 16, 16 + 32},
	{44, "TOKEN_LOG", IPC_ROLE_DAEMON, 45, 20, 20},
	{45, "TOKEN_LOG_PAGE", IPC_ROLE_TOKEN, 0, 16, 16 + 49152},
	{46, "TOKEN_NOTE", IPC_ROLE_DAEMON, 2, 16, 16 + 32},
	{47, "TOKEN_ARCHIVE", IPC_ROLE_DAEMON, 71, 20, 20 + 32 + 8192},
	{48, "TOKEN_USE", IPC_ROLE_DAEMON, 39, 26, 26 + 32 + 64000},
	{49, "TOKEN_OPEN", IPC_ROLE_DAEMON, 50, 27, 27 + 32 + 256 + 1024},
	{50, "TOKEN_OPENED", IPC_ROLE_TOKEN, 0, 16, 16 + 1024},
	{64, "TOKEN_LOGIN", IPC_ROLE_OPERATOR, 2, 16, 16 + 256},
	{65, "TOKEN_INIT", IPC_ROLE_OPERATOR, 2, 28, 28 + 256 + 256 + 32 + 64},
	{104, "TOKEN_SURVEY", IPC_ROLE_OPERATOR, 105, 12, 12},
	{105, "TOKEN_SURVEYED", IPC_ROLE_TOKEN, 0, 38, 38 + 4 * 64},
	{66, "TOKEN_ZEROIZE", IPC_ROLE_OPERATOR, 2, 16, 16 + 32},
	{67, "TOKEN_GENERATE", IPC_ROLE_OPERATOR, 37, 21, 21 + 128},
	{68, "TOKEN_IMPORT", IPC_ROLE_OPERATOR, 69, 28, 28 + 128 + 256 + 32768},
	{69, "TOKEN_IMPORTED", IPC_ROLE_TOKEN, 0, 32, 32 + 64 + 2048 + 64 + 8192 + 32768},
	{70, "TOKEN_EXPORT", IPC_ROLE_OPERATOR, 71, 29, 29 + 32 + 256 + 8192 + 32768},
	{71, "TOKEN_EXPORTED", IPC_ROLE_TOKEN, 0, 16, 16 + 65536},
	{72, "TOKEN_SEAL", IPC_ROLE_ANY, 2, 16, 16 + 32},
	{73, "TOKEN_ADOPT", IPC_ROLE_OPERATOR, 74, 16, 16 + 256},
	{74, "TOKEN_ADOPTED", IPC_ROLE_TOKEN, 0, 18, 18 + 64},
	{75, "TOKEN_BACKUP", IPC_ROLE_OPERATOR, 76, 16, 16 + 32},
	{76, "TOKEN_BACKED_UP", IPC_ROLE_TOKEN, 0, 16, 16 + 65536},
	{77, "TOKEN_RESTORE", IPC_ROLE_OPERATOR, 78, 16, 16 + 65536},
	{78, "TOKEN_RESTORED", IPC_ROLE_TOKEN, 0, 28, 28 + 64 + 2048 + 128 + 64},
	{79, "TOKEN_OFFER", IPC_ROLE_OPERATOR, 112, 13, 13},
	{112, "TOKEN_OFFERED", IPC_ROLE_TOKEN, 0, 20, 20 + 2048 + 16},
	{113, "TOKEN_GIVE", IPC_ROLE_OPERATOR, 114, 20, 20 + 256 + 2048},
	{114, "TOKEN_GIVEN", IPC_ROLE_TOKEN, 0, 20, 20 + 1024 + 16},
	{115, "TOKEN_TAKE", IPC_ROLE_OPERATOR, 2, 24, 24 + 256 + 1024 + 16},
	{80, "FETCH_GET", IPC_ROLE_ANY, 81, 30, 30 + 2048 + 256 + 1024},
	{81, "FETCH_CONTENT", IPC_ROLE_FETCHER, 0, 16, 16 + 67108864},
	{82, "FETCH_PUT", IPC_ROLE_ANY, 2, 30, 30 + 2048 + 256 + 1024 + 67108864},
	{83, "FETCH_SCEP", IPC_ROLE_ANY, 84, 26, 26 + 16384 + 1048576},
	{84, "FETCH_ANSWER", IPC_ROLE_FETCHER, 0, 26, 26 + 256 + 67108864},
	{85, "FETCH_TRAP", IPC_ROLE_ANY, 2, 68, 68 + 5007},
	{96, "KEY_PUBLIC", IPC_ROLE_ANY, 97, 16, 16 + 128},
	{97, "KEY_PUBLIC_HALF", IPC_ROLE_DAEMON, 0, 16, 16 + 2048},
	{98, "KEY_SIGN", IPC_ROLE_ANY, 99, 30, 30 + 128 + 32 + 64000},
	{99, "KEY_SIGNATURE", IPC_ROLE_DAEMON, 0, 16, 16 + 1024},
	{100, "KEY_OPEN", IPC_ROLE_ANY, 101, 31, 31 + 128 + 32 + 256 + 1024},
	{101, "KEY_OPENED", IPC_ROLE_DAEMON, 0, 16, 16 + 1024},
};

/* How the fields of a sample are filled. */
struct filler {
	size_t most; /* bytes of each text and blob, up to its own limit */
	unsigned count;
};

static uint8_t *letters; /* TEXT_MOST of them */

static uint64_t fill_integer(struct filler *filler)
{
	return 0xf1f2f3f4f5f6f7f8 + filler->count++;
}

static struct span fill_span(struct filler *filler, size_t limit)
{
	size_t size = filler->most < limit ? filler->most : limit;

	return SPAN(letters + filler->count++ % 8, size);
}

/* For each message: fill it, compare two, and its struct's size. */
#define IPC_MESSAGE(NAME, name, number, sender, reply)                                             \
	static void fill_##name(void *message, struct filler *filler)                              \
	{                                                                                          \
		struct ipc_##name *m = message;                                                    \
		(void)m, (void)filler;
#define IPC_U8(name, field)	      m->field = (uint8_t)fill_integer(filler);
#define IPC_U16(name, field)	      m->field = (uint16_t)fill_integer(filler);
#define IPC_U32(name, field)	      m->field = (uint32_t)fill_integer(filler);
#define IPC_U64(name, field)	      m->field = fill_integer(filler);
#define IPC_I64(name, field)	      m->field = (int64_t)fill_integer(filler);
#define IPC_TEXT(name, field, most)   m->field = fill_span(filler, most);
#define IPC_BLOB(name, field, most)   m->field = fill_span(filler, most);
#define IPC_SECRET(name, field, most) m->field = fill_span(filler, most);
#define IPC_END(name)		      }
#include "daemon/ipc/messages.def"

#define IPC_MESSAGE(NAME, name, number, sender, reply)                                             \
	static void compare_##name(const void *one, const void *other)                             \
	{                                                                                          \
		const struct ipc_##name *a = one, *b = other;                                      \
		(void)a, (void)b;
#define IPC_U8(name, field)	      assert_int_equal(a->field, b->field);
#define IPC_U16(name, field)	      assert_int_equal(a->field, b->field);
#define IPC_U32(name, field)	      assert_int_equal(a->field, b->field);
#define IPC_U64(name, field)	      assert_int_equal(a->field, b->field);
#define IPC_I64(name, field)	      assert_int_equal(a->field, b->field);
#define IPC_TEXT(name, field, most)   assert_true(span_equal(a->field, b->field));
#define IPC_BLOB(name, field, most)   assert_true(span_equal(a->field, b->field));
#define IPC_SECRET(name, field, most) assert_true(span_equal(a->field, b->field));
#define IPC_END(name)		      }
#include "daemon/ipc/messages.def"

static const struct sample {
	enum ipc_number number;
	void (*fill)(void *message, struct filler *filler);
	void (*compare)(const void *one, const void *other);
} samples[] = {
#define IPC_MESSAGE(NAME, name, number, sender, reply) {IPC_##NAME, fill_##name, compare_##name},
#include "daemon/ipc/messages.def"
};

/* Of each field the width, at most 8, or the limit, which is more than 8. */
struct mark {
	size_t limit;
};
#define IPC_MESSAGE(NAME, name, number, sender, reply) static const struct mark marks_##name[] = {
#define IPC_U8(name, field)			       {1},
#define IPC_U16(name, field)			       {2},
#define IPC_U32(name, field)			       {4},
#define IPC_U64(name, field)			       {8},
#define IPC_I64(name, field)			       {8},
#define IPC_TEXT(name, field, most)		       {most},
#define IPC_BLOB(name, field, most)		       {most},
#define IPC_SECRET(name, field, most)		       {most},
#define IPC_END(name)                                                                              \
	{                                                                                          \
		0                                                                                  \
	}                                                                                          \
	}                                                                                          \
	;
#include "daemon/ipc/messages.def"

union any {
#define IPC_MESSAGE(NAME, name, number, sender, reply) struct ipc_##name name;
#include "daemon/ipc/messages.def"
	uint8_t room[4096];
};

static struct bytes encode(const struct sample *sample, size_t most, uint64_t tag)
{
	struct filler filler = {.most = most};
	struct bytes packet = {0};
	union any message = {0};

	sample->fill(&message, &filler);
	assert_int_equal(ipc_encode(sample->number, tag, &message, &packet), 0);
	return packet;
}

static void table_is_the_contract(void **state)
{
	(void)state;
	assert_int_equal(ELEMENTS(samples), ELEMENTS(contract));
	for (size_t i = 0; i < ELEMENTS(contract); i++) {
		enum ipc_number number = (enum ipc_number)contract[i].number;

		assert_int_equal(samples[i].number, number);
		assert_string_equal(ipc_name(number), contract[i].name);
		assert_int_equal(ipc_sender(number), contract[i].sender);
		assert_int_equal(ipc_reply(number), contract[i].reply);
		assert_int_equal(ipc_size_most(number), contract[i].most);
		_cleanup_(bytes_done) struct bytes empty = encode(&samples[i], 0, 0);
		assert_int_equal(empty.size, contract[i].least);
	}
	assert_string_equal(ipc_name((enum ipc_number)3), "unknown");
	assert_int_equal(ipc_sender((enum ipc_number)3), IPC_ROLE_NONE);
	assert_int_equal(ipc_reply((enum ipc_number)3), IPC_NONE);
	assert_int_equal(ipc_size_most((enum ipc_number)3), 0);
}

static void bytes_are_as_described(void **state)
{
	static const uint8_t expected[] = {
		0x26, 0x00, 0x00, 0x00,				/* TOKEN_SIGN, no flags */
		0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, /* tag */
		0x02, 0x00, 0x00, 0x00, 'k',  'y',		/* key */
		0x03,						/* digest */
		0x00, 0x00, 0x00, 0x00,				/* head */
		0x03, 0x00, 0x00, 0x00, 0x00, 0xff, 0x80,	/* to_be_signed */
	};
	struct ipc_token_sign sign = {SPAN_LITERAL("ky"), 3, {0}, SPAN_LITERAL("\x00\xff\x80")};
	_cleanup_(bytes_done) struct bytes packet = {0};
	struct ipc_header header;

	(void)state;
	assert_int_equal(ipc_encode(IPC_TOKEN_SIGN, 0x0102030405060708, &sign, &packet), 0);
	assert_int_equal(packet.size, sizeof(expected));
	assert_memory_equal(packet.data, expected, sizeof(expected));
	assert_int_equal(ipc_decode_header(span_of(packet), &header), 0);
	assert_int_equal(header.number, IPC_TOKEN_SIGN);
	assert_int_equal(header.tag, 0x0102030405060708);
}

static void round_trip(const struct sample *sample, size_t most)
{
	_cleanup_(bytes_done) struct bytes packet = encode(sample, most, UINT64_MAX);
	struct filler filler = {.most = most};
	union any before = {0}, after;

	sample->fill(&before, &filler);
	memset(&after, 0xaa, sizeof(after));
	assert_int_equal(ipc_decode(span_of(packet), sample->number, &after), 0);
	sample->compare(&before, &after);
	/* No more than the message's own struct was written. */
	assert_int_equal(after.room[sizeof(after) - 1], 0xaa);
}

static void every_message_comes_back(void **state)
{
	static const size_t sizes[] = {0, 1, 5, 31, 32, 300, TEXT_MOST};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(samples); i++)
		for (size_t k = 0; k < ELEMENTS(sizes); k++)
			round_trip(&samples[i], sizes[k]);
}

static void fields_at_their_limits_fill_the_packet(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(samples); i++) {
		_cleanup_(bytes_done) struct bytes packet = encode(&samples[i], TEXT_MOST, 1);

		assert_int_equal(packet.size, contract[i].most);
	}
}

/* On exact heap copies, so that a read past the end is seen. @ret must stay untouched. */
static void assert_refused(const uint8_t *data, size_t size, enum ipc_number number)
{
	uint8_t *copy = malloc(size ? size : 1);
	union any message, untouched;

	assert_non_null(copy);
	if (size)
		memcpy(copy, data, size);
	memset(&message, 0xaa, sizeof(message));
	memset(&untouched, 0xaa, sizeof(untouched));
	assert_int_equal(ipc_decode(SPAN(copy, size), number, &message), -EBADMSG);
	assert_memory_equal(&message, &untouched, sizeof(message));
	free(copy);
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(samples); i++) {
		_cleanup_(bytes_done) struct bytes packet = encode(&samples[i], 9, 7);

		for (size_t size = 0; size < packet.size; size++)
			assert_refused(packet.data, size, samples[i].number);
	}
}

static void every_extension_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(samples); i++) {
		_cleanup_(bytes_done) struct bytes packet = encode(&samples[i], 9, 7);
		uint8_t *longer = calloc(1, packet.size + 1);

		assert_non_null(longer);
		memcpy(longer, packet.data, packet.size);
		for (unsigned byte = 0; byte < 256; byte++) {
			longer[packet.size] = (uint8_t)byte;
			assert_refused(longer, packet.size + 1, samples[i].number);
		}
		free(longer);
	}
}

static void another_message_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(samples); i++)
		for (size_t k = 0; k < ELEMENTS(samples); k++) {
			_cleanup_(bytes_done) struct bytes packet = encode(&samples[i], 9, 7);

			if (k != i)
				assert_refused(packet.data, packet.size, samples[k].number);
		}
}

static void headers_are_strict(void **state)
{
	struct ipc_header header;
	uint8_t packet[IPC_HEADER_SIZE];
	unsigned known = 0;

	(void)state;
	for (unsigned number = 0; number < 65536; number++) {
		memset(packet, 0, sizeof(packet));
		packet[0] = (uint8_t)number;
		packet[1] = (uint8_t)(number >> 8);
		if (ipc_decode_header(SPAN_ARRAY(packet), &header) == 0)
			known++;
	}
	assert_int_equal(known, ELEMENTS(contract));
	for (unsigned flag = 1; flag < 65536; flag <<= 1) {
		memset(packet, 0, sizeof(packet));
		packet[0] = IPC_DONE;
		packet[2] = (uint8_t)flag;
		packet[3] = (uint8_t)(flag >> 8);
		assert_int_equal(ipc_decode_header(SPAN_ARRAY(packet), &header), -EBADMSG);
	}
	assert_int_equal(ipc_decode_header(SPAN(packet, 11), &header), -EBADMSG);
}

/* Field by field through a packet whose texts and blobs have 9 bytes: one more than the limit, and
 * lengths that point far behind the end, are refused. */
static void spoil_lengths(enum ipc_number number, const struct mark *marks, struct bytes packet)
{
	static const uint32_t bad[] = {8, 10, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};
	size_t at = IPC_HEADER_SIZE;

	for (; marks->limit; marks++) {
		if (marks->limit <= 8) {
			at += marks->limit;
			continue;
		}
		uint8_t saved[4];
		memcpy(saved, packet.data + at, 4);
		for (size_t i = 0; i < ELEMENTS(bad); i++) {
			memcpy(packet.data + at, &bad[i], 4);
			assert_refused(packet.data, packet.size, number);
		}
		memcpy(packet.data + at, saved, 4);
		at += 4 + 9;
	}
	assert_int_equal(at, packet.size);
}

static void wrong_lengths_are_refused(void **state)
{
	(void)state;
#define IPC_MESSAGE(NAME, name, number, sender, reply)                                             \
	{                                                                                          \
		const struct sample sample = {IPC_##NAME, fill_##name, compare_##name};            \
		_cleanup_(bytes_done) struct bytes packet = encode(&sample, 9, 7);                 \
		spoil_lengths(IPC_##NAME, marks_##name, packet);                                   \
	}
#include "daemon/ipc/messages.def"
}

/* The only too-large field in an otherwise right packet. */
static void one_byte_over_a_limit(enum ipc_number number, const struct mark *marks, size_t which)
{
	size_t at = IPC_HEADER_SIZE, most = 0;

	for (size_t i = 0; marks[i].limit; i++)
		most += marks[i].limit <= 8 ? marks[i].limit : 4;
	uint8_t *packet = calloc(1, at + most + marks[which].limit + 1);
	assert_non_null(packet);
	packet[0] = (uint8_t)number;
	for (size_t i = 0; marks[i].limit; i++) {
		uint32_t size = (uint32_t)(marks[i].limit + 1);

		if (i == which) {
			memcpy(packet + at, &size, 4);
			memset(packet + at + 4, 'a', size);
			at += 4 + size;
		} else {
			at += marks[i].limit <= 8 ? marks[i].limit : 4;
		}
	}
	assert_refused(packet, at, number);
	free(packet);
}

static void fields_over_their_limits_are_refused(void **state)
{
	(void)state;
#define IPC_MESSAGE(NAME, name, number, sender, reply)                                             \
	for (size_t i = 0; marks_##name[i].limit; i++)                                             \
		if (marks_##name[i].limit > 8)                                                     \
			one_byte_over_a_limit(IPC_##NAME, marks_##name, i);
#include "daemon/ipc/messages.def"
}

static void texts_are_utf8_without_nul(void **state)
{
	static const char *const bad[] = {"\xff", "\xc0\x80", "\xed\xa0\x80", "a\xc3"};
	uint8_t packet[64] = {IPC_FAILED};
	struct ipc_failed failed = {.reason = SPAN_LITERAL("a\0b")};
	struct bytes none = {0};

	(void)state;
	packet[IPC_HEADER_SIZE + 1] = 3;
	memcpy(packet + 17, "a\0b", 3);
	assert_refused(packet, 20, IPC_FAILED);
	assert_int_equal(ipc_encode(IPC_FAILED, 1, &failed, &none), -EINVAL);
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		size_t size = strlen(bad[i]);

		packet[IPC_HEADER_SIZE + 1] = (uint8_t)size;
		memcpy(packet + 17, bad[i], size);
		assert_refused(packet, 17 + size, IPC_FAILED);
		failed.reason = span_of_text(bad[i]);
		assert_int_equal(ipc_encode(IPC_FAILED, 1, &failed, &none), -EINVAL);
	}
	assert_null(none.data);
}

static void blobs_are_any_bytes(void **state)
{
	uint8_t any[256];
	struct ipc_token_signature signature = {SPAN_ARRAY(any)}, back;
	_cleanup_(bytes_done) struct bytes packet = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(any); i++)
		any[i] = (uint8_t)i;
	assert_int_equal(ipc_encode(IPC_TOKEN_SIGNATURE, 1, &signature, &packet), 0);
	assert_int_equal(ipc_decode(span_of(packet), IPC_TOKEN_SIGNATURE, &back), 0);
	assert_true(span_equal(back.signature, SPAN_ARRAY(any)));
}

static void states_have_names(void **state)
{
	(void)state;
	assert_string_equal(token_state_name(TOKEN_ABSENT), "absent");
	assert_string_equal(token_state_name(TOKEN_LOCKED), "locked");
	assert_string_equal(token_state_name(TOKEN_READY), "ready");
	assert_string_equal(token_state_name(TOKEN_DEGRADED), "degraded");
	assert_string_equal(token_state_name(TOKEN_FAILED), "failed");
	assert_string_equal(token_state_name((enum token_state)0), "unknown");
	assert_string_equal(token_state_name(TOKEN_SEEN), "seen");
	assert_string_equal(token_state_name(TOKEN_MAPPED), "mapped");
	assert_string_equal(token_state_name((enum token_state)8), "unknown");
}

static int make_letters(void **state)
{
	(void)state;
	letters = malloc(TEXT_MOST + 8);
	if (!letters)
		return -1;
	for (size_t i = 0; i < TEXT_MOST + 8; i++)
		letters[i] = (uint8_t)('a' + i % 26);
	return 0;
}

static int free_letters(void **state)
{
	(void)state;
	free(letters);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_the_contract),
		cmocka_unit_test(bytes_are_as_described),
		cmocka_unit_test(every_message_comes_back),
		cmocka_unit_test(fields_at_their_limits_fill_the_packet),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_extension_is_refused),
		cmocka_unit_test(another_message_is_refused),
		cmocka_unit_test(headers_are_strict),
		cmocka_unit_test(wrong_lengths_are_refused),
		cmocka_unit_test(fields_over_their_limits_are_refused),
		cmocka_unit_test(texts_are_utf8_without_nul),
		cmocka_unit_test(blobs_are_any_bytes),
		cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, make_letters, free_letters);
}
