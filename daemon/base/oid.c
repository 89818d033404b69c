/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/oid.h"
#include <inttypes.h>

struct oid_row {
	const char *name;
	const char *dotted;
	struct span content;
};

/* clang-format off */
static const struct oid_row rows[OID_COUNT_] = {
	[OID_UNKNOWN] = {"unknown", "?", {NULL, 0}},
#define OID(NAME, name, dotted, octets)                                                            \
	[OID_##NAME] = {name, dotted, {(const uint8_t *)(octets), sizeof(octets) - 1}},
#include "daemon/base/oid.def"
#undef OID
};
/* clang-format on */

enum oid oid_find(struct span content)
{
	for (unsigned i = OID_UNKNOWN + 1; i < OID_COUNT_; i++)
		if (span_equal(rows[i].content, content))
			return (enum oid)i;
	return OID_UNKNOWN;
}

struct span oid_content(enum oid oid)
{
	assert(oid > OID_UNKNOWN && oid < OID_COUNT_);
	return rows[oid].content;
}

const char *oid_name(enum oid oid)
{
	assert(oid < OID_COUNT_);
	return rows[oid].name;
}

const char *oid_dotted(enum oid oid)
{
	assert(oid < OID_COUNT_);
	return rows[oid].dotted;
}

/* Takes one subidentifier off @rest (X.690 §8.19.2); false where it is cut off, not in the fewest
 * octets, or over 63 bits. */
static bool arc_next(struct span *rest, uint64_t *ret)
{
	uint64_t arc = 0;

	if (rest->size == 0 || rest->data[0] == 0x80)
		return false;
	for (size_t i = 0; i < rest->size && i < 9; i++) {
		arc = arc << 7 | (rest->data[i] & 0x7f);
		if (rest->data[i] < 0x80) {
			*rest = span_slice(*rest, i + 1, SIZE_MAX);
			*ret = arc;
			return true;
		}
	}
	return false;
}

static bool content_is_valid(struct span content)
{
	uint64_t arc;

	if (content.size == 0)
		return false;
	while (content.size)
		if (!arc_next(&content, &arc))
			return false;
	return true;
}

void oid_append_dotted(struct buffer *out, struct span content)
{
	uint64_t arc = 0;
	unsigned top;

	if (!content_is_valid(content) || !arc_next(&content, &arc)) {
		buffer_append_text(out, "?");
		return;
	}
	/* the first subidentifier holds two arcs (X.690 §8.19.4) */
	top = arc < 40 ? 0 : arc < 80 ? 1 : 2;
	buffer_printf(out, "%u.%" PRIu64, top, arc - top * UINT64_C(40));
	while (arc_next(&content, &arc))
		buffer_printf(out, ".%" PRIu64, arc);
}

void der_put_oid(struct der_writer *w, enum oid oid)
{
	der_put(w, DER_OID, oid_content(oid));
}

void der_put_algorithm(struct der_writer *w, enum oid oid, bool with_null)
{
	der_begin(w, DER_SEQUENCE);
	der_put_oid(w, oid);
	if (with_null)
		der_put_null(w);
	der_end(w);
}
