/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is due of one trustpoint is done, one thing after the other, as daemon/trustpoint plans it.
 * Nothing is done before the time is good: what was missed meanwhile is due then. Of the trustpoint
 * of a transparent RA what its superior gives out is looked at, and nothing else is done.
 */

#include "daemon/flow/flow.h"

#define TRUSTPOINT_TROUBLE_SIZE 512
struct trustpoint_round {
	/* In and out: until when its server is asked nothing, because it said so; 0: it did not.
	 * What an operator asks for is not held back. */
	int64_t hold_until_s;
	/* In and out: what was told of as the reason why it does not go on, so that it is told
	 * once. */
	char trouble[TRUSTPOINT_TROUBLE_SIZE];
	/* The same of keys that are gone, or out of reach. */
	char key_trouble[TRUSTPOINT_TROUBLE_SIZE];
	int64_t next_s; /* when the next thing is planned; INT64_MAX: nothing is */
	bool failed;	/* something was not done for a reason of this machine's: to be tried again
			   soon, with growing pauses */
};
/* Waits for whoever has the trustpoint in hand, and then for servers and tokens: for a worker of
 * its own. One whose section is gone has nothing to do. */
void flow_trustpoint_round(struct flow *flow, const char *name, int64_t now_s,
			   struct trustpoint_round *round);
