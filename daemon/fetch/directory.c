/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/directory.h"
#include "daemon/base/text.h"
#include <lber.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define CRLS "certificateRevocationList;binary,authorityRevocationList;binary"
/* The one that is asked for first, as an answer names it. */
#define CRL "certificateRevocationList"

/* All answers together. */
#define TOGETHER_MOST ((size_t)96 * 1024 * 1024)

/* libldap takes what a server announces, 2 GiB if it likes; libcurl has no option against that. */
static size_t n_taken;

static bool has_room(size_t size)
{
	return size <= DIRECTORY_ANSWER_MOST && n_taken <= TOGETHER_MOST - size;
}

static void *take(void *memory)
{
	n_taken += malloc_usable_size(memory);
	return memory;
}

static void *limited_malloc(ber_len_t size, void *context)
{
	(void)context;
	return has_room(size) ? take(malloc(size)) : NULL;
}

static void *limited_calloc(ber_len_t n, ber_len_t size, void *context)
{
	size_t product;

	(void)context;
	if (__builtin_mul_overflow(n, size, &product) || !has_room(product))
		return NULL;
	return take(calloc(n, size));
}

static void *limited_realloc(void *memory, ber_len_t size, void *context)
{
	size_t before = malloc_usable_size(memory);
	void *moved;

	(void)context;
	if (size > before && !has_room(size))
		return NULL;
	moved = realloc(memory, size);
	if (moved || !size)
		n_taken -= before;
	return take(moved);
}

static void limited_free(void *memory, void *context)
{
	(void)context;
	n_taken -= malloc_usable_size(memory);
	free(memory);
}

void directory_limit_memory(void)
{
	static BerMemoryFunctions functions = {
		.bmf_malloc = limited_malloc,
		.bmf_calloc = limited_calloc,
		.bmf_realloc = limited_realloc,
		.bmf_free = limited_free,
	};

	setenv("LDAPNOINIT", "1", 1);
	ber_set_option(NULL, LBER_OPT_MEMORY_FNS, &functions);
}

/* attributes?scope?filter?extensions, each of which may be missing. */
struct question {
	struct span attributes, scope, filter, extensions;
};

static struct span take_part(struct span *rest)
{
	const uint8_t *end = rest->size ? memchr(rest->data, '?', rest->size) : NULL;
	size_t size = end ? (size_t)(end - rest->data) : rest->size;
	struct span part = span_slice(*rest, 0, size);

	*rest = span_slice(*rest, size + 1, rest->size);
	return part;
}

static struct question read_question(const char *query)
{
	struct span rest = span_of_text(query);
	struct question question;

	question.attributes = take_part(&rest);
	question.scope = take_part(&rest);
	question.filter = take_part(&rest);
	question.extensions = rest;
	return question;
}

static bool are_attributes(struct span text)
{
	static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-.;,";

	for (size_t i = 0; i < text.size; i++)
		if (!memchr(signs, text.data[i], sizeof(signs) - 1))
			return false;
	return true;
}

static const char *find_fault(const struct question *question)
{
	if (!are_attributes(question->attributes))
		return "what follows the entry's name are no attributes (RFC 4516)";
	if (question->scope.size && !span_equal(question->scope, SPAN_LITERAL("base")))
		return "an entry is read by its name alone: leave the scope out, or write base";
	if (question->extensions.size)
		return "no extensions of LDAP URLs are known here: leave them out";
	return NULL;
}

static bool names_entry(CURLU *parts)
{
	char *path = NULL;
	bool names = curl_url_get(parts, CURLUPART_PATH, &path, 0) == CURLUE_OK && strlen(path) > 1;

	curl_free(path);
	return names;
}

static const char *ask(CURLU *parts, const struct question *question)
{
	_cleanup_(buffer_done) struct buffer query = {};

	buffer_append(&query,
		      question->attributes.size ? question->attributes : SPAN_LITERAL(CRLS));
	buffer_append_text(&query, "?base?");
	buffer_append(&query, question->filter);
	buffer_append_byte(&query, '\0');
	if (query.error || curl_url_set(parts, CURLUPART_QUERY, (char *)query.data, 0))
		return "no question can be made of it";
	return NULL;
}

const char *directory_complete_url(CURLU *parts)
{
	struct question question = {};
	const char *fault = NULL;
	char *given = NULL;

	if (!names_entry(parts))
		return "it names no entry, as ldap://HOST/NAME does";
	if (curl_url_get(parts, CURLUPART_QUERY, &given, 0) == CURLUE_OK) {
		question = read_question(given);
		fault = find_fault(&question);
	}
	if (!fault)
		fault = ask(parts, &question);
	curl_free(given);
	return fault;
}

/* One line, "\tNAME:: BASE64" or, where all of it can be printed, "\tNAME: VALUE". */
struct line {
	struct span name, value;
	bool is_base64;
};

static bool read_line(struct span text, struct line *ret)
{
	const uint8_t *colon = text.size ? memchr(text.data, ':', text.size) : NULL;
	size_t at;

	if (!colon || text.data[0] != '\t')
		return false;
	at = (size_t)(colon - text.data);
	ret->name = span_slice(text, 1, at - 1);
	ret->is_base64 = span_equal(span_slice(text, at, 3), SPAN_LITERAL(":: "));
	if (!ret->is_base64 && !span_equal(span_slice(text, at, 2), SPAN_LITERAL(": ")))
		return false;
	ret->value = span_slice(text, at + (ret->is_base64 ? 3 : 2), text.size);
	return true;
}

static struct span take_text_line(struct span *rest)
{
	const uint8_t *end = memchr(rest->data, '\n', rest->size);
	size_t size = end ? (size_t)(end - rest->data) : rest->size;
	struct span line = span_slice(*rest, 0, size);

	*rest = span_slice(*rest, size + 1, rest->size);
	return line;
}

static bool is_crl(const struct line *line)
{
	struct span begin = span_slice(line->name, 0, sizeof(CRL) - 1);

	return begin.size == sizeof(CRL) - 1 &&
	       !strncasecmp((const char *)begin.data, CRL, begin.size);
}

static int decode_value(const struct line *line, struct bytes *ret)
{
	int r = line->is_base64 ? text_read_base64(line->value, false, ret)
				: bytes_copy(line->value, ret);

	return r == -ENOMEM || r >= 0 ? r : -EBADMSG;
}

int directory_read_value(struct span entry, struct bytes *ret)
{
	struct line line, found = {};

	while (entry.size) {
		if (!read_line(take_text_line(&entry), &line) || !line.value.size)
			continue;
		if (is_crl(&line))
			return decode_value(&line, ret);
		if (!found.value.size)
			found = line;
	}
	return found.value.size ? decode_value(&found, ret) : DIRECTORY_EMPTY;
}
