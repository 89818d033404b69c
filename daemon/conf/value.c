/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include "daemon/conf/duration.h"
#include "daemon/conf/value-internal.h"
#include <stdlib.h>
#include <string.h>

#define CONF_OVERLAP_S ((int64_t)30 * 86400)
#define SHOWN_MAX      64 /* bytes of a wrong value that an error repeats */

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

	if (text && option->unit)
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

/* An overlap without a value is thirty days, as operators know it: empty is no way back here. */
static int read_overlap(const struct reading *r, void *member)
{
	static const struct {
		const char *word;
		int64_t value_s;
	} words[] = {
		{"", CONF_OVERLAP_S},
		{"yes", CONF_OVERLAP_S},
		{"no", 0},
	};
	int64_t *overlap_s = member;

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (span_equal(span_of_text(words[i].word), r->text)) {
			*overlap_s = words[i].value_s;
			return 0;
		}
	return read_duration(r, member);
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

/* At the end without a number; empty is no way back to off here. */
static int read_percent(const struct reading *r, void *member)
{
	static const struct {
		const char *word;
		unsigned value;
	} words[] = {{"", 100}, {"yes", 100}, {"no", 0}, {"off", 0}};
	unsigned *percent = member;

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (span_equal(span_of_text(words[i].word), r->text)) {
			*percent = words[i].value;
			return 0;
		}
	return read_number(r, member);
}

/* -1: none, which 0 is not. */
static int read_limit(const struct reading *r, void *member)
{
	int *limit = member;
	unsigned number;
	int error;

	if (span_equal(r->text, SPAN_LITERAL("none"))) {
		*limit = -1;
		return 0;
	}
	error = read_number(r, &number);
	if (!error)
		*limit = (int)number;
	return error;
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
		return conf_wrong(r, r->option->section == CONF_SERVER
					     ? "must be sha256, sha384 or sha512 (or, with "
					       "AllowWeak=yes, sha1 or md5)"
					     : "must be sha256, sha384 or sha512");
	*digest = found;
	return 0;
}

/* The word's place among the option's; -1 where it is none of them. */
static int find_word(const struct conf_option *option, struct span text)
{
	/* IOS's own examples spell it both ways. */
	if (option->choices[0] && span_equal(text, SPAN_LITERAL("minimum")))
		text = SPAN_LITERAL("minimal");
	for (int i = 0; option->choices[i]; i++)
		if (span_equal(span_of_text(option->choices[i]), text))
			return i;
	return -1;
}

static int none_of_words(const struct reading *r)
{
	const char *const *words = r->option->choices;

	conf_why_begin(r);
	buffer_append_text(r->why, "must be one of");
	for (unsigned i = 0; words[i]; i++)
		buffer_printf(r->why, "%s %s", i ? "," : "", words[i]);
	return CONF_VALUE_WRONG;
}

static int read_choice(const struct reading *r, void *member)
{
	int found = find_word(r->option, r->text);

	if (found < 0)
		return none_of_words(r);
	/* Every enumeration of choices.def has the size of an unsigned. */
	memcpy(member, &found, sizeof(found));
	return 0;
}

/* Words with blanks or commas between; further lines add to them. */
static int read_set(const struct reading *r, void *member)
{
	unsigned *set = member, added = 0;

	for (size_t at = 0; at < r->text.size;) {
		size_t size = 0;
		while (at + size < r->text.size && !strchr(" ,\t", r->text.data[at + size]))
			size++;
		int found = size ? find_word(r->option, span_slice(r->text, at, size)) : 0;
		if (found < 0)
			return none_of_words(r);
		added |= size ? CONF_BIT((unsigned)found) : 0;
		at += size + 1;
	}
	*set |= added;
	return 0;
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
	[CONF_KIND_CDP_URL] = {conf_read_cdp_url, done_text, 0},
	[CONF_KIND_STORE_URL] = {conf_read_store_url, done_text, 0},
	[CONF_KIND_STORE_URLS] = {conf_read_store_urls, done_list, 0},
	[CONF_KIND_SECRET] = {conf_read_secret, done_text, 0},
	[CONF_KIND_ENROLL_URL] = {conf_read_enroll_url, done_text, 0},
	[CONF_KIND_FINGERPRINT] = {conf_read_fingerprint, done_text, 0},
	[CONF_KIND_DEVICE_ADDRESS] = {conf_read_device_address, done_text, 0},
	[CONF_KIND_DNS_NAME] = {conf_read_dns_name, done_text, 0},
	[CONF_KIND_LDAP_URL] = {conf_read_ldap_url, done_text, 0},
	[CONF_KIND_KEY_LABEL] = {conf_read_key_label, done_text, 0},
	[CONF_KIND_WORDS] = {conf_read_words, done_text, 0},
	[CONF_KIND_TRAP_SINKS] = {conf_read_trap_sinks, done_list, 0},
	[CONF_KIND_UNITS] = {conf_read_units, done_list, 0},
	[CONF_KIND_PROGRAM_UNITS] = {conf_read_program_units, done_list, 0},
	[CONF_KIND_USERS] = {conf_read_users, done_list, 0},
	[CONF_KIND_TEXTS] = {conf_read_texts, done_list, 0},
	[CONF_KIND_SET] = {read_set, done_plain, sizeof(unsigned)},
	[CONF_KIND_OVERLAP] = {read_overlap, done_plain, sizeof(int64_t)},
	[CONF_KIND_LISTENERS] = {conf_read_listeners, done_list, 0},
	[CONF_KIND_DURATION] = {read_duration, done_plain, sizeof(int64_t)},
	[CONF_KIND_NUMBER] = {read_number, done_plain, sizeof(unsigned)},
	[CONF_KIND_PERCENT] = {read_percent, done_plain, sizeof(unsigned)},
	[CONF_KIND_LIMIT] = {read_limit, done_plain, sizeof(int)},
	[CONF_KIND_BOOLEAN] = {read_boolean, done_plain, sizeof(bool)},
	[CONF_KIND_DIGEST] = {read_digest, done_plain, sizeof(enum digest)},
	[CONF_KIND_CHOICE] = {read_choice, done_plain, sizeof(unsigned)},
};

int conf_value_read(const struct conf_option *option, struct span text, void *member,
		    struct buffer *why)
{
	const struct reading reading = {option, text, why};

	if (!text.size && option->kind != CONF_KIND_OVERLAP && option->kind != CONF_KIND_PERCENT)
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
