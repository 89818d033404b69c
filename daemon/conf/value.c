/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include "daemon/conf/duration.h"
#include "daemon/conf/value-internal.h"
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 64 /* bytes of a wrong value that an error repeats */

void conf_why_begin(const struct reading *r)
{
	buffer_printf(r->why, "%s=", r->option->name);
	text_append_escaped(r->why, span_slice(r->text, 0, SHOWN_MAX));
	if (r->text.size > SHOWN_MAX)
		buffer_append_text(r->why, "…");
	buffer_append_text(r->why, ": ");
}

int conf_wrong(const struct reading *r, const char *what)
{
	conf_why_begin(r);
	buffer_append_text(r->why, what);
	return CONF_VALUE_WRONG;
}

/* Bounds are written in options.def as values are, and are right there. */
int64_t conf_bound(const struct conf_option *option, const char *text, int64_t otherwise)
{
	int64_t value = otherwise;
	int r = 0;

	if (text && option->kind == CONF_KIND_DURATION)
		r = conf_read_duration(span_of_text(text), option->unit, &value);
	else if (text)
		r = text_read_number(span_of_text(text), 0, INT64_MAX, &value);
	assert(r == 0);
	return value;
}

static int out_of_range(const struct reading *r)
{
	conf_why_begin(r);
	buffer_printf(r->why, "must be %s…%s", r->option->least ? r->option->least : "0",
		      r->option->most);
	return CONF_VALUE_WRONG;
}

static bool in_range(const struct reading *r, int64_t value)
{
	return value >= conf_bound(r->option, r->option->least, 0) &&
	       value <= conf_bound(r->option, r->option->most, INT64_MAX);
}

static int read_duration(const struct reading *r, void *member)
{
	const struct conf_option *option = r->option;
	int64_t *duration_s = member, value_s;

	if (option->fallback && strcmp(option->fallback, "off") == 0 &&
	    span_equal(r->text, SPAN_LITERAL("off"))) {
		*duration_s = 0;
		return 0;
	}
	int error = conf_read_duration(r->text, option->unit, &value_s);
	if (error == -EINVAL) {
		conf_why_begin(r);
		buffer_printf(r->why, "must be a duration, as %s or 1d 12h",
			      option->most ? option->most : "30s");
		return CONF_VALUE_WRONG;
	}
	if (error < 0 || !in_range(r, value_s))
		return out_of_range(r);
	*duration_s = value_s;
	return 0;
}

static int read_number(const struct reading *r, void *member)
{
	unsigned *number = member;
	int64_t value;

	if (text_read_number(r->text, 0, UINT32_MAX, &value) < 0 || !in_range(r, value))
		return out_of_range(r);
	*number = (unsigned)value;
	return 0;
}

static int read_boolean(const struct reading *r, void *member)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{"yes", true}, {"no", false},  {"true", true}, {"false", false},
		{"on", true},  {"off", false}, {"1", true},    {"0", false},
	};
	bool *boolean = member;

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (span_equal(span_of_text(words[i].word), r->text)) {
			*boolean = words[i].value;
			return 0;
		}
	return conf_wrong(r, "must be yes or no");
}

static int read_digest(const struct reading *r, void *member)
{
	_cleanup_(freep) char *name = NULL;
	enum digest *digest = member;

	int error = span_to_text(r->text, &name);
	if (error == -ENOMEM)
		return error;
	enum digest found = error < 0 ? DIGEST_NONE : digest_find(name);
	if (found == DIGEST_NONE)
		return conf_wrong(
			r, "must be sha256, sha384 or sha512 (or, with AllowWeak=yes, sha1 or "
			   "md5)");
	*digest = found;
	return 0;
}

static int read_choice(const struct reading *r, void *member)
{
	const char *const *words = r->option->choices;

	for (unsigned i = 0; words[i]; i++)
		if (span_equal(span_of_text(words[i]), r->text)) {
			/* Every enumeration of choices.def has the size of an unsigned. */
			memcpy(member, &i, sizeof(i));
			return 0;
		}
	conf_why_begin(r);
	buffer_append_text(r->why, "must be one of");
	for (unsigned i = 0; words[i]; i++)
		buffer_printf(r->why, "%s %s", i ? "," : "", words[i]);
	return CONF_VALUE_WRONG;
}

static void done_plain(void *member, size_t size)
{
	memset(member, 0, size);
}

static void done_text(void *member, size_t size)
{
	(void)size;
	freep(member);
	*(char **)member = NULL;
}

static void done_list(void *member, size_t size)
{
	(void)size;
	char ***list = member;
	size_t *n = (size_t *)(list + 1);

	for (size_t i = 0; i < *n; i++)
		free((*list)[i]);
	free(*list);
	*list = NULL;
	*n = 0;
}

static const struct {
	int (*read)(const struct reading *r, void *member);
	void (*done)(void *member, size_t size);
	size_t size; /* of the member */
} kinds[CONF_KINDS_] = {
	[CONF_KIND_TEXT] = {conf_read_text, done_text, 0},
	[CONF_KIND_PATH] = {conf_read_path, done_text, 0},
	[CONF_KIND_LABEL] = {conf_read_label, done_text, 0},
	[CONF_KIND_PIN] = {conf_read_pin, done_text, 0},
	[CONF_KIND_PKCS11_URI] = {conf_read_pkcs11_uri, done_text, 0},
	[CONF_KIND_HTTP_URL] = {conf_read_http_url, done_text, 0},
	[CONF_KIND_LISTENERS] = {conf_read_listeners, done_list, 0},
	[CONF_KIND_DURATION] = {read_duration, done_plain, sizeof(int64_t)},
	[CONF_KIND_NUMBER] = {read_number, done_plain, sizeof(unsigned)},
	[CONF_KIND_BOOLEAN] = {read_boolean, done_plain, sizeof(bool)},
	[CONF_KIND_DIGEST] = {read_digest, done_plain, sizeof(enum digest)},
	[CONF_KIND_CHOICE] = {read_choice, done_plain, sizeof(unsigned)},
};

int conf_value_read(const struct conf_option *option, struct span text, void *member,
		    struct buffer *why)
{
	const struct reading reading = {option, text, why};

	if (!text.size)
		return conf_value_reset(option, member);
	return kinds[option->kind].read(&reading, member);
}

int conf_value_reset(const struct conf_option *option, void *member)
{
	_cleanup_(buffer_done) struct buffer why = {0};
	const struct reading reading = {option, span_of_text(option->fallback), &why};

	conf_value_done(option, member);
	if (!option->fallback)
		return 0;
	int r = kinds[option->kind].read(&reading, member);
	assert(r <= 0); /* a default is right */
	return r;
}

void conf_value_done(const struct conf_option *option, void *member)
{
	kinds[option->kind].done(member, kinds[option->kind].size);
}
