/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	struct ca_room_facts facts;
	enum ca_room room;
} rows[] = {
	{{.most = 16, .waiting = 0, .of_peer = 0}, CA_ROOM_FREE},
	{{.most = 16, .waiting = 15, .of_peer = 1}, CA_ROOM_FREE},
	{{.most = 16, .waiting = 2, .of_peer = 2}, CA_ROOM_NONE}, /* an eighth */
	{{.most = 17, .waiting = 2, .of_peer = 2}, CA_ROOM_FREE}, /* rounded up */
	{{.most = 17, .waiting = 3, .of_peer = 3}, CA_ROOM_NONE},
	{{.most = 1, .waiting = 0, .of_peer = 0}, CA_ROOM_FREE}, /* the least there is */
	{{.most = 1, .waiting = 1, .of_peer = 0, .of_greatest = 1}, CA_ROOM_NONE},
	{{.most = 16, .waiting = 16, .of_peer = 0, .of_greatest = 2}, CA_ROOM_YIELD},
	{{.most = 16, .waiting = 16, .of_peer = 1, .of_greatest = 2}, CA_ROOM_NONE},
	{{.most = 16, .waiting = 20, .of_peer = 0, .of_greatest = 1}, CA_ROOM_NONE},
	{{.most = 80, .waiting = 80, .of_peer = 8, .of_greatest = 10}, CA_ROOM_YIELD},
	{{.most = 80, .waiting = 80, .of_peer = 10, .of_greatest = 12}, CA_ROOM_NONE},
	{{.most = UINT32_MAX, .waiting = 5, .of_peer = 4}, CA_ROOM_FREE},
};

static void room_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(ca_room_find(&rows[i].facts), rows[i].room);
}

/* Whoever floods, from as many addresses as there are eighths: a newcomer gets in, and as often as
 * he comes nobody ends with less than he has. */
static void a_flood_keeps_nobody_out(void **state)
{
	enum { PEERS = 9, MOST = 64 };
	unsigned waiting[PEERS] = {0}, all = 0;

	(void)state;
	for (unsigned turn = 0; turn < 1000; turn++) {
		unsigned peer = turn < 500 ? turn % 8 : 8, greatest = 0;
		struct ca_room_facts facts = {
			.most = MOST, .waiting = all, .of_peer = waiting[peer]};
		enum ca_room room;

		for (unsigned i = 1; i < PEERS; i++)
			greatest = waiting[i] > waiting[greatest] ? i : greatest;
		facts.of_greatest = waiting[greatest];
		room = ca_room_find(&facts);
		if (room == CA_ROOM_NONE)
			continue;
		waiting[peer]++;
		if (room == CA_ROOM_YIELD)
			waiting[greatest]--;
		else
			all++;
		assert_true(all <= MOST);
	}
	assert_int_equal(all, MOST);
	assert_true(waiting[8] >= 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_is_found),
		cmocka_unit_test(a_flood_keeps_nobody_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
