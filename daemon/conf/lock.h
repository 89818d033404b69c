/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What of a server's section may not change under it. An option that is FIXED stands in the CA's
 * certificate, until the server is deleted; one that is LOCKED holds while the server is enabled.
 * Both are recorded, as text, when they come to hold; a configuration that says otherwise is a
 * breach. Pure but for the heap.
 */

#include "daemon/conf/option.h"

/*
 * An option's value as it was recorded, in its plainest form (conf_value_write_all()). Of the
 * server's own trustpoint, [Trustpoint LABEL], the options that choose its key hold too: the key
 * ("Trustpoint.Key") and its size as what is FIXED, the token as what is LOCKED.
 */
struct conf_recorded {
	char *option;
	char *value;
};

/* How the server stands: what was recorded of it, and whether the operator has it enabled. */
struct conf_holding {
	const struct conf_recorded *recorded;
	size_t n;
	bool enabled;
};

/* Whether the option is one that may hold for a server. */
bool conf_may_be_held(const struct conf_option *option);
/* The option that such a name is of, be it held or not; NULL. */
const struct conf_option *conf_find_recorded_option(const char *recorded);

struct conf_breach {
	const struct conf_option *option; /* NULL: there is none */
	const char *recorded;		  /* borrowed from the holding */
};
/* The first option of @server that is not what holds; one that nobody recorded holds nothing.
 * -ENOMEM. */
_checked_ int conf_find_breach(const struct conf_server *server, const struct conf_holding *holding,
			       struct conf_breach *ret);
/* The same of one option: what holds for it, borrowed from @holding; NULL where nothing does. */
const char *conf_find_held(const struct conf_holding *holding, const struct conf_option *option);
/* What is wrong with @value, and what to do: "Hash=sha384: is locked while the server is enabled,
 * with sha256: claviger server stop ROOTCA first". Appended. */
void conf_write_breach(const char *label, const struct conf_breach *breach, struct span value,
		       struct buffer *out);
/* The same with the value that @server says. */
void conf_write_server_breach(const struct conf_server *server, const struct conf_breach *breach,
			      struct buffer *out);

/*
 * What has to be recorded of @server now that it is created (@at_start false: what is FIXED) or
 * started (@at_start true: what is LOCKED, and what is FIXED and was not recorded yet). What holds
 * already because the server is enabled is not in it. -ENOMEM; @ret is the caller's, by
 * conf_recorded_free().
 */
_checked_ int conf_record(const struct conf_server *server, const struct conf_holding *holding,
			  bool at_start, struct conf_recorded **ret, size_t *ret_n);
void conf_recorded_free(struct conf_recorded *recorded, size_t n);

/*
 * Gives @fresh the values of @running in the options of [Daemon] that are read at a program's start
 * alone; each that differed becomes a line in @warnings. -ENOMEM.
 */
_checked_ int conf_keep_started(struct conf *fresh, const struct conf *running,
				struct buffer *warnings);
/* Whether @option places files of a server's own: Store= or one of Store.TYPE=. */
bool conf_is_store(const struct conf_option *option);
/* A line in @warnings for each option of [HTTP] or [Token …] that differs and is read at a
 * program's start alone, and for each server whose files are placed elsewhere now: what is there
 * stays there.
 */
void conf_tell_changes(const struct conf *fresh, const struct conf *running,
		       struct buffer *warnings);
