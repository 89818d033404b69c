/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A command to a card (ISO 7816-4), read to its exact end, and the tag-length-value bytes that are
 * in commands and answers. Nothing here looks past what it was given.
 */

#include "daemon/base/bytes.h"

enum {
	APDU_LE_NONE = 0,
	APDU_LE_MAX = 65536,
};

struct apdu {
	uint8_t cla, ins, p1, p2;
	struct span data; /* borrowed from what was read; empty where there is none */
	size_t le;	  /* how many bytes the answer may have, APDU_LE_NONE to APDU_LE_MAX */
};

/* Reads @raw, short or extended. -EINVAL where it is no command, or has bytes to spare. */
_checked_ int apdu_read(struct span raw, struct apdu *ret);

/* The value of the first @tag (of one or two bytes) among those that stand one after the other in
 * @in. -ENOENT where it is not there, -EINVAL where the bytes are no tags and values. */
_checked_ int tlv_find(struct span in, unsigned tag, struct span *ret);
/* Takes the first off @in. -ENOENT where @in is empty, else as tlv_find(). */
_checked_ int tlv_next(struct span *in, unsigned *ret_tag, struct span *ret);
/* Writes @tag with @value, of at most 65535 bytes. */
void tlv_write(struct buffer *out, unsigned tag, struct span value);
