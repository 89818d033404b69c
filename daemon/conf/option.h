/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The rows of options.def as a table, for whoever treats options alike: the parser, error texts,
 * `config show`, the manual page. Each row knows where its value lies in its section's struct.
 */

#include "daemon/conf/conf.h"

enum conf_section { CONF_DAEMON, CONF_HTTP, CONF_TOKEN, CONF_SERVER };
#define CONF_SECTIONS 4

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
	CONF_KIND_HTTP_URL,
	CONF_KIND_LISTENERS,
	CONF_KIND_DURATION,
	CONF_KIND_NUMBER,
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
		*choices;     /* the words of an enumeration, ended by NULL; NULL for others */
	size_t offset;	      /* of the value in the section's struct; a list's count follows */
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

/* The row of this name in @section; NULL where there is none. Letters count. */
const struct conf_option *conf_find_option(enum conf_section section, struct span name);
