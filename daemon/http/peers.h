/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Peers by address: an IPv4 address, or the /64 of an IPv6 one, since whoever has one address of it
 * has them all. Not thread-safe: the guard's lock covers it.
 */

#include "daemon/base/err.h"
#include <sys/queue.h>
#include <sys/socket.h>

#define PEER_KEY_SIZE  16
#define PEER_TEXT_SIZE 64

struct guard_entry;
TAILQ_HEAD(guard_entries, guard_entry);

struct http_peer {
	uint8_t key[PEER_KEY_SIZE];
	unsigned connections;
	struct guard_entries idle; /* its connections that wait for a request, oldest first */
};

struct peers {
	void *tree; /* of tsearch(3) */
};

/* The peer of @address with one connection more; NULL where memory ends. */
struct http_peer *peers_enter(struct peers *peers, const struct sockaddr *address);
/* One connection less; the last frees @peer. */
void peers_leave(struct peers *peers, struct http_peer *peer);

/* The address for people, without the port; an IPv4 address that came over IPv6 as IPv4. */
void peer_format(const struct sockaddr *address, char ret[static PEER_TEXT_SIZE]);
