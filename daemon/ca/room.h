/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Room for requests that wait for an operator. A peer gets an eighth of it at most; where all of it
 * is taken, whoever has most gives up its newest to one who has less, so that a flood keeps nobody
 * out. Pure.
 */

#include "daemon/base/bytes.h"

struct ca_room_facts {
	unsigned most;	      /* MaxPendingRequests=, over all servers */
	unsigned waiting;     /* in all */
	unsigned of_peer;     /* of the newcomer's */
	unsigned of_greatest; /* of the peer that has most; read only where all is taken */
};
enum ca_room {
	CA_ROOM_NONE,  /* come back later */
	CA_ROOM_FREE,  /* it may wait */
	CA_ROOM_YIELD, /* it may, once the greatest peer's newest is denied */
};
/* Nobody yields to one who would have as many then: that would go to and fro for ever. */
enum ca_room ca_room_find(const struct ca_room_facts *facts);
