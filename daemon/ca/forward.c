/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/forward.h"
#include <assert.h>
#include <stdlib.h>

#define PAUSE_S	     INT64_C(60)
#define PAUSE_MOST_S (8 * INT64_C(3600))

#define STATES_ (CA_FORWARD_PENDING + 1)
#define EVENTS_ (CA_FORWARD_EVENT_STALE + 1)

void ca_forward_record_done(struct ca_forward_record *record)
{
	bytes_done(&record->client);
	bytes_done(&record->message);
	bytes_done(&record->transaction_id);
	bytes_done(&record->sender_nonce);
	free(record->told);
	*record = (struct ca_forward_record){};
}

const char *ca_forward_state_name(enum ca_forward_state state)
{
	static const char *const names[STATES_] = {
		[CA_FORWARD_NEW] = "new",
		[CA_FORWARD_MADE] = "made",
		[CA_FORWARD_PENDING] = "pending",
	};

	assert(state >= CA_FORWARD_NEW && state < STATES_);
	return names[state];
}

const char *ca_forward_event_name(enum ca_forward_event event)
{
	static const char *const names[EVENTS_] = {
		[CA_FORWARD_EVENT_DRAWN] = "drawn up",
		[CA_FORWARD_EVENT_NO_ANSWER] = "no answer",
		[CA_FORWARD_EVENT_BAD_ANSWER] = "bad answer",
		[CA_FORWARD_EVENT_WAITS] = "pending",
		[CA_FORWARD_EVENT_GRANTED] = "granted",
		[CA_FORWARD_EVENT_REJECTED] = "rejected",
		[CA_FORWARD_EVENT_STALE] = "stale",
	};

	assert(event < EVENTS_);
	return names[event];
}

/* The table's short words. */
enum next {
	GONE = 0,
	NEW = CA_FORWARD_NEW,
	MADE = CA_FORWARD_MADE,
	PENDING = CA_FORWARD_PENDING,
};
enum effect {
	COUNT = CA_FORWARD_EFFECT_COUNT,
	RECOUNT = CA_FORWARD_EFFECT_RECOUNT,
	GRANT = CA_FORWARD_EFFECT_GRANT,
	DENY = CA_FORWARD_EFFECT_DENY,
};

struct ca_forward_step ca_forward_step(enum ca_forward_state state, enum ca_forward_event event)
{
	static const struct {
		uint8_t next, effects;
	} steps[STATES_][EVENTS_] = {
#define FORWARD(state, event, next, effects)                                                       \
	[CA_FORWARD_##state][CA_FORWARD_EVENT_##event] = {next, effects},
#include "daemon/ca/forward.def"
#undef FORWARD
	};

	assert(state >= CA_FORWARD_NEW && state < STATES_ && event < EVENTS_);
	assert(steps[state][event].effects); /* each state knows each event */
	return (struct ca_forward_step){(enum ca_forward_state)steps[state][event].next,
					steps[state][event].effects};
}

static int64_t pause_s(unsigned n)
{
	int64_t pause = PAUSE_S;

	if (!n)
		return 0;
	while (--n && pause < PAUSE_MOST_S)
		pause *= 2;
	return pause < PAUSE_MOST_S ? pause : PAUSE_MOST_S;
}

/* That it waits was the answer to a try. */
int64_t ca_forward_due_s(const struct ca_forward_record *record)
{
	unsigned n = record->tries + (record->state == CA_FORWARD_PENDING);

	return n ? record->tried_s + pause_s(n) : record->created_s;
}

bool ca_forward_is_stale(const struct ca_forward_record *record,
			 const struct ca_exchange_record *signer, int64_t issuer_id, int64_t now_s)
{
	if (record->state == CA_FORWARD_NEW)
		return false;
	return !signer || signer->destroyed_s || now_s > signer->not_after_s ||
	       record->generation_id != issuer_id;
}
