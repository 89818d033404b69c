/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/host.h"

#include "daemon/base/text.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#define NAME_MAX_BYTES	253
#define LABEL_MAX_BYTES 63

static bool is_label(struct span label)
{
	if (!label.size || label.size > LABEL_MAX_BYTES || label.data[0] == '-' ||
	    label.data[label.size - 1] == '-')
		return false;
	for (size_t i = 0; i < label.size; i++)
		if (!isalnum(label.data[i]) && label.data[i] != '-')
			return false;
	return true;
}

bool conf_is_dns_name(struct span text)
{
	if (!text.size || text.size > NAME_MAX_BYTES)
		return false;
	while (text.size) {
		const uint8_t *dot = memchr(text.data, '.', text.size);
		size_t size = dot ? (size_t)(dot - text.data) : text.size;

		if (!is_label(span_slice(text, 0, size)) || size + 1 == text.size)
			return false;
		text = span_slice(text, size + 1, SIZE_MAX);
	}
	return true;
}

static bool is_address_of(int family, struct span text)
{
	uint8_t address[sizeof(struct in6_addr)];
	char copy[INET6_ADDRSTRLEN];

	if (!text.size || text.size >= sizeof(copy) || memchr(text.data, '\0', text.size))
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	return inet_pton(family, copy, address) == 1;
}

bool conf_is_address(struct span text)
{
	return is_address_of(AF_INET, text) || is_address_of(AF_INET6, text);
}

/* A name as hosts files have it may hold an underscore, too. */
static bool is_name(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (!isalnum(text.data[i]) && !strchr(".-_", text.data[i]))
			return false;
	return text.size && text.size <= NAME_MAX_BYTES && text.data[0] != '.' &&
	       text.data[0] != '-';
}

/* @rest: what stands behind the host, empty or a colon with a port. */
static int read_port(struct span rest, unsigned *ret)
{
	int64_t port;

	*ret = 0;
	if (!rest.size)
		return 0;
	if (rest.data[0] != ':')
		return CONF_HOST_WRONG;
	if (text_read_number(span_slice(rest, 1, SIZE_MAX), 1, 65535, &port) < 0)
		return CONF_HOST_PORT;
	*ret = (unsigned)port;
	return 0;
}

static int read_bracketed(struct span text, struct conf_host *ret)
{
	const uint8_t *end = memchr(text.data, ']', text.size);
	struct conf_host host = {.is_six = true};
	size_t size;

	if (!end)
		return CONF_HOST_WRONG;
	size = (size_t)(end - text.data);
	host.name = span_slice(text, 1, size - 1);
	if (!is_address_of(AF_INET6, host.name))
		return CONF_HOST_WRONG;
	int r = read_port(span_slice(text, size + 1, SIZE_MAX), &host.port);
	if (!r)
		*ret = host;
	return r;
}

int conf_host_read(struct span text, struct conf_host *ret)
{
	const uint8_t *colon = text.size ? memchr(text.data, ':', text.size) : NULL;
	size_t size = colon ? (size_t)(colon - text.data) : text.size;
	struct conf_host host = {.name = span_slice(text, 0, size)};

	if (text.size && text.data[0] == '[')
		return read_bracketed(text, ret);
	if (colon && memchr(colon + 1, ':', text.size - size - 1))
		return CONF_HOST_BARE_SIX;
	if (!is_name(host.name))
		return CONF_HOST_WRONG;
	int r = read_port(span_slice(text, size, SIZE_MAX), &host.port);
	if (!r)
		*ret = host;
	return r;
}
