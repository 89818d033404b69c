/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/room.h"

#define PEER_SHARE 8

enum ca_room ca_room_find(const struct ca_room_facts *facts)
{
	unsigned share = facts->most / PEER_SHARE + (facts->most % PEER_SHARE != 0);

	if (facts->of_peer >= share)
		return CA_ROOM_NONE;
	if (facts->waiting < facts->most)
		return CA_ROOM_FREE;
	return facts->of_greatest > facts->of_peer + 1 ? CA_ROOM_YIELD : CA_ROOM_NONE;
}
