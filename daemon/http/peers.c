/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

/* As an IPv6 address, IPv4 in its mapped form (RFC 4291 §2.5.5.2). */
static void read_address(const struct sockaddr *address, uint8_t ret[static PEER_KEY_SIZE])
{
	memset(ret, 0, PEER_KEY_SIZE);
	if (address->sa_family == AF_INET) {
		memcpy(ret, mapped, sizeof(mapped));
		memcpy(ret + sizeof(mapped), &((const struct sockaddr_in *)address)->sin_addr, 4);
	} else if (address->sa_family == AF_INET6) {
		memcpy(ret, &((const struct sockaddr_in6 *)address)->sin6_addr, PEER_KEY_SIZE);
	}
}

static bool is_mapped(const uint8_t *address)
{
	return memcmp(address, mapped, sizeof(mapped)) == 0;
}

void peer_format(const struct sockaddr *address, char ret[static PEER_TEXT_SIZE])
{
	uint8_t bytes[PEER_KEY_SIZE];

	read_address(address, bytes);
	if (is_mapped(bytes))
		inet_ntop(AF_INET, bytes + sizeof(mapped), ret, PEER_TEXT_SIZE);
	else
		inet_ntop(AF_INET6, bytes, ret, PEER_TEXT_SIZE);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, PEER_KEY_SIZE);
}

struct http_peer *peers_enter(struct peers *peers, const struct sockaddr *address)
{
	struct http_peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	TAILQ_INIT(&peer->idle);
	read_address(address, peer->key);
	if (!is_mapped(peer->key))
		memset(peer->key + PEER_KEY_SIZE / 2, 0, PEER_KEY_SIZE / 2);
	/* The key stands first, so that a peer is its own key in the tree. */
	struct http_peer **found = tsearch(peer, &peers->tree, compare);
	if (!found || *found != peer)
		free(peer);
	if (!found)
		return NULL;
	(*found)->connections++;
	return *found;
}

void peers_leave(struct peers *peers, struct http_peer *peer)
{
	if (--peer->connections)
		return;
	tdelete(peer, &peers->tree, compare);
	free(peer);
}
