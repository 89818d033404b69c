/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/enrollment.h"
#include "daemon/scep/client.h"

enum guard { ALWAYS, NEW_KEY };

/* The table's short words. */
enum next {
	GONE = 0,
	MADE = CA_ENROLLMENT_MADE,
	PENDING = CA_ENROLLMENT_PENDING,
	BY_HAND = CA_ENROLLMENT_BY_HAND,
};
enum effect {
	NOTHING = 0,
	COUNT = TRUSTPOINT_EFFECT_COUNT,
	RECOUNT = TRUSTPOINT_EFFECT_RECOUNT,
	INSTALL = TRUSTPOINT_EFFECT_INSTALL,
	DROP = TRUSTPOINT_EFFECT_DROP,
	REJECT = TRUSTPOINT_EFFECT_REJECT,
	EXHAUST = TRUSTPOINT_EFFECT_EXHAUST,
	DESTROY = TRUSTPOINT_EFFECT_DESTROY,
};

static const struct enrollment_row {
	enum ca_enrollment_state state;
	enum trustpoint_event event;
	enum guard guard;
	unsigned next;
	unsigned effects;
} rows[] = {
#define ENROLLMENT(state, event, guard, next, effects)                                             \
	{CA_ENROLLMENT_##state, TRUSTPOINT_EVENT_##event, guard, next, effects},
#include "daemon/trustpoint/enrollment.def"
#undef ENROLLMENT
};

struct trustpoint_step trustpoint_enrollment_step(enum ca_enrollment_state state,
						  enum trustpoint_event event, bool key_is_new)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].state == state && rows[i].event == event &&
		    (rows[i].guard == ALWAYS || key_is_new))
			return (struct trustpoint_step){(enum ca_enrollment_state)rows[i].next,
							rows[i].effects};
	assert(!"each state knows each event");
	return (struct trustpoint_step){};
}

const char *trustpoint_event_name(enum trustpoint_event event)
{
	static const char *const names[] = {
		[TRUSTPOINT_EVENT_NO_ANSWER] = "no answer",
		[TRUSTPOINT_EVENT_BAD_ANSWER] = "bad answer",
		[TRUSTPOINT_EVENT_WAITS] = "pending",
		[TRUSTPOINT_EVENT_GRANTED] = "granted",
		[TRUSTPOINT_EVENT_REJECTED] = "rejected",
		[TRUSTPOINT_EVENT_TIMED_OUT] = "timed out",
		[TRUSTPOINT_EVENT_CA_ENDED] = "CA ended",
		[TRUSTPOINT_EVENT_KEY_LOST] = "key lost",
		[TRUSTPOINT_EVENT_FORGOTTEN] = "forgotten",
	};

	return (size_t)event < ELEMENTS(names) ? names[event] : "unknown";
}

enum ca_enrollment_kind trustpoint_enrollment_kind_for(const struct ca_trustpoint_state *state,
						       int usage, int64_t now_s)
{
	const struct ca_identity_record *identity = ca_identity_active(state, usage, now_s);
	const struct ca_anchor_record *anchor = ca_anchor_active(state, now_s);

	if (!identity || !anchor || identity->by_hand || identity->key_destroyed_s ||
	    now_s > identity->not_after_s || identity->anchor_id != anchor->id ||
	    !(state->record.capabilities & SCEP_CAN_RENEWAL) ||
	    state->record.halt == CA_TRUSTPOINT_REJECTED)
		return CA_ENROLLMENT_FIRST;
	return CA_ENROLLMENT_RENEWAL;
}
