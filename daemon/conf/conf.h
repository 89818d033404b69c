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

#include "daemon/base/bytes.h"
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

/* The C type of each TYPE, and the count beside a list. A SET has CONF_BIT() of each of its words.
 */
#define CONF_BIT(value)		 (1U << (value))
#define CONF_TYPE_TEXT		 char *
#define CONF_TYPE_PATH		 char *
#define CONF_TYPE_LABEL		 char *
#define CONF_TYPE_PIN		 char *
#define CONF_TYPE_PKCS11_URI	 char *
#define CONF_TYPE_CDP_URL	 char *
#define CONF_TYPE_STORE_URL	 char *
#define CONF_TYPE_STORE_URLS	 char **
#define CONF_TYPE_SECRET	 char *
#define CONF_TYPE_ENROLL_URL	 char *
#define CONF_TYPE_FINGERPRINT	 char *
#define CONF_TYPE_DEVICE_ADDRESS char *
#define CONF_TYPE_DNS_NAME	 char *
#define CONF_TYPE_LDAP_URL	 char *
#define CONF_TYPE_KEY_LABEL	 char *
#define CONF_TYPE_WORDS		 char *
#define CONF_TYPE_TRAP_SINKS	 char **
#define CONF_TYPE_UNITS		 char **
#define CONF_TYPE_PROGRAM_UNITS	 char **
#define CONF_TYPE_USERS		 char **
#define CONF_TYPE_TEXTS		 char **
#define CONF_TYPE_SET(kind)	 unsigned
#define CONF_TYPE_OVERLAP	 int64_t
#define CONF_TYPE_LISTENERS	 char **
#define CONF_TYPE_DURATION	 int64_t
#define CONF_TYPE_NUMBER	 unsigned
#define CONF_TYPE_PERCENT	 unsigned
#define CONF_TYPE_LIMIT		 int
#define CONF_TYPE_BOOLEAN	 bool
#define CONF_TYPE_DIGEST	 enum digest
#define CONF_TYPE_CHOICE(kind)	 enum conf_##kind

#define CONF_COUNT_NONE(member)
#define CONF_COUNT_LIST(member)	  size_t n_##member;
#define CONF_COUNT_TEXT		  CONF_COUNT_NONE
#define CONF_COUNT_PATH		  CONF_COUNT_NONE
#define CONF_COUNT_LABEL	  CONF_COUNT_NONE
#define CONF_COUNT_PIN		  CONF_COUNT_NONE
#define CONF_COUNT_PKCS11_URI	  CONF_COUNT_NONE
#define CONF_COUNT_CDP_URL	  CONF_COUNT_NONE
#define CONF_COUNT_STORE_URL	  CONF_COUNT_NONE
#define CONF_COUNT_STORE_URLS	  CONF_COUNT_LIST
#define CONF_COUNT_SECRET	  CONF_COUNT_NONE
#define CONF_COUNT_ENROLL_URL	  CONF_COUNT_NONE
#define CONF_COUNT_FINGERPRINT	  CONF_COUNT_NONE
#define CONF_COUNT_DEVICE_ADDRESS CONF_COUNT_NONE
#define CONF_COUNT_DNS_NAME	  CONF_COUNT_NONE
#define CONF_COUNT_LDAP_URL	  CONF_COUNT_NONE
#define CONF_COUNT_KEY_LABEL	  CONF_COUNT_NONE
#define CONF_COUNT_WORDS	  CONF_COUNT_NONE
#define CONF_COUNT_TRAP_SINKS	  CONF_COUNT_LIST
#define CONF_COUNT_UNITS	  CONF_COUNT_LIST
#define CONF_COUNT_PROGRAM_UNITS  CONF_COUNT_LIST
#define CONF_COUNT_USERS	  CONF_COUNT_LIST
#define CONF_COUNT_TEXTS	  CONF_COUNT_LIST
#define CONF_COUNT_SET(kind)	  CONF_COUNT_NONE
#define CONF_COUNT_OVERLAP	  CONF_COUNT_NONE
#define CONF_COUNT_LISTENERS	  CONF_COUNT_LIST
#define CONF_COUNT_DURATION	  CONF_COUNT_NONE
#define CONF_COUNT_NUMBER	  CONF_COUNT_NONE
#define CONF_COUNT_PERCENT	  CONF_COUNT_NONE
#define CONF_COUNT_LIMIT	  CONF_COUNT_NONE
#define CONF_COUNT_BOOLEAN	  CONF_COUNT_NONE
#define CONF_COUNT_DIGEST	  CONF_COUNT_NONE
#define CONF_COUNT_CHOICE(kind)	  CONF_COUNT_NONE

