/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A bounded reader and a writer for DER (X.690 §8, §10).
 *
 * The reader accepts distinguished encodings alone: definite lengths in the fewest bytes,
 * single-byte tags, nothing past the end. It allocates nothing, never recurses, and what it gives
 * borrows from its input. A structure is read by a const table of fields, each matched in order,
 * exactly once, with nothing left over. BER from a client is turned into DER once, by ber_to_der().
 *
 * The writer appends; der_begin() and der_end() nest up to DER_DEPTH_MAX. Its first failure sticks
 * and comes out of der_finish().
 */

#include "daemon/base/bytes.h"

#define DER_DEPTH_MAX 16

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_T61_STRING = 0x14,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_VISIBLE_STRING = 0x1a,
	DER_UNIVERSAL_STRING = 0x1c,
	DER_BMP_STRING = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
};
#define DER_CONTEXT(n)		   (0x80 | (n)) /* [n] IMPLICIT, primitive */
#define DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n)) /* [n], constructed */

/* One element: its tag, the whole of it, and its contents. A zeroed one is an absent one. */
struct der_item {
	uint8_t tag;
	struct span whole;
	struct span content;
};

static inline bool der_present(const struct der_item *item)
{
	return item->whole.data;
}

/* Takes the next element off @rest. -ENODATA at the end, -EBADMSG where it is not DER. @rest and
 * @ret are untouched on failure. */
_checked_ int der_next(struct span *rest, struct der_item *ret);
/* The only element of @whole, with tag @tag; -EBADMSG where it is another or something follows. */
_checked_ int der_only(struct span whole, uint8_t tag, struct der_item *ret);

enum der_presence { DER_REQUIRED, DER_OPTIONAL };
#define DER_ANY 0x100 /* as a field's tag: whatever stands there */

struct der_field {
	uint16_t tag; /* a tag byte, or DER_ANY (only as a required field) */
	enum der_presence presence;
	size_t offset; /* of a struct der_item in the result */
};
#define DER_FIELD(type, member, tag_)                                                              \
	{                                                                                          \
		(tag_), DER_REQUIRED, offsetof(type, member)                                       \
	}
#define DER_FIELD_OPTIONAL(type, member, tag_)                                                     \
	{                                                                                          \
		(tag_), DER_OPTIONAL, offsetof(type, member)                                       \
	}

/*
 * Reads the contents of a SEQUENCE (or SET of known order) by a table.
 *
 * @content  the contents, without tag and length
 * @fields   @n rows, matched in order; an optional row whose tag is not next leaves its item zeroed
 * @ret      a struct that holds a der_item at each row's offset; untouched on failure
 * Returns 0, or -EBADMSG where a required field is missing or anything is left over.
 */
_checked_ int der_match(struct span content, const struct der_field *fields, size_t n, void *ret);

/* Values. Each refuses (-EBADMSG) contents that are not the distinguished encoding. */
_checked_ int der_read_boolean(const struct der_item *item, bool *ret);
/* INTEGER or ENUMERATED of at most 64 bits, not negative. -ERANGE where it is larger or negative.
 */
_checked_ int der_read_unsigned(const struct der_item *item, uint64_t *ret);
/* INTEGER, not negative, as big-endian bytes without leading zeros (zero gives one 0x00). */
_checked_ int der_read_magnitude(const struct der_item *item, struct span *ret);
/* BIT STRING: its bytes and how many bits of the last are unused (those must be zero). */
_checked_ int der_read_bits(const struct der_item *item, struct span *ret, unsigned *ret_unused);
/* UTCTime or GeneralizedTime in the forms of RFC 5280 §4.1.2.5, as seconds since 1970. */
_checked_ int der_read_time(const struct der_item *item, int64_t *ret_s);

struct der_writer {
	struct buffer out;
	size_t open[DER_DEPTH_MAX];
	unsigned depth;
};

void der_begin(struct der_writer *w, uint8_t tag);
void der_end(struct der_writer *w);
/* Begins a BIT STRING that holds encoded DER: der_begin() and the unused-bits byte. */
void der_begin_bits(struct der_writer *w);
/* One primitive element with these contents. */
void der_put(struct der_writer *w, uint8_t tag, struct span content);
/* An element that is encoded already. */
void der_put_raw(struct der_writer *w, struct span encoded);
void der_put_unsigned(struct der_writer *w, uint64_t value);
/* An INTEGER from big-endian bytes of any length; leading zeros are dropped, a sign byte added. */
void der_put_magnitude(struct der_writer *w, struct span magnitude);
void der_put_boolean(struct der_writer *w, bool value);
void der_put_null(struct der_writer *w);
/* A BIT STRING of whole bytes. */
void der_put_bits(struct der_writer *w, struct span content);
/* A named-bit BIT STRING (trailing zero bits dropped): bit 0 of X.509 is the top bit of @bits. */
void der_put_named_bits(struct der_writer *w, uint16_t bits);
/* UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
void der_put_time(struct der_writer *w, int64_t time_s);
/* SET OF with its elements in DER order (X.690 §11.6); each span is one encoded element. */
void der_put_set_of(struct der_writer *w, const struct span *elements, size_t n);
/* Moves the encoding to @ret. -ENOMEM, or -EOVERFLOW where the nesting was wrong or too deep. */
_checked_ int der_finish(struct der_writer *w, struct bytes *ret);
void der_writer_done(struct der_writer *w);

/*
 * Turns BER into DER: indefinite and long-form lengths, constructed strings (joined). What is DER
 * already is copied unchanged. Order within SET OF is left as it came.
 *
 * Returns 0; -EBADMSG where it is no BER, nests deeper than DER_DEPTH_MAX, has bytes left over, or
 * would become larger than it came.
 */
_checked_ int ber_to_der(struct span ber, struct bytes *ret);
