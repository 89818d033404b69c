/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outermost element and those right inside, no deeper: what a reader takes as ANY, as an
 * attribute's values, may hold bytes that are no BER at all. An indefinite length ends with a
 * header of its own, two zeros, so what it holds stands on the level of what encloses it.
 */
#include "policy/disguise.h"

#define CONSTRUCTED	0x20
#define TAG_IS_LONG	0x1f
#define MORE		0x80 /* in a tag: a byte follows; in a length: so many do */
#define INDEFINITE_BYTE 0x80

struct header {
	uint8_t tag;
	bool is_indefinite;
	size_t length; /* of the contents; 0 where it is indefinite */
};

/* The rest of a tag whose number didn't fit: bytes to the first without the top bit. */
static bool take_tag(struct span message, size_t *at, uint8_t *ret)
{
	*ret = message.data[(*at)++];
	if ((*ret & TAG_IS_LONG) != TAG_IS_LONG)
		return *at < message.size;
	while (*at < message.size && message.data[*at] & MORE)
		++*at;
	return ++*at < message.size;
}

static bool take_length(struct span message, size_t *at, struct header *ret)
{
	uint8_t first = message.data[(*at)++];
	size_t n = first & 0x7f, length = 0;

	ret->is_indefinite = first == INDEFINITE_BYTE;
	ret->length = first & MORE ? 0 : first;
	if (!(first & MORE) || ret->is_indefinite)
		return true;
	for (; n; n--) {
		if (*at == message.size || length > SIZE_MAX >> 8)
			return false;
		length = length << 8 | message.data[(*at)++];
	}
	ret->length = length;
	return true;
}

static bool take_header(struct span message, size_t *at, struct header *ret)
{
	return *at < message.size && take_tag(message, at, &ret->tag) &&
	       take_length(message, at, ret) && (!ret->is_indefinite || ret->tag & CONSTRUCTED);
}

/* As a SEQUENCE or SET, also with its number in bytes of its own, before which there may be zeros:
 * OpenSSL takes that for the same. */
static bool begins_as_list(struct span message)
{
	size_t at = 1;

	if (!message.size || (message.data[0] & ~1) == 0x30)
		return message.size;
	while (at < message.size && message.data[at] == MORE)
		at++;
	return message.data[0] == (CONSTRUCTED | TAG_IS_LONG) && at < message.size &&
	       (message.data[at] & ~1) == 0x10;
}

bool disguise_is_possible(struct span message)
{
	struct header header;
	size_t at = 0;

	if (!begins_as_list(message) || !take_header(message, &at, &header) ||
	    (!header.is_indefinite && header.length != message.size - at))
		return false;
	while (at < message.size) {
		if (!take_header(message, &at, &header) || header.length > message.size - at)
			return false;
		at += header.length;
	}
	return true;
}
