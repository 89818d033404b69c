/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of der.h. The writer is der-write.c, BER der-ber.c. */
#include "daemon/base/der.h"
#include <string.h>

#define TAG_NUMBER	0x1f
#define TAG_CONSTRUCTED 0x20
#define TAG_CLASS	0xc0
#define FIELDS_MAX	32

/* X.690 §8.2 to §8.25, §10.2: of the universal types EXTERNAL, EMBEDDED PDV, SEQUENCE, SET and
 * CHARACTER STRING are constructed, all others primitive. */
#define UNIVERSAL_CONSTRUCTED ((1u << 8) | (1u << 11) | (1u << 16) | (1u << 17) | (1u << 29))

static bool tag_is_distinguished(uint8_t tag)
{
	unsigned number = tag & TAG_NUMBER;

	if (number == TAG_NUMBER || tag == 0)
		return false;
	if (tag & TAG_CLASS)
		return true;
	return !(tag & TAG_CONSTRUCTED) == !(UNIVERSAL_CONSTRUCTED >> number & 1);
}

/* Takes a length off @rest, which stands behind the tag. */
static int length_next(struct span *rest, size_t *ret)
{
	size_t length = 0;
	size_t n;

	if (rest->size == 0)
		return -EBADMSG;
	if (rest->data[0] < 0x80) {
		length = rest->data[0];
		*rest = span_slice(*rest, 1, SIZE_MAX);
	} else {
		n = rest->data[0] & 0x7f;
		if (n == 0 || n > 4 || rest->size < 1 + n)
			return -EBADMSG;
		for (size_t i = 1; i <= n; i++)
			length = length << 8 | rest->data[i];
		/* X.690 §10.1: in the fewest octets */
		if (length < 0x80 || length >> (8 * (n - 1)) == 0)
			return -EBADMSG;
		*rest = span_slice(*rest, 1 + n, SIZE_MAX);
	}
	if (length > rest->size)
		return -EBADMSG;
	*ret = length;
	return 0;
}

int der_next(struct span *rest, struct der_item *ret)
{
	struct span after = span_slice(*rest, 1, SIZE_MAX);
	struct der_item item = {0};
	size_t length;
	int r;

	if (rest->size == 0)
		return -ENODATA;
	item.tag = rest->data[0];
	if (!tag_is_distinguished(item.tag))
		return -EBADMSG;
	r = length_next(&after, &length);
	if (r < 0)
		return r;
	item.content = SPAN(after.data, length);
	item.whole = SPAN(rest->data, (size_t)(after.data - rest->data) + length);
	*rest = span_slice(after, length, SIZE_MAX);
	*ret = item;
	return 0;
}

int der_only(struct span whole, uint8_t tag, struct der_item *ret)
{
	struct der_item item;

	if (der_next(&whole, &item) != 0 || item.tag != tag || whole.size)
		return -EBADMSG;
	*ret = item;
	return 0;
}

int der_match(struct span content, const struct der_field *fields, size_t n, void *ret)
{
	struct der_item found[FIELDS_MAX] = {0};
	struct der_item next = {0};

	assert(n <= FIELDS_MAX);
	for (size_t i = 0; i < n; i++) {
		assert(fields[i].tag != DER_ANY || fields[i].presence == DER_REQUIRED);
		if (!der_present(&next) && content.size && der_next(&content, &next) < 0)
			return -EBADMSG;
		if (der_present(&next) && (fields[i].tag == DER_ANY || fields[i].tag == next.tag))
			found[i] = TAKE_STRUCT(next);
		else if (fields[i].presence == DER_REQUIRED)
			return -EBADMSG;
	}
	if (der_present(&next) || content.size)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++)
		memcpy((uint8_t *)ret + fields[i].offset, &found[i], sizeof(found[i]));
	return 0;
}

int der_read_boolean(const struct der_item *item, bool *ret)
{
	struct span c = item->content;

	if (c.size != 1 || (c.data[0] != 0 && c.data[0] != 0xff))
		return -EBADMSG;
	*ret = c.data[0];
	return 0;
}

/* X.690 §8.3.2: the first nine bits are neither all ones nor all zeros. */
static bool integer_is_distinguished(struct span c)
{
	if (c.size == 0)
		return false;
	if (c.size == 1)
		return true;
	return !(c.data[0] == 0 && c.data[1] < 0x80) && !(c.data[0] == 0xff && c.data[1] >= 0x80);
}

int der_read_unsigned(const struct der_item *item, uint64_t *ret)
{
	struct span c = item->content;
	uint64_t value = 0;

	if (!integer_is_distinguished(c))
		return -EBADMSG;
	if (c.data[0] >= 0x80 || c.size > 9 || (c.size == 9 && c.data[0]))
		return -ERANGE;
	for (size_t i = 0; i < c.size; i++)
		value = value << 8 | c.data[i];
	*ret = value;
	return 0;
}

int der_read_magnitude(const struct der_item *item, struct span *ret)
{
	struct span c = item->content;

	if (!integer_is_distinguished(c) || c.data[0] >= 0x80)
		return -EBADMSG;
	*ret = c.size > 1 && c.data[0] == 0 ? span_slice(c, 1, SIZE_MAX) : c;
	return 0;
}

int der_read_bits(const struct der_item *item, struct span *ret, unsigned *ret_unused)
{
	struct span c = item->content;
	unsigned unused;

	if (c.size == 0 || c.data[0] > 7)
		return -EBADMSG;
	unused = c.data[0];
	if (unused && (c.size == 1 || c.data[c.size - 1] & ((1u << unused) - 1)))
		return -EBADMSG;
	*ret = span_slice(c, 1, SIZE_MAX);
	*ret_unused = unused;
	return 0;
}
