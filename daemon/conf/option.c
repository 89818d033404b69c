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
};

#define STRUCT_DAEMON struct conf_daemon
#define STRUCT_HTTP   struct conf_http
#define STRUCT_TOKEN  struct conf_token
#define STRUCT_SERVER struct conf_server

#define KIND_TEXT	  CONF_KIND_TEXT, NULL
#define KIND_PATH	  CONF_KIND_PATH, NULL
#define KIND_LABEL	  CONF_KIND_LABEL, NULL
#define KIND_PIN	  CONF_KIND_PIN, NULL
#define KIND_PKCS11_URI	  CONF_KIND_PKCS11_URI, NULL
#define KIND_HTTP_URL	  CONF_KIND_HTTP_URL, NULL
#define KIND_LISTENERS	  CONF_KIND_LISTENERS, NULL
#define KIND_DURATION	  CONF_KIND_DURATION, NULL
#define KIND_NUMBER	  CONF_KIND_NUMBER, NULL
#define KIND_BOOLEAN	  CONF_KIND_BOOLEAN, NULL
#define KIND_DIGEST	  CONF_KIND_DIGEST, NULL
#define KIND_CHOICE(kind) CONF_KIND_CHOICE, words_##kind

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
