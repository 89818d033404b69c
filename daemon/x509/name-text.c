/* SPDX-License-Identifier: Apache-2.0 */
/* x509_name_from_text() of name.h. */
#include "daemon/x509/characters.h"
#include "daemon/x509/name-types.h"
#include "daemon/x509/name.h"
#include "daemon/x509/rdn.h"
#include <string.h>

struct reader {
	const char *text;
	size_t at;
};

/* Encoded elements one behind the other. */
struct pieces {
	struct buffer data;
	size_t ends[X509_RDNS_MAX];
	size_t n, max;
};

static void pieces_done(struct pieces *p)
{
	buffer_done(&p->data);
}

static int pieces_add(struct pieces *p, struct der_writer *w)
{
	_cleanup_(bytes_done) struct bytes piece = {0};
	int r = der_finish(w, &piece);

	if (r < 0)
		return r;
	if (p->n == p->max)
		return -EINVAL;
	buffer_append(&p->data, span_of(piece));
	p->ends[p->n++] = p->data.size;
	return p->data.error;
}

static struct span piece(const struct pieces *p, size_t i)
{
	size_t start = i ? p->ends[i - 1] : 0;

	return span_slice(span_of_buffer(&p->data), start, p->ends[i] - start);
}

/* What a type that was typed allows. */
struct type {
	uint8_t oid[X509_OID_BYTES_MAX];
	size_t oid_size;
	struct x509_name_type rules;
};

static void skip_blanks(struct reader *r)
{
	while (r->text[r->at] == ' ')
		r->at++;
}

static bool type_of_dotted(struct span text, struct type *ret)
{
	ret->rules = (struct x509_name_type){OID_UNKNOWN, X509_STRING_DIRECTORY, 1, SIZE_MAX, NULL};
	return x509_oid_from_dotted(text, ret->oid, &ret->oid_size);
}