#define CONF_OPTION(SECTION, Name, member, TYPE, ...)                                              \
	CONF_IN_##SECTION(CONF_TYPE_##TYPE member; CONF_COUNT_##TYPE(member))

/* Each struct keeps the rows of its own section. */
#define CONF_IN_HTTP(declaration)
#define CONF_IN_TOKEN(declaration)
#define CONF_IN_SERVER(declaration)
#define CONF_IN_TRUSTPOINT(declaration)
#define CONF_IN_USE(declaration)
#define CONF_IN_NOTIFY(declaration)
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
struct conf_trustpoint;
struct conf_server {
	char *label;
	const struct conf_trustpoint *trustpoint; /* the section of its label, or NULL */
#include "daemon/conf/options.def"
};
#undef CONF_IN_SERVER
#undef CONF_IN_TRUSTPOINT
#define CONF_IN_SERVER(declaration)
#define CONF_IN_TRUSTPOINT(declaration) declaration
struct conf_trustpoint {
	char *name;
#include "daemon/conf/options.def"
};
#undef CONF_IN_TRUSTPOINT
#undef CONF_IN_USE
#define CONF_IN_TRUSTPOINT(declaration)
#define CONF_IN_USE(declaration) declaration
struct conf_use {
	char *name;
#include "daemon/conf/options.def"
};
#undef CONF_IN_USE
#undef CONF_IN_NOTIFY
#define CONF_IN_USE(declaration)
#define CONF_IN_NOTIFY(declaration) declaration
struct conf_notify {
#include "daemon/conf/options.def"
};
#undef CONF_IN_DAEMON
#undef CONF_IN_HTTP
#undef CONF_IN_TOKEN
#undef CONF_IN_SERVER
#undef CONF_IN_TRUSTPOINT
#undef CONF_IN_USE
#undef CONF_IN_NOTIFY
#undef CONF_OPTION

struct conf_place {
	unsigned file; /* index into the files that were read */
	unsigned line; /* 0: nowhere */
};

/* Where a section and each of its options were written. */
struct conf_origin;

/* Tokens, servers, trustpoints and uses stand in the order in which they first appear. */
struct conf {
	unsigned refs_;
	char **files; /* that were read, in their order */
	size_t n_files;
	struct conf_origin *origins;
	size_t n_origins;
	char *warnings; /* what is right, but deserves a look: one a line, as errors; or NULL */
	struct conf_daemon daemon;
	struct conf_http http;
	struct conf_token *tokens;
	size_t n_tokens;
	struct conf_server *servers;
	size_t n_servers;
	struct conf_trustpoint *trustpoints;
	size_t n_trustpoints;
	struct conf_use *uses;
	size_t n_uses;
	struct conf_notify notify;
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

/* What is to stand in the drop-in FILE.d/@name, beside or instead of what does. */
struct conf_drop_in {
	const char *name; /* "90-set.conf" */
	struct span content;
};
/* The same as if @pending stood there already; NULL: as it stands. */
_checked_ int conf_load_pending(const char *path, const struct conf_drop_in *pending,
				struct conf **ret, char **ret_error);

/*
 * [Daemon] RuntimeDirectory= alone, for who only wants to reach the programs that run: what else is
 * wrong in the files does not stand in the way.
 *
 * @ret        the caller's
 * @ret_error  what is wrong, as above; NULL where nothing is
 * Returns 0; CONF_LOAD_WRONG where @path can't be read or this option is wrong; -ENOMEM.
 */
_checked_ int conf_load_runtime(const char *path, char **ret, char **ret_error);

/* Another reference to @conf, given back with conf_unref(). Thread-safe, both. */
struct conf *conf_ref(struct conf *conf);
struct conf *conf_unref(struct conf *conf);
void conf_unrefp(struct conf **conf);

/* NULL where there is none of this name. Borrowed from @conf. */
const struct conf_token *conf_find_token(const struct conf *conf, const char *name);
const struct conf_server *conf_find_server(const struct conf *conf, const char *label);
const struct conf_trustpoint *conf_find_trustpoint(const struct conf *conf, const char *name);
