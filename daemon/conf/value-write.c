/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/duration.h"
#include "daemon/conf/value.h"
#include <string.h>

/* A member as its kind has it: a copy, so that nobody casts. */
static char *text_of(const void *member)
{
	return *(char *const *)member;
}

static unsigned number_of(const void *member)
{
	unsigned number;

	memcpy(&number, member, sizeof(number));
	return number;
}

static size_t count_text(const struct conf_option *option, const void *member)
{
	(void)option;
	return text_of(member) ? 1 : 0;
}

static size_t count_list(const struct conf_option *option, const void *member)
{
	(void)option;
	return *(const size_t *)((char **const *)member + 1);
}

static size_t count_number(const struct conf_option *option, const void *member)
{
	return option->fallback || number_of(member) ? 1 : 0;
}

/* Without a default there may be none. */
static size_t count_duration(const struct conf_option *option, const void *member)
{
	int64_t value_s;

	memcpy(&value_s, member, sizeof(value_s));
	return option->fallback || value_s ? 1 : 0;
}

static size_t count_one(const struct conf_option *option, const void *member)
{
	(void)option;
	(void)member;
	return 1;
}

static void write_text(const struct conf_option *option, const void *member, size_t i,
		       struct buffer *out)
{
	(void)option;
	(void)i;
	buffer_append_text(out, text_of(member));
}

static void write_list(const struct conf_option *option, const void *member, size_t i,
		       struct buffer *out)
{
	(void)option;
	buffer_append_text(out, (*(char **const *)member)[i]);
}

static void write_duration(const struct conf_option *option, const void *member, size_t i,
			   struct buffer *out)
{
	int64_t value_s;

	(void)i;
	memcpy(&value_s, member, sizeof(value_s));
	if (!value_s && option->fallback && strcmp(option->fallback, "off") == 0)
		buffer_append_text(out, "off");
	else
		conf_write_duration(out, option->unit, value_s);
}

static void write_number(const struct conf_option *option, const void *member, size_t i,
			 struct buffer *out)
{
	(void)option;
	(void)i;
	buffer_printf(out, "%u", number_of(member));
}

static void write_percent(const struct conf_option *option, const void *member, size_t i,
			  struct buffer *out)
{
	if (number_of(member))
		write_number(option, member, i, out);
	else
		buffer_append_text(out, "off");
}

static void write_limit(const struct conf_option *option, const void *member, size_t i,
			struct buffer *out)
{
	(void)option;
	(void)i;
	if (*(const int *)member < 0)
		buffer_append_text(out, "none");
	else
		buffer_printf(out, "%d", *(const int *)member);
}

static void write_boolean(const struct conf_option *option, const void *member, size_t i,
			  struct buffer *out)
{
	(void)option;
	(void)i;
	buffer_append_text(out, *(const bool *)member ? "yes" : "no");
}

static void write_digest(const struct conf_option *option, const void *member, size_t i,
			 struct buffer *out)
{
	(void)option;
	(void)i;
	buffer_append_text(out, digest_name(*(const enum digest *)member));
}

static void write_choice(const struct conf_option *option, const void *member, size_t i,
			 struct buffer *out)
{
	(void)i;
	buffer_append_text(out, option->choices[number_of(member)]);
}

static void write_set(const struct conf_option *option, const void *member, size_t i,
		      struct buffer *out)
{
	const char *separator = "";

	(void)i;
	for (unsigned word = 0; option->choices[word]; word++)
		if (number_of(member) & CONF_BIT(word)) {
			buffer_printf(out, "%s%s", separator, option->choices[word]);
			separator = " ";
		}
}

static const struct {
	size_t (*count)(const struct conf_option *option, const void *member);
	void (*write)(const struct conf_option *option, const void *member, size_t i,
		      struct buffer *out);
} kinds[CONF_KINDS_] = {
	[CONF_KIND_TEXT] = {count_text, write_text},
	[CONF_KIND_PATH] = {count_text, write_text},
	[CONF_KIND_LABEL] = {count_text, write_text},
	[CONF_KIND_PIN] = {count_text, write_text},
	[CONF_KIND_PKCS11_URI] = {count_text, write_text},
	[CONF_KIND_CDP_URL] = {count_text, write_text},
	[CONF_KIND_STORE_URL] = {count_text, write_text},
	[CONF_KIND_STORE_URLS] = {count_list, write_list},
	[CONF_KIND_SECRET] = {count_text, write_text},
	[CONF_KIND_ENROLL_URL] = {count_text, write_text},
	[CONF_KIND_FINGERPRINT] = {count_text, write_text},
	[CONF_KIND_DEVICE_ADDRESS] = {count_text, write_text},
	[CONF_KIND_DNS_NAME] = {count_text, write_text},
	[CONF_KIND_LDAP_URL] = {count_text, write_text},
	[CONF_KIND_KEY_LABEL] = {count_text, write_text},
	[CONF_KIND_WORDS] = {count_text, write_text},
	[CONF_KIND_TRAP_SINKS] = {count_list, write_list},
	[CONF_KIND_UNITS] = {count_list, write_list},
	[CONF_KIND_PROGRAM_UNITS] = {count_list, write_list},
	[CONF_KIND_USERS] = {count_list, write_list},
	[CONF_KIND_TEXTS] = {count_list, write_list},
	[CONF_KIND_SET] = {count_number, write_set},
	[CONF_KIND_OVERLAP] = {count_one, write_duration},
	[CONF_KIND_LISTENERS] = {count_list, write_list},
	[CONF_KIND_DURATION] = {count_duration, write_duration},
	[CONF_KIND_NUMBER] = {count_number, write_number},
	[CONF_KIND_PERCENT] = {count_one, write_percent},
	[CONF_KIND_LIMIT] = {count_one, write_limit},
	[CONF_KIND_BOOLEAN] = {count_one, write_boolean},
	[CONF_KIND_DIGEST] = {count_one, write_digest},
	[CONF_KIND_CHOICE] = {count_one, write_choice},
};

size_t conf_value_count(const struct conf_option *option, const void *member)
{
	return kinds[option->kind].count(option, member);
}

void conf_value_write(const struct conf_option *option, const void *member, size_t i,
		      struct buffer *out)
{
	kinds[option->kind].write(option, member, i, out);
}

void conf_value_write_all(const struct conf_option *option, const void *member, struct buffer *out)
{
	for (size_t i = 0; i < conf_value_count(option, member); i++) {
		if (i)
			buffer_append_byte(out, '\n');
		conf_value_write(option, member, i, out);
	}
}

int conf_value_is_default(const struct conf_option *option, const void *member)
{
	_cleanup_(buffer_done) struct buffer is = {0}, fallback = {0};
	union {
		struct {
			char **items;
			size_t n;
		} list;
		int64_t number;
	} reset = {0};

	int r = conf_value_reset(option, &reset);
	if (r < 0)
		return r;
	conf_value_write_all(option, member, &is);
	conf_value_write_all(option, &reset, &fallback);
	r = is.error || fallback.error ? -ENOMEM
				       : span_equal(span_of_buffer(&is), span_of_buffer(&fallback));
	conf_value_done(option, &reset);
	return r;
}
