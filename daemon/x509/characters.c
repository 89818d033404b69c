/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/characters.h"
#include "daemon/base/utf8.h"
#include <string.h>

#define DER_NUMERIC_STRING 0x12
#define CODE_POINT_MAX	   0x10ffffu

/* Takes one character off @rest, which is not empty. */
typedef uint32_t (*take_function)(struct span *rest);

static uint32_t take_byte(struct span *rest)
{
	uint32_t byte = rest->data[0];

	*rest = span_slice(*rest, 1, SIZE_MAX);
	return byte;
}

static uint32_t take_bad(struct span *rest)
{
	return CHARACTERS_BAD | take_byte(rest);
}

static uint32_t take_ascii(struct span *rest)
{
	return rest->data[0] < 0x80 ? take_byte(rest) : take_bad(rest);
}

static bool is_code_point(uint32_t c)
{
	return c <= CODE_POINT_MAX && (c < 0xd800 || c > 0xdfff);
}

static uint32_t take_utf8(struct span *rest)
{
	uint32_t c;
	size_t size = utf8_decode(*rest, &c);

	if (!size)
		return take_bad(rest);
	*rest = span_slice(*rest, size, SIZE_MAX);
	return c;
}

static uint32_t take_wide(struct span *rest, size_t size)
{
	uint32_t c = 0;

	if (rest->size < size)
		return take_bad(rest);
	for (size_t i = 0; i < size; i++)
		c = c << 8 | rest->data[i];
	if (!is_code_point(c))
		return take_bad(rest);
	*rest = span_slice(*rest, size, SIZE_MAX);
	return c;
}

static uint32_t take_bmp(struct span *rest)
{
	return take_wide(rest, 2);
}

static uint32_t take_universal(struct span *rest)
{
	return take_wide(rest, 4);
}

/* A TeletexString is read as Latin-1, as everyone does who met one. */
static const struct {
	uint8_t tag;
	take_function take;
} types[] = {
	{DER_UTF8_STRING, take_utf8},
	{DER_PRINTABLE_STRING, take_ascii},
	{DER_IA5_STRING, take_ascii},
	{DER_T61_STRING, take_byte},
	{DER_BMP_STRING, take_bmp},
	{DER_NUMERIC_STRING, take_ascii},
	{DER_UNIVERSAL_STRING, take_universal},
};

static take_function take_of(uint8_t tag)
{
	for (size_t i = 0; i < ELEMENTS(types); i++)
		if (types[i].tag == tag)
			return types[i].take;
	return NULL;
}

bool x509_characters_is_string(uint8_t tag)
{
	return take_of(tag);
}

bool x509_characters_are_valid(const struct der_item *item, bool nul_allowed)
{
	struct x509_characters c = x509_characters_of(item);
	uint32_t character;

	if (!x509_characters_is_string(item->tag))
		return false;
	while (x509_characters_next(&c, &character))
		if (character & CHARACTERS_BAD || (character == 0 && !nul_allowed))
			return false;
	return true;
}

bool x509_characters_are_printable(struct span text)
{
	static const char others[] = " '()+,-./:=?";

	for (size_t i = 0; i < text.size; i++) {
		char c = (char)text.data[i];
		bool alphanumeric =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!alphanumeric && (c == 0 || !strchr(others, c)))
			return false;
	}
	return true;
}

struct x509_characters x509_characters_of(const struct der_item *item)
{
	return (struct x509_characters){item->tag, item->content};
}

struct x509_characters x509_characters_of_text(struct span utf8)
{
	return (struct x509_characters){DER_UTF8_STRING, utf8};
}

bool x509_characters_next(struct x509_characters *c, uint32_t *ret)
{
	take_function take = take_of(c->tag);

	if (c->rest.size == 0)
		return false;
	*ret = take ? take(&c->rest) : take_bad(&c->rest);
	return true;
}

static bool is_blank(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

void x509_characters_skip_blanks(struct x509_characters *c)
{
	struct x509_characters after = *c;
	uint32_t character;

	while (x509_characters_next(&after, &character) && is_blank(character))
		*c = after;
}

bool x509_characters_next_folded(struct x509_characters *c, uint32_t *ret)
{
	uint32_t character;

	if (!x509_characters_next(c, &character))
		return false;
	if (is_blank(character)) {
		x509_characters_skip_blanks(c);
		if (c->rest.size == 0)
			return false;
		character = ' ';
	}
	*ret = character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
	return true;
}

bool x509_characters_equal(struct x509_characters a, struct x509_characters b)
{
	uint32_t in_a = 0;
	uint32_t in_b = 0;
	bool more;

	x509_characters_skip_blanks(&a);
	x509_characters_skip_blanks(&b);
	do {
		more = x509_characters_next_folded(&a, &in_a);
		if (more != x509_characters_next_folded(&b, &in_b) || in_a != in_b)
			return false;
	} while (more);
	return true;
}

bool x509_characters_begin_with(struct x509_characters a, struct x509_characters b)
{
	uint32_t in_a;
	uint32_t in_b;

	x509_characters_skip_blanks(&a);
	x509_characters_skip_blanks(&b);
	while (x509_characters_next_folded(&b, &in_b))
		if (!x509_characters_next_folded(&a, &in_a) || in_a != in_b)
			return false;
	return true;
}
