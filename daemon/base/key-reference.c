/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/key-reference.h"

#include "daemon/base/der.h"
#include "daemon/base/spki.h"
#include "daemon/base/text.h"
#include "daemon/base/utf8.h"
#include <stdlib.h>

/* Whose key it is, so that no other program's file with this label is taken for one of ours. */
#define OWNER SPAN_LITERAL("claviger")

void key_reference_done(struct key_reference *reference)
{
	free(reference->name);
	bytes_done(&reference->spki);
	*reference = (struct key_reference){0};
}

static bool is_name(struct span name)
{
	return name.size >= 1 && name.size <= KEY_REFERENCE_NAME_MOST && utf8_is_text(name);
}

static bool is_key(struct span spki)
{
	struct span modulus, exponent;

	return spki.size <= KEY_REFERENCE_SPKI_MOST && spki_read(spki, &modulus, &exponent) == 0;
}

int key_reference_write(const char *name, struct span spki, struct bytes *ret)
{
	_cleanup_(der_writer_done) struct der_writer w = {0};
	_cleanup_(bytes_done) struct bytes der = {0};
	_cleanup_(buffer_done) struct buffer pem = {0};
	int r;

	if (!is_name(span_of_text(name)) || !is_key(spki))
		return -EINVAL;
	der_begin(&w, DER_SEQUENCE);
	der_put(&w, DER_UTF8_STRING, OWNER);
	der_put(&w, DER_UTF8_STRING, span_of_text(name));
	der_put_raw(&w, spki);
	der_end(&w);
	r = der_finish(&w, &der);
	if (r < 0)
		return r;
	text_append_pem(&pem, KEY_REFERENCE_LABEL, span_of(der));
	return buffer_take(&pem, ret);
}

struct parts {
	struct der_item owner, name, spki;
};
static const struct der_field fields[] = {
	DER_FIELD(struct parts, owner, DER_UTF8_STRING),
	DER_FIELD(struct parts, name, DER_UTF8_STRING),
	DER_FIELD(struct parts, spki, DER_SEQUENCE),
};

int key_reference_read_der(struct span der, struct key_reference *ret)
{
	_cleanup_(key_reference_done) struct key_reference reference = {0};
	struct der_item whole;
	struct parts parts = {0};
	int r = der_only(der, DER_SEQUENCE, &whole);

	if (r == 0)
		r = der_match(whole.content, fields, ELEMENTS(fields), &parts);
	if (r < 0)
		return r;
	if (!span_equal(parts.owner.content, OWNER) || !is_name(parts.name.content) ||
	    !is_key(parts.spki.whole))
		return -EBADMSG;
	r = span_to_text(parts.name.content, &reference.name);
	if (r == 0)
		r = bytes_copy(parts.spki.whole, &reference.spki);
	if (r == 0)
		*ret = TAKE_STRUCT(reference);
	return r;
}

int key_reference_read(struct span pem, struct key_reference *ret)
{
	_cleanup_(bytes_done) struct bytes der = {0};
	int r = text_read_pem(pem, KEY_REFERENCE_LABEL, &der);

	if (r < 0)
		return r == -EINVAL ? -EBADMSG : r;
	return key_reference_read_der(span_of(der), ret);
}
