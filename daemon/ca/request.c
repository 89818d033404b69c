/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/request.h"
#include <string.h>

#define STATES_ (CA_REQUEST_MALFORMED + 1)
#define EVENTS_ (CA_REQUEST_EVENT_INVALIDATE + 1)

static const char *const state_names[STATES_] = {
	[CA_REQUEST_INITIAL] = "initial", [CA_REQUEST_AUTHORIZED] = "authorized",
	[CA_REQUEST_PENDING] = "pending", [CA_REQUEST_DENIED] = "denied",
	[CA_REQUEST_GRANTED] = "granted", [CA_REQUEST_MALFORMED] = "malformed",
};

const char *ca_request_state_name(enum ca_request_state state)
{
	assert(state >= CA_REQUEST_INITIAL && state < STATES_);
	return state_names[state];
}

enum ca_request_state ca_request_state_find(const char *name)
{
	for (enum ca_request_state state = CA_REQUEST_INITIAL; state < STATES_; state++)
		if (!strcmp(state_names[state], name))
			return state;
	return 0;
}

enum ca_request_state ca_request_next(enum ca_request_state state, enum ca_request_event event)
{
	static const uint8_t next[STATES_][EVENTS_] = {
#define REQUEST_EVENT(state, event, next)                                                          \
	[CA_REQUEST_##state][CA_REQUEST_EVENT_##event] = CA_REQUEST_##next,
#include "daemon/ca/request.def"
#undef REQUEST_EVENT
	};

	assert(state < STATES_ && event < EVENTS_);
	return (enum ca_request_state)next[state][event];
}
