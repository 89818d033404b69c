/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ber_to_der() of der.h: one pass over the input with an explicit stack of what is open, writing
 * as it goes. Only universal strings are joined: a constructed [0] may be an implicit string or
 * anything else, which only a schema knows, so it stays as it is.
 */
#include "daemon/base/der.h"

#define TAG_NUMBER	0x1f
#define TAG_CONSTRUCTED 0x20
#define TAG_CLASS	0xc0

/* BIT STRING, OCTET STRING and the character strings (X.690 §8.6.4, §8.7.3, §8.23). */
#define UNIVERSAL_STRINGS                                                                          \
	(1u << 3 | 1u << 4 | 1u << 12 | 1u << 18 | 1u << 19 | 1u << 20 | 1u << 21 | 1u << 22 |     \
	 1u << 25 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30)
/* EXTERNAL, EMBEDDED PDV, SEQUENCE, SET and CHARACTER STRING. */
#define UNIVERSAL_CONSTRUCTED (1u << 8 | 1u << 11 | 1u << 16 | 1u << 17 | 1u << 29)

/* What is open. */
struct frame {
	size_t end;	     /* no element inside goes past this */
	bool indefinite;     /* ends with two zero octets instead */
	uint8_t string_tag;  /* the primitive tag that its segments are joined under, or 0 */
	bool writes_element; /* a nested segment of a string opens no element of its own */
};

struct header {
	uint8_t tag;
	bool indefinite;
	size_t length;
};

struct converter {
	struct span in;
	size_t position;
	struct frame frames[DER_DEPTH_MAX];
	unsigned depth;
	struct der_writer out;
};

static size_t limit_of(const struct converter *c)
{
	return c->depth ? c->frames[c->depth - 1].end : c->in.size;
}

/* X.690 §8.1.3: any number of length octets up to 126, leading zeros among them. The long form of
 * nothing at all is refused: no encoder writes it, and readers differ about it (OpenSSL does from
 * version to version). */
static int length_read(struct converter *c, size_t limit, struct header *h)
{
	uint8_t first;

	if (c->position >= limit)
		return -EBADMSG;
	first = c->in.data[c->position++];
	h->indefinite = first == 0x80;
	h->length = first < 0x80 ? first : 0;
	if (first == 0xff || (first > 0x80 && (size_t)(first & 0x7f) > limit - c->position))
		return -EBADMSG;
	for (unsigned n = first > 0x80 ? first & 0x7f : 0; n; n--) {
		if (h->length > SIZE_MAX >> 8)
			return -EBADMSG;
		h->length = h->length << 8 | c->in.data[c->position++];
	}
	if (first > 0x80 && !h->length)
		return -EBADMSG;
	return h->length > limit - c->position ? -EBADMSG : 0;
}

static bool tag_is_possible(uint8_t tag)
{
	unsigned number = tag & TAG_NUMBER;

	if (tag == 0 || number == TAG_NUMBER)
		return false;
	if (tag & TAG_CLASS)
		return true;
	if (tag & TAG_CONSTRUCTED)
		return (UNIVERSAL_STRINGS | UNIVERSAL_CONSTRUCTED) >> number & 1;
	return !(UNIVERSAL_CONSTRUCTED >> number & 1);
}

static int header_read(struct converter *c, struct header *ret)
{
	size_t limit = limit_of(c);
	int r;

	if (c->position >= limit)
		return -EBADMSG;
	ret->tag = c->in.data[c->position++];
	if (!tag_is_possible(ret->tag))
		return -EBADMSG;
	r = length_read(c, limit, ret);
	if (r < 0)
		return r;
	return ret->indefinite && !(ret->tag & TAG_CONSTRUCTED) ? -EBADMSG : 0;
}

/* The segments of a string carry its own tag; those of a character string are OCTET STRINGs
 * (X.690 §8.23.6), which some encoders replace by the string's own tag. */
