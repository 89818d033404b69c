/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/option.h"

#include <string.h>

/* The words of each enumeration, and the way back. */
#define CONF_CHOICES(kind)	       static const char *const words_##kind[] = {
#define CONF_CHOICE(KIND, VALUE, text) text,
#define CONF_CHOICES_END(kind)                                                                     \
	NULL                                                                                       \
	}                                                                                          \
	;                                                                                          \
	const char *conf_##kind##_to_string(enum conf_##kind value)                                \
	{                                                                                          \
		assert((size_t)value < ELEMENTS(words_##kind) - 1);                                \
		return words_##kind[value];                                                        \
	}
#include "daemon/conf/choices.def"
#undef CONF_CHOICES
#undef CONF_CHOICE
#undef CONF_CHOICES_END

const struct conf_section_kind conf_sections[CONF_SECTIONS] = {
	[CONF_DAEMON] = {"Daemon", false, sizeof(struct conf_daemon)},
	[CONF_HTTP] = {"HTTP", false, sizeof(struct conf_http)},
	[CONF_TOKEN] = {"Token", true, sizeof(struct conf_token)},
	[CONF_SERVER] = {"Server", true, sizeof(struct conf_server)},
	[CONF_TRUSTPOINT] = {"Trustpoint", true, sizeof(struct conf_trustpoint)},
	[CONF_USE] = {"Use", true, sizeof(struct conf_use)},
	[CONF_NOTIFY] = {"Notify", false, sizeof(struct conf_notify)},
};

#define STRUCT_DAEMON	  struct conf_daemon
#define STRUCT_HTTP	  struct conf_http
#define STRUCT_TOKEN	  struct conf_token
#define STRUCT_SERVER	  struct conf_server
#define STRUCT_TRUSTPOINT struct conf_trustpoint
#define STRUCT_USE	  struct conf_use
#define STRUCT_NOTIFY	  struct conf_notify

#define KIND_TEXT	    CONF_KIND_TEXT, NULL
#define KIND_PATH	    CONF_KIND_PATH, NULL
#define KIND_LABEL	    CONF_KIND_LABEL, NULL
#define KIND_PIN	    CONF_KIND_PIN, NULL
#define KIND_PKCS11_URI	    CONF_KIND_PKCS11_URI, NULL
#define KIND_CDP_URL	    CONF_KIND_CDP_URL, NULL
#define KIND_STORE_URL	    CONF_KIND_STORE_URL, NULL
#define KIND_STORE_URLS	    CONF_KIND_STORE_URLS, NULL
#define KIND_SECRET	    CONF_KIND_SECRET, NULL
#define KIND_ENROLL_URL	    CONF_KIND_ENROLL_URL, NULL
#define KIND_FINGERPRINT    CONF_KIND_FINGERPRINT, NULL
#define KIND_DEVICE_ADDRESS CONF_KIND_DEVICE_ADDRESS, NULL
#define KIND_DNS_NAME	    CONF_KIND_DNS_NAME, NULL
#define KIND_LDAP_URL	    CONF_KIND_LDAP_URL, NULL
#define KIND_KEY_LABEL	    CONF_KIND_KEY_LABEL, NULL
#define KIND_WORDS	    CONF_KIND_WORDS, NULL
#define KIND_TRAP_SINKS	    CONF_KIND_TRAP_SINKS, NULL
#define KIND_UNITS	    CONF_KIND_UNITS, NULL
#define KIND_PROGRAM_UNITS  CONF_KIND_PROGRAM_UNITS, NULL
#define KIND_USERS	    CONF_KIND_USERS, NULL
#define KIND_TEXTS	    CONF_KIND_TEXTS, NULL
#define KIND_SET(kind)	    CONF_KIND_SET, words_##kind
#define KIND_OVERLAP	    CONF_KIND_OVERLAP, NULL
#define KIND_LISTENERS	    CONF_KIND_LISTENERS, NULL
#define KIND_DURATION	    CONF_KIND_DURATION, NULL
#define KIND_NUMBER	    CONF_KIND_NUMBER, NULL
#define KIND_PERCENT	    CONF_KIND_PERCENT, NULL
#define KIND_LIMIT	    CONF_KIND_LIMIT, NULL
#define KIND_BOOLEAN	    CONF_KIND_BOOLEAN, NULL
#define KIND_DIGEST	    CONF_KIND_DIGEST, NULL
#define KIND_CHOICE(kind)   CONF_KIND_CHOICE, words_##kind

#define CONF_OPTION(SECTION, Name, member, TYPE, fallback, least, most, unit, LOCK, ios, help)     \
	{CONF_##SECTION, #Name, KIND_##TYPE, offsetof(STRUCT_##SECTION, member),                   \
	 fallback,	 least, most,	     unit,                                                 \
	 CONF_##LOCK,	 ios,	help},
const struct conf_option conf_options[] = {
#include "daemon/conf/options.def"
};
const size_t conf_n_options = ELEMENTS(conf_options);

const struct conf_option *conf_find_option(enum conf_section section, struct span name)
{
	for (size_t i = 0; i < conf_n_options; i++)
		if (conf_options[i].section == section &&
		    span_equal(span_of_text(conf_options[i].name), name))
			return &conf_options[i];
	return NULL;
}

void *conf_section_struct(const struct conf *conf, const struct conf_origin *origin)
{
	const void *const first[] = {
		&conf->daemon,	   &conf->http, conf->tokens,  conf->servers,
		conf->trustpoints, conf->uses,	&conf->notify,
	};

	return (char *)first[origin->kind] + origin->index * conf_sections[origin->kind].size;
}

const void *conf_member(const struct conf *conf, const struct conf_origin *origin,
			const struct conf_option *option)
{
	return (const char *)conf_section_struct(conf, origin) + option->offset;
}

struct conf_place conf_find_place(const struct conf_origin *origin,
				  const struct conf_option *option)
{
	struct conf_place place = origin->options[option - conf_options];

	return place.line ? place : origin->place;
}

bool conf_is_set(const struct conf_origin *origin, const struct conf_option *option)
{
	return origin->options[option - conf_options].line != 0;
}

void conf_write_place(const struct conf *conf, struct conf_place place, struct buffer *out)
{
	buffer_append_text(out, conf->files[place.file]);
	if (place.line)
		buffer_printf(out, ":%u", place.line);
}

const struct conf_origin *conf_find_origin(const struct conf *conf, enum conf_section kind,
					   struct span name)
{
	for (size_t i = 0; i < conf->n_origins; i++) {
		const struct conf_origin *origin = &conf->origins[i];
		if (origin->kind != kind)
			continue;
		if (!conf_sections[kind].named ||
		    span_equal(span_of_text(*(char **)conf_section_struct(conf, origin)), name))
			return origin;
	}
	return NULL;
}

bool conf_is_list(const struct conf_option *option)
{
	static const enum conf_kind lists[] = {
		CONF_KIND_TEXTS, CONF_KIND_STORE_URLS, CONF_KIND_LISTENERS,	CONF_KIND_SET,
		CONF_KIND_UNITS, CONF_KIND_TRAP_SINKS, CONF_KIND_PROGRAM_UNITS, CONF_KIND_USERS};

	for (size_t i = 0; i < ELEMENTS(lists); i++)
		if (option->kind == lists[i])
			return true;
	return false;
}