static int type_next(struct reader *r, struct type *ret)
{
	const struct x509_name_type *known;
	struct span text = SPAN(r->text + r->at, strcspn(r->text + r->at, "=,+\\\""));
	size_t equals = r->at + text.size;

	while (text.size && text.data[text.size - 1] == ' ')
		text.size--;
	known = x509_name_type_find(text);
	if (r->text[equals] != '=' || (!known && !type_of_dotted(text, ret)))
		return -EINVAL;
	if (known) {
		struct span oid = oid_content(known->oid);

		memcpy(ret->oid, oid.data, oid.size);
		ret->oid_size = oid.size;
		ret->rules = *known;
	}
	r->at = equals + 1;
	return 0;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* What stands behind a backslash: RFC 4514 §2.4. */
static int escape_next(struct reader *r, struct buffer *value)
{
	const char *at = r->text + r->at;
	int high = hex_digit(at[0]);
	int low = high < 0 ? -1 : hex_digit(at[1]);

	if (low >= 0)
		buffer_append_byte(value, (uint8_t)(high << 4 | low));
	else if (at[0] && strchr(" \"#+,;<=>\\", at[0]))
		buffer_append_byte(value, (uint8_t)at[0]);
	else
		return -EINVAL;
	r->at += low >= 0 ? 2 : 1;
	return 0;
}

/* Up to ',' '+' or the end; blanks at both ends are dropped unless they were escaped. */
static int value_next(struct reader *r, struct buffer *value)
{
	size_t kept = 0;

	skip_blanks(r);
	if (r->text[r->at] == '#')
		return -EINVAL;
	while (r->text[r->at] && !strchr(",+", r->text[r->at])) {
		char c = r->text[r->at];

		if (strchr("\";<>", c))
			return -EINVAL;
		r->at++;
		if (c != '\\')
			buffer_append_byte(value, (uint8_t)c);
		else if (escape_next(r, value) < 0)
			return -EINVAL;
		if (c != ' ')
			kept = value->size;
	}
	value->size = kept;
	return value->error;
}

static bool is_ascii(struct span value)
{
	for (size_t i = 0; i < value.size; i++)
		if (value.data[i] >= 0x80)
			return false;
	return true;
}

/* The tag a value gets; 0 where the rule has none for it. */
static uint8_t tag_of(enum x509_string_rule rule, struct span value)
{
	bool ia5 = rule == X509_STRING_IA5 || rule == X509_STRING_IA5_OR_DIRECTORY;

	if (ia5 && is_ascii(value))
		return DER_IA5_STRING;
	if (!ia5 && x509_characters_are_printable(value))
		return DER_PRINTABLE_STRING;
	return rule == X509_STRING_IA5 || rule == X509_STRING_PRINTABLE ? 0 : DER_UTF8_STRING;
}

/* UTF-8 without control characters, as long as its type allows. */
static bool value_is_allowed(const struct x509_name_type *rules, struct span value)
{
	struct x509_characters c = x509_characters_of_text(value);
	uint32_t character;
	size_t n = 0;

	while (x509_characters_next(&c, &character)) {
		if (character & CHARACTERS_BAD || character < ' ' || character == 0x7f)
			return false;
		n++;
	}
	return n >= rules->characters_min && n <= rules->characters_max;
}

static int attribute_add(const struct type *type, struct span value, struct pieces *attributes)
{
	struct der_writer w = {0};
	uint8_t tag = tag_of(type->rules.rule, value);

	if (tag == 0 || !value_is_allowed(&type->rules, value))
		return -EINVAL;
	der_begin(&w, DER_SEQUENCE);
	der_put(&w, DER_OID, SPAN(type->oid, type->oid_size));
	der_put(&w, tag, value);
	der_end(&w);
	return pieces_add(attributes, &w);
}

/* @bare: the text has no '=', so it is the value of a CN. */
static int attribute_next(struct reader *reader, bool bare, struct pieces *attributes)
{
	_cleanup_(buffer_done) struct buffer value = {0};
	struct type type = {.oid_size = 0};
	struct reader begin;
	struct reader as_cn = {"CN=", 0};
	int r;

	skip_blanks(reader);
	r = type_next(bare ? &as_cn : reader, &type);
	if (r < 0)
		return r;
	begin = *reader;
	r = value_next(reader, &value);
	if (r < 0)
		return r;
	r = attribute_add(&type, span_of_buffer(&value), attributes);
	if (r < 0)
		*reader = begin;
	return r;
}

/* A multi-valued RDN is a SET OF, sorted by its encoding (X.690 §11.6). */
static int rdn_add(const struct pieces *attributes, struct pieces *rdns)
{
	struct span elements[X509_ATTRIBUTES_MAX];
	struct der_writer w = {0};

	for (size_t i = 0; i < attributes->n; i++)
		elements[i] = piece(attributes, i);
	der_put_set_of(&w, elements, attributes->n);
	return pieces_add(rdns, &w);
}

static int rdn_next(struct reader *reader, bool bare, struct pieces *rdns)
{
	_cleanup_(pieces_done) struct pieces attributes = {.max = X509_ATTRIBUTES_MAX};
	int r;

	for (;;) {
		r = attribute_next(reader, bare, &attributes);
		if (r < 0)
			return r;
		if (reader->text[reader->at] != '+')
			return rdn_add(&attributes, rdns);
		if (bare)
			return -EINVAL;
		reader->at++;
	}
}

static int rdns_next(struct reader *reader, struct pieces *rdns)
{
	bool bare = !strchr(reader->text, '=');
	int r;

	for (;;) {
		r = rdn_next(reader, bare, rdns);
		if (r < 0 || reader->text[reader->at] == 0)
			return r;
		if (bare)
			return -EINVAL;
		reader->at++;
	}
}

int x509_name_from_text(const char *text, struct bytes *ret, size_t *ret_where)
{
	_cleanup_(pieces_done) struct pieces rdns = {.max = X509_RDNS_MAX};
	struct reader reader = {text, 0};
	struct der_writer w = {0};
	int r = rdns_next(&reader, &rdns);

	if (r < 0) {
		if (ret_where)
			*ret_where = reader.at;
		return r;
	}
	der_begin(&w, DER_SEQUENCE);
	for (size_t i = rdns.n; i > 0; i--)
		der_put_raw(&w, piece(&rdns, i - 1));
	der_end(&w);
	return der_finish(&w, ret);
}