static bool segment_fits(uint8_t string_tag, uint8_t tag)
{
	tag = (uint8_t)(tag & ~TAG_CONSTRUCTED);
	return tag == string_tag || (tag == DER_OCTET_STRING && string_tag != DER_BIT_STRING);
}

static int frame_open(struct converter *c, const struct header *h, uint8_t joined_tag)
{
	struct frame *f;
	unsigned number = h->tag & TAG_NUMBER;
	bool is_string = !(h->tag & TAG_CLASS) && UNIVERSAL_STRINGS >> number & 1;

	if (c->depth == DER_DEPTH_MAX)
		return -EBADMSG;
	f = &c->frames[c->depth];
	f->end = h->indefinite ? limit_of(c) : c->position + h->length;
	f->indefinite = h->indefinite;
	f->writes_element = !joined_tag;
	f->string_tag = joined_tag ? joined_tag : is_string ? (uint8_t)number : 0;
	c->depth++;
	if (!f->writes_element)
		return 0;
	if (f->string_tag == DER_BIT_STRING)
		der_begin_bits(&c->out);
	else
		der_begin(&c->out, f->string_tag ? f->string_tag : h->tag);
	return 0;
}

/* X.690 §8.6.4: only the last segment may leave bits unused, so each takes the place of the count
 * that the one before left. */
static int bits_append(struct converter *c, struct span segment)
{
	uint8_t *unused;

	if (c->out.out.error)
		return 0;
	unused = c->out.out.data + c->out.open[c->out.depth - 1];
	if (segment.size == 0 || segment.data[0] > 7 || *unused ||
	    (segment.size == 1 && segment.data[0]))
		return -EBADMSG;
	*unused = segment.data[0];
	der_put_raw(&c->out, span_slice(segment, 1, SIZE_MAX));
	return 0;
}

static int primitive_copy(struct converter *c, const struct header *h, uint8_t joined_tag)
{
	struct span content = span_slice(c->in, c->position, h->length);

	c->position += h->length;
	if (joined_tag == DER_BIT_STRING)
		return bits_append(c, content);
	if (joined_tag)
		der_put_raw(&c->out, content);
	else
		der_put(&c->out, h->tag, content);
	return 0;
}

static int element_convert(struct converter *c)
{
	uint8_t joined_tag = c->depth ? c->frames[c->depth - 1].string_tag : 0;
	struct header h;
	int r = header_read(c, &h);

	if (r < 0)
		return r;
	if (joined_tag && !segment_fits(joined_tag, h.tag))
		return -EBADMSG;
	if (h.tag & TAG_CONSTRUCTED)
		return frame_open(c, &h, joined_tag);
	return primitive_copy(c, &h, joined_tag);
}

/* Whether the innermost frame ends here; its end-of-contents octets are taken. */
static bool frame_ends(struct converter *c)
{
	const struct frame *f = &c->frames[c->depth - 1];

	if (!f->indefinite)
		return c->position == f->end;
	if (f->end - c->position < 2 || c->in.data[c->position] || c->in.data[c->position + 1])
		return false;
	c->position += 2;
	return true;
}

static void frames_close(struct converter *c)
{
	while (c->depth && frame_ends(c)) {
		c->depth--;
		if (c->frames[c->depth].writes_element)
			der_end(&c->out);
	}
}

int ber_to_der(struct span ber, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes der = {0};
	struct converter c = {.in = ber};
	int r;

	do {
		r = element_convert(&c);
		if (r == 0)
			frames_close(&c);
	} while (r == 0 && c.depth);
	if (r == 0 && c.position != ber.size)
		r = -EBADMSG;
	if (r < 0) {
		der_writer_done(&c.out);
		return r;
	}
	r = der_finish(&c.out, &der);
	if (r < 0)
		return r;
	if (der.size > ber.size)
		return -EBADMSG;
	*ret = TAKE_STRUCT(der);
	return 0;
}
