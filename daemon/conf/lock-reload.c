/* SPDX-License-Identifier: Apache-2.0 */
/* What a reload can't do at once. */
#include "daemon/conf/lock.h"
#include "daemon/conf/value.h"
#include <string.h>

static bool differ(const struct conf_option *option, const void *a, const void *b)
{
	_cleanup_(buffer_done) struct buffer one = {0}, other = {0};

	conf_value_write_all(option, a, &one);
	conf_value_write_all(option, b, &other);
	return !span_equal(span_of_buffer(&one), span_of_buffer(&other));
}

static void begin_line(const struct conf *conf, const struct conf_origin *origin,
		       const struct conf_option *option, struct buffer *out)
{
	if (out->size)
		buffer_append_byte(out, '\n');
	conf_write_place(conf, conf_find_place(origin, option), out);
	buffer_printf(out, ": %s=: ", option->name);
}

/* The same values again, read as from a file: they were right there. */
static int take_over(const struct conf_option *option, void *to, const void *from)
{
	int r = conf_value_reset(option, to);

	for (size_t i = 0; r == 0 && i < conf_value_count(option, from); i++) {
		_cleanup_(buffer_done) struct buffer value = {0}, why = {0};

		conf_value_write(option, from, i, &value);
		r = value.error ? value.error
				: conf_value_read(option, span_of_buffer(&value), to, &why);
	}
	assert(r <= 0);
	return r;
}

int conf_keep_started(struct conf *fresh, const struct conf *running, struct buffer *warnings)
{
	const struct conf_origin *origin = conf_find_origin(fresh, CONF_DAEMON, (struct span){0});

	for (size_t i = 0; i < conf_n_options; i++) {
		const struct conf_option *option = &conf_options[i];
		char *to = (char *)&fresh->daemon + option->offset;
		const char *from = (const char *)&running->daemon + option->offset;

		if (option->section != CONF_DAEMON || option->lock != CONF_RESTART ||
		    !differ(option, to, from))
			continue;
		begin_line(fresh, origin, option, warnings);
		buffer_append_text(warnings, "waits for a restart of all programs");
		int r = take_over(option, to, from);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Options that another program read when it began. */
static const struct {
	enum conf_section section;
	const char *program;
} others[] = {
	{CONF_HTTP, "claviger-http"},
	{CONF_TOKEN, "this token's claviger-token"},
};

static void tell_waiting(const struct conf *fresh, const struct conf_origin *origin,
			 const struct conf *running, const struct conf_origin *before,
			 struct buffer *warnings)
{
	for (size_t i = 0; i < conf_n_options; i++)
		for (size_t k = 0; k < ELEMENTS(others); k++) {
			const struct conf_option *option = &conf_options[i];
			if (option->section != origin->kind || others[k].section != origin->kind ||
			    option->lock != CONF_RESTART ||
			    !differ(option, conf_member(fresh, origin, option),
				    conf_member(running, before, option)))
				continue;
			begin_line(fresh, origin, option, warnings);
			buffer_printf(warnings, "waits for a restart of %s", others[k].program);
		}
}

static void tell_moved(const struct conf *fresh, const struct conf_origin *origin,
		       const struct conf *running, const struct conf_origin *before,
		       struct buffer *warnings)
{
	for (size_t i = 0; i < conf_n_options; i++) {
		const struct conf_option *option = &conf_options[i];
		if (option->section != CONF_SERVER || origin->kind != CONF_SERVER ||
		    !conf_is_store(option) ||
		    !differ(option, conf_member(fresh, origin, option),
			    conf_member(running, before, option)))
			continue;
		begin_line(fresh, origin, option, warnings);
		buffer_append_text(warnings, "is another place now: files that exist must be moved "
					     "there by hand");
	}
}

bool conf_is_store(const struct conf_option *option)
{
	return strcmp(option->name, "Store") == 0 || strncmp(option->name, "Store.", 6) == 0;
}

void conf_tell_changes(const struct conf *fresh, const struct conf *running,
		       struct buffer *warnings)
{
	for (size_t i = 0; i < fresh->n_origins; i++) {
		const struct conf_origin *origin = &fresh->origins[i];
		struct span name = {0};

		if (conf_sections[origin->kind].named)
			name = span_of_text(*(char **)conf_section_struct(fresh, origin));
		const struct conf_origin *before = conf_find_origin(running, origin->kind, name);
		if (!before)
			continue;
		tell_waiting(fresh, origin, running, before, warnings);
		tell_moved(fresh, origin, running, before, warnings);
	}
}
