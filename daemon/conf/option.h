/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The rows of options.def as a table, for whoever treats options alike: the parser, error texts,
 * `config show`, the manual page. Each row knows where its value lies in its section's struct.
 */

#include "daemon/base/bytes.h"
#include "daemon/conf/conf.h"

enum conf_section {
	CONF_DAEMON,
	CONF_HTTP,
	CONF_TOKEN,
	CONF_SERVER,
	CONF_TRUSTPOINT,
	CONF_USE,
	CONF_NOTIFY,
};
#define CONF_SECTIONS 7

enum conf_lock {
	CONF_FREE,    /* may change at any time */
	CONF_RESTART, /* read when a program starts */
	CONF_LOCKED,  /* refused while the server is enabled */
	CONF_FIXED,   /* stands in the CA certificate: refused until the server is deleted */
};

/* What a value is; TYPE of options.def. */
enum conf_kind {
	CONF_KIND_TEXT,
	CONF_KIND_PATH,
	CONF_KIND_LABEL,
	CONF_KIND_PIN,
	CONF_KIND_PKCS11_URI,
	CONF_KIND_CDP_URL,
	CONF_KIND_STORE_URL,
	CONF_KIND_STORE_URLS,
	CONF_KIND_SECRET,
	CONF_KIND_ENROLL_URL,
	CONF_KIND_FINGERPRINT,
	CONF_KIND_DEVICE_ADDRESS,
	CONF_KIND_DNS_NAME,
	CONF_KIND_LDAP_URL,
	CONF_KIND_KEY_LABEL,
	CONF_KIND_WORDS,
	CONF_KIND_TRAP_SINKS,
	CONF_KIND_UNITS,
	CONF_KIND_PROGRAM_UNITS,
	CONF_KIND_USERS,
	CONF_KIND_TEXTS,
	CONF_KIND_SET,
	CONF_KIND_OVERLAP,
	CONF_KIND_LISTENERS,
	CONF_KIND_DURATION,
	CONF_KIND_NUMBER,
	CONF_KIND_PERCENT,
	CONF_KIND_LIMIT,
	CONF_KIND_BOOLEAN,
	CONF_KIND_DIGEST,
	CONF_KIND_CHOICE,
	CONF_KINDS_
};

struct conf_option {
	enum conf_section section;
	const char *name;
	enum conf_kind kind;
	const char *const
		*choices; /* the words of an enumeration or set, ended by NULL; NULL for others */
	size_t offset;	  /* of the value in the section's struct; a list's count follows */
	const char *fallback; /* the default as written, or NULL */
	const char *least;    /* as written; NULL: no bound */
	const char *most;
	const char *unit; /* of a duration's bare number: "s", "h", "d" */
	enum conf_lock lock;
	const char *ios; /* the IOS command it stands for, or NULL */
	const char *help;
};

/* All rows, in the order of options.def. */
extern const struct conf_option conf_options[];
extern const size_t conf_n_options;

/* How a section is written: "Daemon"; whether it takes a name, as in [Token NAME]; the size of its
 * struct, whose first member is that name. */
struct conf_section_kind {
	const char *name;
	bool named;
	size_t size;
};
extern const struct conf_section_kind conf_sections[CONF_SECTIONS];

/* One section of a configuration, however often its header was written. */
struct conf_origin {
	enum conf_section kind;
	size_t index;		    /* among those of its kind */
	struct conf_place place;    /* of its first header */
	struct conf_place *options; /* where each row of conf_options was last set */
};

/* The struct that this section fills, and in it the member of @option. */
void *conf_section_struct(const struct conf *conf, const struct conf_origin *origin);
const void *conf_member(const struct conf *conf, const struct conf_origin *origin,
			const struct conf_option *option);
/* Whether further lines add to it. */
bool conf_is_list(const struct conf_option *option);
/* Where @option was set last; where it never was, its section's header; line 0 without one. */
struct conf_place conf_find_place(const struct conf_origin *origin,
				  const struct conf_option *option);
/* Whether a file says something of it, its default or not. */
bool conf_is_set(const struct conf_origin *origin, const struct conf_option *option);
/* "file:line" of a place, or the first file where it has none. Appended. */
void conf_write_place(const struct conf *conf, struct conf_place place, struct buffer *out);
/* The section of this kind and name ("" where it takes none); NULL where it was not written. */
const struct conf_origin *conf_find_origin(const struct conf *conf, enum conf_section kind,
					   struct span name);

/* The row of this name in @section; NULL where there is none. Letters count. */
const struct conf_option *conf_find_option(enum conf_section section, struct span name);
