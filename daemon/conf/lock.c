/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/lock.h"

#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/conf/value.h"
#include <stdlib.h>
#include <string.h>

/* How the options of a server's own trustpoint hold for it: they chose the key that is certified.
 * Token= is where it was made; once it is lost that section needs to go. */
static const struct {
	const char *name;
	enum conf_lock lock;
} of_trustpoint[] = {
	{"Key", CONF_FIXED},
	{"KeySize", CONF_FIXED},
	{"Token", CONF_LOCKED},
};

static enum conf_lock lock_of(const struct conf_option *option)
{
	if (option->section == CONF_SERVER)
		return option->lock;
	for (size_t i = 0; i < ELEMENTS(of_trustpoint) && option->section == CONF_TRUSTPOINT; i++)
		if (strcmp(option->name, of_trustpoint[i].name) == 0)
			return of_trustpoint[i].lock;
	return CONF_FREE;
}

bool conf_may_be_held(const struct conf_option *option)
{
	return lock_of(option) == CONF_FIXED || lock_of(option) == CONF_LOCKED;
}

static void write_value_of(const struct conf_server *server, const struct conf_option *option,
			   struct buffer *out)
{
	const void *section =
		option->section == CONF_SERVER ? (const void *)server : server->trustpoint;

	/* Without a section of its own it says nothing of the key. */
	if (section)
		conf_value_write_all(option, (const char *)section + option->offset, out);
}

#define OF_TRUSTPOINT "Trustpoint."

static bool is_named(const struct conf_option *option, const char *recorded)
{
	size_t size = option->section == CONF_TRUSTPOINT ? strlen(OF_TRUSTPOINT) : 0;

	return strncmp(recorded, OF_TRUSTPOINT, size) == 0 &&
	       strcmp(recorded + size, option->name) == 0;
}

const struct conf_option *conf_find_recorded_option(const char *recorded)
{
	for (size_t i = 0; i < conf_n_options; i++)
		if ((conf_options[i].section == CONF_SERVER ||
		     conf_may_be_held(&conf_options[i])) &&
		    is_named(&conf_options[i], recorded))
			return &conf_options[i];
	return NULL;
}

static const char *find_recorded(const struct conf_holding *holding,
				 const struct conf_option *option)
{
	for (size_t i = 0; i < holding->n; i++)
		if (is_named(option, holding->recorded[i].option))
			return holding->recorded[i].value;
	return NULL;
}

/* 1 where @server says what was recorded. */
static int says(const struct conf_server *server, const struct conf_option *option,
		const char *recorded)
{
	_cleanup_(buffer_done) struct buffer value = {0};

	write_value_of(server, option, &value);
	return value.error ? value.error
			   : span_equal(span_of_buffer(&value), span_of_text(recorded));
}

const char *conf_find_held(const struct conf_holding *holding, const struct conf_option *option)
{
	if (!conf_may_be_held(option) || (lock_of(option) == CONF_LOCKED && !holding->enabled))
		return NULL;
	return find_recorded(holding, option);
}

int conf_find_breach(const struct conf_server *server, const struct conf_holding *holding,
		     struct conf_breach *ret)
{
	*ret = (struct conf_breach){0};
	for (size_t i = 0; i < conf_n_options; i++) {
		const char *held = conf_find_held(holding, &conf_options[i]);
		int r = held ? says(server, &conf_options[i], held) : 1;
		if (r < 0)
			return r;
		if (r)
			continue;
		*ret = (struct conf_breach){&conf_options[i], held};
		return 0;
	}
	return 0;
}

static void write_value(struct buffer *out, struct span value)
{
	if (value.size)
		text_append_escaped(out, value);
	else
		buffer_append_text(out, "no value");
}

void conf_write_breach(const char *label, const struct conf_breach *breach, struct span value,
		       struct buffer *out)
{
	bool fixed = lock_of(breach->option) == CONF_FIXED;

	if (breach->option->section == CONF_TRUSTPOINT)
		buffer_printf(out, "[Trustpoint %s] ", label);
	buffer_printf(out, "%s=", breach->option->name);
	text_append_escaped(out, value);
	buffer_append_text(out, fixed ? ": is fixed while the server exists, with "
				      : ": is locked while the server is enabled, with ");
	write_value(out, span_of_text(breach->recorded));
	buffer_printf(out, ": claviger server %s %s first", fixed ? "delete" : "stop", label);
}

void conf_write_server_breach(const struct conf_server *server, const struct conf_breach *breach,
			      struct buffer *out)
{
	_cleanup_(buffer_done) struct buffer value = {0};

	write_value_of(server, breach->option, &value);
	conf_write_breach(server->label, breach, span_of_buffer(&value), out);
}

static int add_recorded(const struct conf_server *server, const struct conf_option *option,
			struct conf_recorded **list, size_t *n)
{
	_cleanup_(buffer_done) struct buffer value = {0};
	struct conf_recorded *longer = reallocarray(*list, *n + 1, sizeof(*longer));

	if (!longer)
		return -ENOMEM;
	*list = longer;
	longer[(*n)++] = (struct conf_recorded){};
	int r = text_format(&longer[*n - 1].option, "%s%s",
			    option->section == CONF_TRUSTPOINT ? OF_TRUSTPOINT : "", option->name);
	if (r < 0)
		return r;
	write_value_of(server, option, &value);
	return buffer_take_text(&value, &longer[*n - 1].value);
}

int conf_record(const struct conf_server *server, const struct conf_holding *holding, bool at_start,
		struct conf_recorded **ret, size_t *ret_n)
{
	struct conf_recorded *list = NULL;
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < conf_n_options && r >= 0; i++) {
		const struct conf_option *option = &conf_options[i];
		bool held = conf_may_be_held(option);
		bool is_new = held && !find_recorded(holding, option);
		bool is_due = held && lock_of(option) == CONF_LOCKED && !holding->enabled;
		if (at_start ? is_new || is_due : is_new && lock_of(option) == CONF_FIXED)
			r = add_recorded(server, option, &list, &n);
	}
	if (r < 0) {
		conf_recorded_free(list, n);
		return r;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

void conf_recorded_free(struct conf_recorded *recorded, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(recorded[i].option);
		free(recorded[i].value);
	}
	free(recorded);
}
