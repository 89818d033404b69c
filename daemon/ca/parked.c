/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/parked.h"
#include <assert.h>
#include <stdlib.h>

#define PEER_SHARE     8
#define PAUSE_FIRST_MS 500
#define PAUSE_MOST_MS  32000

void ca_parked_record_done(struct ca_parked_record *record)
{
	free(record->server);
	free(record->token);
	bytes_done(&record->transaction_id);
	free(record->peer);
	bytes_done(&record->message);
	*record = (struct ca_parked_record){};
}

/* @yield: where somebody else must drop one first. */
static enum ca_parked_room room_of(const struct ca_parked_share *share, uint64_t newcomer,
				   uint64_t most, enum ca_parked_room yield)
{
	uint64_t of_peer = share->of_peer + newcomer;

	if (of_peer > most / PEER_SHARE + (most % PEER_SHARE != 0))
		return CA_PARKED_NONE;
	if (share->all + newcomer <= most)
		return CA_PARKED_FREE;
	return share->of_greatest > of_peer ? yield : CA_PARKED_NONE;
}

enum ca_parked_room ca_parked_room(const struct ca_parked_facts *facts)
{
	enum ca_parked_room number =
		room_of(&facts->number, 1, facts->number_most, CA_PARKED_YIELD_NUMBER);
	enum ca_parked_room bytes =
		room_of(&facts->bytes, facts->size, CA_PARKED_BYTES_MOST, CA_PARKED_YIELD_BYTES);

	if (number == CA_PARKED_NONE || bytes == CA_PARKED_NONE)
		return CA_PARKED_NONE;
	return number == CA_PARKED_FREE ? bytes : number;
}

bool ca_parked_is_stale(int64_t received_s, int64_t lifetime_s, int64_t now_s)
{
	return now_s - received_s >= lifetime_s;
}

static const struct {
	const char *name;
	struct ca_parked_step step;
} rows[] = {
#define PARKED(event, name, keep, go_on) [CA_PARKED_EVENT_##event] = {name, {keep, go_on}},
#include "daemon/ca/parked.def"
#undef PARKED
};

const char *ca_parked_event_name(enum ca_parked_event event)
{
	assert(event < ELEMENTS(rows));
	return rows[event].name;
}

struct ca_parked_step ca_parked_step(enum ca_parked_event event)
{
	assert(event < ELEMENTS(rows));
	return rows[event].step;
}

int64_t ca_parked_pause_ms(bool ready, unsigned tries)
{
	int64_t pause_ms = PAUSE_FIRST_MS;

	while (ready && tries-- && pause_ms < PAUSE_MOST_MS)
		pause_ms *= 2;
	return pause_ms;
}
