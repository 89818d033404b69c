/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/card/apdu.h"

#define HEADER 4

static size_t big_endian(const uint8_t *bytes)
{
	return (size_t)bytes[0] << 8 | bytes[1];
}

/* What follows the header: [Lc data] [Le], each length of one byte. */
static int read_short(struct span rest, struct apdu *apdu)
{
	size_t lc = rest.data[0];

	if (rest.size == 1) {
		apdu->le = lc ? lc : 256;
		return 0;
	}
	apdu->data = SPAN(rest.data + 1, lc);
	if (lc == 0 || (rest.size != 1 + lc && rest.size != 2 + lc))
		return -EINVAL;
	if (rest.size == 2 + lc)
		apdu->le = rest.data[1 + lc] ? rest.data[1 + lc] : 256;
	return 0;
}

/* The same after a zero byte, each length of two. */
static int read_extended(struct span rest, struct apdu *apdu)
{
	size_t lc = big_endian(rest.data + 1);
	size_t le;

	if (rest.size == 3) {
		apdu->le = lc ? lc : APDU_LE_MAX;
		return 0;
	}
	apdu->data = SPAN(rest.data + 3, lc);
	if (lc == 0 || (rest.size != 3 + lc && rest.size != 5 + lc))
		return -EINVAL;
	if (rest.size == 5 + lc) {
		le = big_endian(rest.data + 3 + lc);
		apdu->le = le ? le : APDU_LE_MAX;
	}
	return 0;
}

int apdu_read(struct span raw, struct apdu *ret)
{
	struct apdu apdu = {.le = APDU_LE_NONE};
	struct span rest = span_slice(raw, HEADER, raw.size);
	int r = 0;

	if (raw.size < HEADER)
		return -EINVAL;
	apdu.cla = raw.data[0];
	apdu.ins = raw.data[1];
	apdu.p1 = raw.data[2];
	apdu.p2 = raw.data[3];
	if (rest.size >= 3 && rest.data[0] == 0)
		r = read_extended(rest, &apdu);
	else if (rest.size)
		r = read_short(rest, &apdu);
	if (r < 0)
		return r;
	*ret = apdu;
	return 0;
}

/* Takes one byte off @in; false at its end. */
static bool take(struct span *in, unsigned *ret)
{
	if (!in->size)
		return false;
	*ret = in->data[0];
	*in = span_slice(*in, 1, in->size);
	return true;
}

/* A length of one to three bytes. */
static bool take_length(struct span *in, size_t *ret)
{
	unsigned first, byte;
	size_t length = 0;

	if (!take(in, &first) || first == 0x80 || first > 0x82)
		return false;
	if (first < 0x80)
		length = first;
	for (unsigned i = 0x80; i < first; i++) {
		if (!take(in, &byte))
			return false;
		length = length << 8 | byte;
	}
	*ret = length;
	return length <= in->size;
}

int tlv_next(struct span *in, unsigned *ret_tag, struct span *ret)
{
	struct span rest = *in;
	unsigned tag, low;
	size_t length;

	if (!take(&rest, &tag))
		return -ENOENT;
	if ((tag & 0x1f) == 0x1f) {
		if (!take(&rest, &low))
			return -EINVAL;
		tag = tag << 8 | low;
	}
	if (!take_length(&rest, &length))
		return -EINVAL;
	*ret_tag = tag;
	*ret = span_slice(rest, 0, length);
	*in = span_slice(rest, length, rest.size);
	return 0;
}

int tlv_find(struct span in, unsigned tag, struct span *ret)
{
	struct span value;
	unsigned found;
	int r;

	while ((r = tlv_next(&in, &found, &value)) == 0) {
		if (found == tag) {
			*ret = value;
			return 0;
		}
	}
	return r;
}

void tlv_write(struct buffer *out, unsigned tag, struct span value)
{
	assert(value.size <= UINT16_MAX);
	if (tag > UINT8_MAX)
		buffer_append_byte(out, (uint8_t)(tag >> 8));
	buffer_append_byte(out, (uint8_t)tag);
	if (value.size >= 0x100) {
		buffer_append_byte(out, 0x82);
		buffer_append_byte(out, (uint8_t)(value.size >> 8));
	} else if (value.size >= 0x80) {
		buffer_append_byte(out, 0x81);
	}
	buffer_append_byte(out, (uint8_t)value.size);
	buffer_append(out, value);
}
