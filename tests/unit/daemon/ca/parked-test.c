/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/parked.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MIB ((uint64_t)1024 * 1024)

/* The 32 MiB are 4 MiB for each of eight. */
static const struct {
	struct ca_parked_facts facts;
	enum ca_parked_room room;
} rows[] = {
	{{.number_most = 16, .size = 2000}, CA_PARKED_FREE},
	{{.number_most = 16, .size = 2000, .number = {15, 1, 0}}, CA_PARKED_FREE},
	{{.number_most = 16, .size = 2000, .number = {2, 2, 2}}, CA_PARKED_NONE},
	{{.number_most = 17, .size = 2000, .number = {2, 2, 2}}, CA_PARKED_FREE},
	{{.number_most = 1, .size = 2000}, CA_PARKED_FREE},
	{{.number_most = 1, .size = 2000, .number = {1, 0, 1}}, CA_PARKED_NONE},
	{{.number_most = 16, .size = 2000, .number = {16, 0, 2}}, CA_PARKED_YIELD_NUMBER},
	{{.number_most = 16, .size = 2000, .number = {16, 1, 2}}, CA_PARKED_NONE},
	{{.number_most = 80, .size = 2000, .number = {80, 8, 10}}, CA_PARKED_YIELD_NUMBER},
	/* bytes */
	{{.number_most = 99, .size = 4 * MIB}, CA_PARKED_FREE},
	{{.number_most = 99, .size = 4 * MIB + 1}, CA_PARKED_NONE},
	{{.number_most = 99, .size = 1, .bytes = {4 * MIB, 4 * MIB, 0}}, CA_PARKED_NONE},
	{{.number_most = 99, .size = MIB, .bytes = {31 * MIB, 3 * MIB, 4 * MIB}}, CA_PARKED_FREE},
	{{.number_most = 99, .size = MIB, .bytes = {31 * MIB + 1, MIB, 2 * MIB + 1}},
	 CA_PARKED_YIELD_BYTES},
	{{.number_most = 99, .size = MIB, .bytes = {31 * MIB + 1, MIB, 2 * MIB}}, CA_PARKED_NONE},
	/* both */
	{{.number_most = 16, .size = MIB, .number = {16, 0, 2}, .bytes = {32 * MIB, 0, 4 * MIB}},
	 CA_PARKED_YIELD_NUMBER},
	{{.number_most = 16, .size = MIB, .number = {16, 0, 2}, .bytes = {32 * MIB, 0, MIB}},
	 CA_PARKED_NONE},
	{{.number_most = 16, .size = 4 * MIB + 1, .number = {16, 0, 2}}, CA_PARKED_NONE},
};

static void room_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(ca_parked_room(&rows[i].facts), rows[i].room);
}

/* A flood from as many addresses as there are eighths, of messages of all sizes: neither bound is
 * ever passed, and who comes late gets in. */
static void a_flood_keeps_nobody_out(void **state)
{
	enum { PEERS = 9, MOST = 64, KEPT = 64 };
	struct {
		uint64_t sizes[KEPT], bytes;
		unsigned n;
	} peers[PEERS] = {};
	unsigned all = 0;
	uint64_t bytes = 0;

	(void)state;
	for (unsigned turn = 0; turn < 4000; turn++) {
		unsigned peer = turn < 2000 ? turn % 8 : 8;
		struct ca_parked_facts facts = {.number_most = MOST,
						.size = (turn * 7919 % 1200) * 1024 + 1};
		enum ca_parked_room room;

		do {
			unsigned most = 0, largest = 0, greatest;

			for (unsigned i = 1; i < PEERS; i++) {
				most = peers[i].n > peers[most].n ? i : most;
				largest = peers[i].bytes > peers[largest].bytes ? i : largest;
			}
			facts.number = (struct ca_parked_share){all, peers[peer].n, peers[most].n};
			facts.bytes = (struct ca_parked_share){bytes, peers[peer].bytes,
							       peers[largest].bytes};
			room = ca_parked_room(&facts);
			if (room != CA_PARKED_YIELD_NUMBER && room != CA_PARKED_YIELD_BYTES)
				break;
			greatest = room == CA_PARKED_YIELD_NUMBER ? most : largest;
			assert_true(greatest != peer && peers[greatest].n);
			bytes -= peers[greatest].sizes[--peers[greatest].n];
			peers[greatest].bytes -= peers[greatest].sizes[peers[greatest].n];
			all--;
		} while (true);
		if (room == CA_PARKED_NONE)
			continue;
		peers[peer].sizes[peers[peer].n++] = facts.size;
		peers[peer].bytes += facts.size;
		bytes += facts.size;
		all++;
		assert_true(all <= MOST && bytes <= CA_PARKED_BYTES_MOST);
		assert_true(peers[peer].n <= MOST / 8);
		assert_true(peers[peer].bytes <= CA_PARKED_BYTES_MOST / 8);
	}
	assert_true(peers[8].n >= 4);
}

static void it_waits_as_long_as_a_request_lives(void **state)
{
	(void)state;
	assert_false(ca_parked_is_stale(1000, 60, 1000));
	assert_false(ca_parked_is_stale(1000, 60, 1059));
	assert_true(ca_parked_is_stale(1000, 60, 1060));
	assert_false(ca_parked_is_stale(1000, 60, 10)); /* the clock was set back */
}

/* Nothing is dropped that can still be answered, and what keeps one back alone keeps no other. */
static void what_becomes_of_one(void **state)
{
	static const struct {
		enum ca_parked_event event;
		const char *name;
		bool keep, go_on;
	} expected[] = {
		{CA_PARKED_EVENT_ANSWERED, "answered", false, true},
		{CA_PARKED_EVENT_LATER, "later", true, false},
		{CA_PARKED_EVENT_IN_HAND, "in hand", true, true},
		{CA_PARKED_EVENT_ANOTHER_TOKEN, "for another token", true, true},
		{CA_PARKED_EVENT_CLOSED, "closed", true, true},
		{CA_PARKED_EVENT_UNREADABLE, "unreadable", false, true},
		{CA_PARKED_EVENT_ELSEWHERE, "for another", false, true},
		{CA_PARKED_EVENT_FAULT, "fault", true, true},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(expected); i++) {
		struct ca_parked_step step = ca_parked_step(expected[i].event);

		assert_int_equal(step.keep, expected[i].keep);
		assert_int_equal(step.go_on, expected[i].go_on);
		assert_string_equal(ca_parked_event_name(expected[i].event), expected[i].name);
	}
}

static void it_is_looked_at_again(void **state)
{
	(void)state;
	assert_int_equal(ca_parked_pause_ms(false, 0), 500);
	assert_int_equal(ca_parked_pause_ms(false, 1000), 500);
	assert_int_equal(ca_parked_pause_ms(true, 0), 500);
	assert_int_equal(ca_parked_pause_ms(true, 1), 1000);
	assert_int_equal(ca_parked_pause_ms(true, 6), 32000);
	assert_int_equal(ca_parked_pause_ms(true, 1000000), 32000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_is_found),
		cmocka_unit_test(a_flood_keeps_nobody_out),
		cmocka_unit_test(it_waits_as_long_as_a_request_lives),
		cmocka_unit_test(what_becomes_of_one),
		cmocka_unit_test(it_is_looked_at_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
