/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/uri.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include <stdlib.h>
#include <string.h>

#define SCHEME SPAN_LITERAL("pkcs11:")

static const struct attribute {
	const char *name;
	size_t in_uri;
	size_t in_slot;
	size_t most; /* bytes: the field's width in CK_TOKEN_INFO */
} attributes[] = {
	/* clang-format off */
	{"token", offsetof(struct hsm_uri, token), offsetof(struct hsm_slot, label), 32},
	{"serial", offsetof(struct hsm_uri, serial), offsetof(struct hsm_slot, serial), 16},
	{"manufacturer", offsetof(struct hsm_uri, manufacturer), offsetof(struct hsm_slot, manufacturer), 32},
	{"model", offsetof(struct hsm_uri, model), offsetof(struct hsm_slot, model), 16},
	/* clang-format on */
};

static char **in_uri(struct hsm_uri *uri, const struct attribute *attribute)
{
	return (char **)((char *)uri + attribute->in_uri);
}

void hsm_uri_done(struct hsm_uri *uri)
{
	for (size_t i = 0; i < ELEMENTS(attributes); i++)
		free(*in_uri(uri, &attributes[i]));
	*uri = (struct hsm_uri){0};
}

static const struct attribute *find_attribute(struct span name)
{
	for (size_t i = 0; i < ELEMENTS(attributes); i++) {
		if (span_equal(span_of_text(attributes[i].name), name))
			return &attributes[i];
	}
	return NULL;
}

/* Takes the part of @rest before the first @separator off it; the whole where there is none. */
static struct span take_part(struct span *rest, char separator)
{
	const uint8_t *end = rest->size ? memchr(rest->data, separator, rest->size) : NULL;
	struct span part = span_slice(*rest, 0, end ? (size_t)(end - rest->data) : rest->size);

	*rest = span_slice(*rest, end ? part.size + 1 : part.size, rest->size);
	return part;
}

/* Undoes %XX. -EINVAL where one is damaged or stands for NUL. */
static int decode(struct span text, char **ret)
{
	_cleanup_(buffer_done) struct buffer out = {0};

	for (size_t i = 0; i < text.size; i++) {
		_cleanup_(bytes_done) struct bytes byte = {0};

		if (text.data[i] != '%') {
			buffer_append_byte(&out, text.data[i]);
			continue;
		}
		if (text.size - i < 3 || text_read_hex(span_slice(text, i + 1, 2), &byte) < 0 ||
		    byte.data[0] == 0)
			return -EINVAL;
		buffer_append(&out, span_of(byte));
		i += 2;
	}
	return buffer_take_text(&out, ret);
}

static int malformed(const char *text, const char *what, char **ret_reason)
{
	return text_format(ret_reason, "URI=%s: %s", text, what) ?: HSM_URI_MALFORMED;
}

static int read_attribute(const char *text, struct span part, struct hsm_uri *uri,
			  char **ret_reason)
{
	struct span value = part;
	struct span name = take_part(&value, '=');
	const struct attribute *attribute = find_attribute(name);
	int r;

	if (name.size == part.size)
		return malformed(text, "an attribute is written name=value", ret_reason);
	if (!attribute)
		return malformed(text,
				 "only token=, serial=, manufacturer= and model= name a token",
				 ret_reason);
	if (*in_uri(uri, attribute))
		return malformed(text, "an attribute stands there twice", ret_reason);
	r = decode(value, in_uri(uri, attribute));
	if (r == -EINVAL)
		return malformed(text, "a % must be followed by two hex digits", ret_reason);
	if (r == 0 && strlen(*in_uri(uri, attribute)) > attribute->most)
		return malformed(text, "a value is longer than any token has", ret_reason);
	return r;
}

int hsm_uri_read(const char *text, struct hsm_uri *ret, char **ret_reason)
{
	_cleanup_(hsm_uri_done) struct hsm_uri uri = {0};
	struct span rest = span_of_text(text);
	int r;

	if (!span_equal(span_slice(rest, 0, SCHEME.size), SCHEME))
		return malformed(text, "it begins with pkcs11:", ret_reason);
	if (strchr(text, '?'))
		return malformed(
			text, "the part after ? is not for here: see PIN= and Module=", ret_reason);
	rest = span_slice(rest, SCHEME.size, rest.size);
	while (rest.size) {
		r = read_attribute(text, take_part(&rest, ';'), &uri, ret_reason);
		if (r)
			return r;
	}
	*ret = TAKE_STRUCT(uri);
	return 0;
}

bool hsm_uri_matches(const struct hsm_uri *uri, const struct hsm_slot *slot)
{
	for (size_t i = 0; i < ELEMENTS(attributes); i++) {
		const char *wanted = *(char *const *)((const char *)uri + attributes[i].in_uri);
		if (wanted && strcmp(wanted, (const char *)slot + attributes[i].in_slot) != 0)
			return false;
	}
	return true;
}

static void append_value(struct buffer *out, const char *name, const char *value)
{
	buffer_append_text(out, name);
	text_append_escaped(out, span_of_text(value));
}

/* As a URI, though escaped for a log and not for a URI. */
static void append_wanted(struct buffer *out, const struct hsm_uri *uri)
{
	const char *separator = "pkcs11:";

	for (size_t i = 0; i < ELEMENTS(attributes); i++) {
		const char *wanted = *(char *const *)((const char *)uri + attributes[i].in_uri);
		if (!wanted)
			continue;
		buffer_printf(out, "%s%s=", separator, attributes[i].name);
		text_append_escaped(out, span_of_text(wanted));
		separator = ";";
	}
	if (*separator != ';')
		buffer_append_text(out, "pkcs11:");
}

static void append_tokens(struct buffer *out, const struct hsm_slots *slots)
{
	buffer_append_text(out, slots->n ? "; there are: " : "; there is no token at all");
	for (size_t i = 0; i < slots->n; i++) {
		const struct hsm_slot *slot = &slots->items[i];
		buffer_append_text(out, i ? ", " : "");
		if (slot->initialised)
			append_value(out, "token=", slot->label);
		else
			buffer_append_text(out, "one that is not initialised");
		append_value(out, " (serial=", slot->serial);
		append_value(out, " manufacturer=", slot->manufacturer);
		append_value(out, " model=", slot->model);
		buffer_append_text(out, ")");
	}
}

static int explain(const struct hsm_uri *uri, const struct hsm_slots *slots, const char *what,
		   char **ret_reason)
{
	_cleanup_(buffer_done) struct buffer out = {0};

	buffer_append_text(&out, what);
	append_wanted(&out, uri);
	append_tokens(&out, slots);
	return buffer_take_text(&out, ret_reason);
}

int hsm_uri_pick(const struct hsm_uri *uri, const struct hsm_slots *slots,
		 const struct hsm_slot **ret_slot, char **ret_reason)
{
	const struct hsm_slot *found = NULL;

	for (size_t i = 0; i < slots->n; i++) {
		if (!slots->items[i].initialised || !hsm_uri_matches(uri, &slots->items[i]))
			continue;
		if (found)
			return explain(uri, slots, "several tokens match ", ret_reason)
				       ?: HSM_URI_AMBIGUOUS;
		found = &slots->items[i];
	}
	if (!found)
		return explain(uri, slots, "no token matches ", ret_reason) ?: HSM_URI_ABSENT;
	*ret_slot = found;
	return 0;
}
