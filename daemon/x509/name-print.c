/* SPDX-License-Identifier: Apache-2.0 */
/* Names as text for people: RFC 4514, and as IOS lists them. */
#include "daemon/x509/characters.h"
#include "daemon/x509/name-types.h"
#include "daemon/x509/name.h"
#include "daemon/x509/rdn.h"
#include <string.h>

/* What a terminal would act on: controls, and what turns or breaks a line (Unicode's bidirectional
 * marks, overrides and isolates, zero-width characters, line and paragraph separators). */
static bool is_unprintable(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || c >= 0xe0000;
}

static size_t utf8_encode(uint32_t c, uint8_t ret[static 4])
{
	size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t first[] = {0, 0xc0, 0xe0, 0xf0};

	for (size_t i = size - 1; i > 0; i--, c >>= 6)
		ret[i] = (uint8_t)(0x80 | (c & 0x3f));
	ret[0] = (uint8_t)(first[size - 1] | c);
	return size;
}

static void character_append_hex(struct buffer *out, struct span utf8)
{
	for (size_t i = 0; i < utf8.size; i++)
		buffer_printf(out, "\\%02X", utf8.data[i]);
}

/* RFC 4514 §2.4: these anywhere, '#' and a blank in front, a blank at the end. */
static bool needs_backslash(uint32_t c, bool first, bool last)
{
	if (c == ' ')
		return first || last;
	return (c == '#' && first) || (c && c < 0x80 && strchr("\"+,;<>\\", (int)c));
}

static void character_append(struct buffer *out, uint32_t c, bool first, bool last)
{
	uint8_t utf8[4] = {(uint8_t)c};
	size_t size = c & CHARACTERS_BAD ? 1 : utf8_encode(c, utf8);

	if (c & CHARACTERS_BAD || is_unprintable(c)) {
		character_append_hex(out, SPAN(utf8, size));
		return;
	}
	if (needs_backslash(c, first, last))
		buffer_append_byte(out, '\\');
	buffer_append(out, SPAN(utf8, size));
}

static void value_append(struct buffer *out, const struct der_item *value)
{
	struct x509_characters c = x509_characters_of(value);
	uint32_t character;
	bool first = true;

	while (x509_characters_next(&c, &character)) {
		character_append(out, character, first, c.rest.size == 0);
		first = false;
	}
}

/* How types are called. */
typedef void (*append_type)(struct buffer *out, const struct x509_attribute *attribute);

static void type_append(struct buffer *out, const struct x509_attribute *attribute)
{
	const struct x509_name_type *type = x509_name_type_of(oid_find(attribute->type));

	if (type)
		buffer_append_text(out, oid_name(type->oid));
	else
		oid_append_dotted(out, attribute->type);
}

static void type_append_ios(struct buffer *out, const struct x509_attribute *attribute)
{
	const struct x509_name_type *type = x509_name_type_of(oid_find(attribute->type));
	size_t start = out->size;

	if (type && type->ios)
		buffer_append_text(out, type->ios);
	else
		type_append(out, attribute);
	for (size_t i = start; i < out->size; i++)
		if (out->data[i] >= 'A' && out->data[i] <= 'Z')
			out->data[i] = (uint8_t)(out->data[i] - 'A' + 'a');
}

static bool is_unstructured_name(const struct x509_attribute *attribute)
{
	return oid_find(attribute->type) == OID_UNSTRUCTURED_NAME;
}

/* Which attributes to write, and how. */
struct style {
	append_type append_type;
	bool skip_unstructured_name;
};

/* One RDN; @separator goes in front of its first attribute. */
static void rdn_append(struct buffer *out, struct span rdn, const struct style *style,
		       const char *separator)
{
	struct x509_attribute attribute;

	while (x509_attribute_next(&rdn, &attribute) == 0) {
		if (style->skip_unstructured_name && is_unstructured_name(&attribute))
			continue;
		buffer_append_text(out, separator);
		style->append_type(out, &attribute);
		buffer_append_byte(out, '=');
		value_append(out, &attribute.value);
		separator = "+";
	}
}

static void rdns_append(struct buffer *out, const struct x509_rdns *rdns, const struct style *style,
			size_t start)
{
	for (size_t i = rdns->n; i > 0; i--)
		rdn_append(out, rdns->items[i - 1], style, out->size > start ? "," : "");
}

void x509_name_append_text(struct buffer *out, struct span der)
{
	static const struct style style = {type_append, false};
	struct x509_rdns rdns;

	if (x509_rdns_read(der, &rdns) < 0)
		buffer_append_text(out, "?");
	else
		rdns_append(out, &rdns, &style, out->size);
}

void x509_name_append_ios(struct buffer *out, struct span der)
{
	static const struct style style = {type_append_ios, true};
	struct x509_rdns rdns;
	struct x509_name_walk walk = {&rdns};
	struct x509_attribute attribute;
	size_t start = out->size;

	if (x509_rdns_read(der, &rdns) < 0) {
		buffer_append_text(out, "?");
		return;
	}
	while (x509_name_walk_next(&walk, &attribute)) {
		if (!is_unstructured_name(&attribute))
			continue;
		buffer_append_text(out, out->size > start ? ",hostname=" : "hostname=");
		value_append(out, &attribute.value);
	}
	rdns_append(out, &rdns, &style, start);
}
