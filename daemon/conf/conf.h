/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The configuration: one file and its drop-ins, read once into a snapshot that never changes after.
 * Programs share it by reference; a reload is a new snapshot, and a wrong one leaves the old in
 * place. The structs are made from options.def, the enumerations from choices.def; option.h has the
 * same rows as a table for whoever shows, explains or writes options.
 *
 * FILE is INI as systemd writes it: `[Section name]`, `Name=value`, '#' or ';' begin a comment at
 * the start of a line alone, a backslash at the end goes on in the next line, lines up to 64 KiB.
 * The drop-ins FILE.d/<any>.conf follow in the order of their names; the last assignment wins,
 * lists append, an empty value goes back to the default. Paths are absolute.
 */

#include "daemon/base/crypto.h"
#include "daemon/base/err.h"

#define CONF_CHOICES(kind)                                                                         \
	enum conf_##kind                                                                           \
	{
#define CONF_CHOICE(KIND, VALUE, text) CONF_##KIND##_##VALUE,
#define CONF_CHOICES_END(kind)                                                                     \
	}                                                                                          \
	;                                                                                          \
	const char *conf_##kind##_to_string(enum conf_##kind value);
#include "daemon/conf/choices.def"
#undef CONF_CHOICES
#undef CONF_CHOICE
#undef CONF_CHOICES_END

/* The C type of each TYPE, and the count beside a list. */
#define CONF_TYPE_TEXT	       char *
#define CONF_TYPE_PATH	       char *
#define CONF_TYPE_LABEL	       char *
#define CONF_TYPE_PIN	       char *
#define CONF_TYPE_PKCS11_URI   char *
#define CONF_TYPE_HTTP_URL     char *
#define CONF_TYPE_LISTENERS    char **
#define CONF_TYPE_DURATION     int64_t
#define CONF_TYPE_NUMBER       unsigned
#define CONF_TYPE_BOOLEAN      bool
#define CONF_TYPE_DIGEST       enum digest
#define CONF_TYPE_CHOICE(kind) enum conf_##kind

#define CONF_COUNT_NONE(member)
#define CONF_COUNT_LIST(member) size_t n_##member;
#define CONF_COUNT_TEXT		CONF_COUNT_NONE
#define CONF_COUNT_PATH		CONF_COUNT_NONE
#define CONF_COUNT_LABEL	CONF_COUNT_NONE
#define CONF_COUNT_PIN		CONF_COUNT_NONE
#define CONF_COUNT_PKCS11_URI	CONF_COUNT_NONE
#define CONF_COUNT_HTTP_URL	CONF_COUNT_NONE
#define CONF_COUNT_LISTENERS	CONF_COUNT_LIST
#define CONF_COUNT_DURATION	CONF_COUNT_NONE
#define CONF_COUNT_NUMBER	CONF_COUNT_NONE
#define CONF_COUNT_BOOLEAN	CONF_COUNT_NONE
#define CONF_COUNT_DIGEST	CONF_COUNT_NONE
#define CONF_COUNT_CHOICE(kind) CONF_COUNT_NONE

#define CONF_OPTION(SECTION, Name, member, TYPE, ...)                                              \
	CONF_IN_##SECTION(CONF_TYPE_##TYPE member; CONF_COUNT_##TYPE(member))

/* Each struct keeps the rows of its own section. */
#define CONF_IN_HTTP(declaration)
#define CONF_IN_TOKEN(declaration)
#define CONF_IN_SERVER(declaration)
#define CONF_IN_DAEMON(declaration) declaration
struct conf_daemon {
#include "daemon/conf/options.def"
};
#undef CONF_IN_DAEMON
#undef CONF_IN_HTTP
#define CONF_IN_DAEMON(declaration)
#define CONF_IN_HTTP(declaration) declaration
struct conf_http {
#include "daemon/conf/options.def"
};
#undef CONF_IN_HTTP
#undef CONF_IN_TOKEN
#define CONF_IN_HTTP(declaration)
#define CONF_IN_TOKEN(declaration) declaration
struct conf_token {
	char *name;
#include "daemon/conf/options.def"
};
#undef CONF_IN_TOKEN
#undef CONF_IN_SERVER
#define CONF_IN_TOKEN(declaration)
#define CONF_IN_SERVER(declaration) declaration
struct conf_server {
	char *label;
#include "daemon/conf/options.def"
};
#undef CONF_IN_DAEMON
#undef CONF_IN_HTTP
#undef CONF_IN_TOKEN
#undef CONF_IN_SERVER
#undef CONF_OPTION

/* Tokens and servers stand in the order in which they first appear. */
struct conf {
	unsigned refs_;
	struct conf_daemon daemon;
	struct conf_http http;
	struct conf_token *tokens;
	size_t n_tokens;
	struct conf_server *servers;
	size_t n_servers;
};

/*
 * Reads @path and its drop-ins and checks that they fit together.
 *
 * @ret        the snapshot, with one reference, which is the caller's
 * @ret_error  the caller's text, one error a line: "file:line: what is wrong and what would be
 *             right"; only where CONF_LOAD_WRONG is returned
 * Returns 0; CONF_LOAD_WRONG where a file can't be read or says something wrong; -ENOMEM. Blocks
 * for the files.
 */
enum conf_load_outcome { CONF_LOAD_WRONG = 1 };
_checked_ int conf_load(const char *path, struct conf **ret, char **ret_error);

/* Another reference to @conf, given back with conf_unref(). Thread-safe, both. */
struct conf *conf_ref(struct conf *conf);
struct conf *conf_unref(struct conf *conf);
void conf_unrefp(struct conf **conf);

/* NULL where there is none of this name. Borrowed from @conf. */
const struct conf_token *conf_find_token(const struct conf *conf, const char *name);
const struct conf_server *conf_find_server(const struct conf *conf, const char *label);
