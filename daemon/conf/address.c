/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/address.h"

#include "daemon/base/text.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* Of the ports that the system keeps to its own services only HTTP's is ours. */
#define HTTP_PORT	80
#define LEAST_FREE_PORT 1024

/* Splits at the last colon; what is in brackets is IPv6, what is not is IPv4. */
static int split(struct span text, struct span *ret_host, int64_t *ret_port, bool *ret_six)
{
	const uint8_t *colon = memrchr(text.data, ':', text.size);
	if (!text.size || !colon)
		return -EINVAL;

	size_t at = (size_t)(colon - text.data);
	struct span host = span_slice(text, 0, at);
	*ret_six = host.size >= 2 && host.data[0] == '[' && host.data[host.size - 1] == ']';
	*ret_host = *ret_six ? span_slice(host, 1, host.size - 2) : host;
	return text_read_number(span_slice(text, at + 1, text.size), 1, 65535, ret_port);
}

int conf_read_address(struct span text, struct sockaddr_storage *ret, socklen_t *ret_size)
{
	char host[INET6_ADDRSTRLEN];
	struct span part;
	int64_t port;
	bool six;

	if (split(text, &part, &port, &six) != 0 || (port < LEAST_FREE_PORT && port != HTTP_PORT) ||
	    part.size >= sizeof(host) || memchr(part.data, '\0', part.size))
		return -EINVAL;
	memcpy(host, part.data, part.size);
	host[part.size] = '\0';

	struct sockaddr_storage address = {.ss_family = six ? AF_INET6 : AF_INET};
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address;
	struct sockaddr_in *in = (struct sockaddr_in *)&address;
	void *number = six ? (void *)&in6->sin6_addr : (void *)&in->sin_addr;
	if (inet_pton(address.ss_family, host, number) != 1)
		return -EINVAL;
	if (six)
		in6->sin6_port = htons((uint16_t)port);
	else
		in->sin_port = htons((uint16_t)port);
	*ret = address;
	*ret_size = six ? sizeof(*in6) : sizeof(*in);
	return 0;
}
