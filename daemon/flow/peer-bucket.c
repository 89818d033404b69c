/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/peer-bucket.h"
#include "daemon/base/crypto.h"
#include <arpa/inet.h>
#include <string.h>

#define IPV6_PREFIX_BYTES 8

static uint64_t number_of(struct span name)
{
	uint8_t hash[SHA256_SIZE];
	uint64_t number;

	sha256(name, hash);
	memcpy(&number, hash, sizeof(number));
	return number;
}

uint64_t peer_bucket(struct span address)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr ipv6;

	if (address.size < sizeof(text))
		memcpy(text, address.data, address.size);
	if (inet_pton(AF_INET6, text, &ipv6) != 1 || IN6_IS_ADDR_V4MAPPED(&ipv6))
		return number_of(address);
	return number_of(SPAN(&ipv6, IPV6_PREFIX_BYTES));
}
