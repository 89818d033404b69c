/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/draft.h"

#include "daemon/conf/value.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *draft_struct(const struct draft *draft, const struct conf_origin *section)
{
	return conf_section_struct(draft->conf, section);
}

static void say(const struct draft *draft, struct buffer *out, struct conf_place place,
		struct span what)
{
	if (out->size)
		buffer_append_byte(out, '\n');
	conf_write_place(draft->conf, place, out);
	buffer_append_text(out, ": ");
	buffer_append(out, what);
}

static _printf_(4, 0) void say_text(const struct draft *draft, struct buffer *out,
				    struct conf_place place, const char *format, va_list arguments)
{
	_cleanup_(freep) char *what = NULL;

	if (vasprintf(&what, format, arguments) < 0)
		out->error = -ENOMEM;
	else
		say(draft, out, place, span_of_text(what));
}

static struct conf_place place_of(const struct conf_origin *section, const char *option)
{
	return option ? conf_find_place(section,
					conf_find_option(section->kind, span_of_text(option)))
		      : section->place;
}

void draft_error_here(struct draft *draft, unsigned line, const char *format, ...)
{
	const struct conf_place place = {(unsigned)draft->conf->n_files - 1, line};
	va_list arguments;

	va_start(arguments, format);
	say_text(draft, &draft->errors, place, format, arguments);
	va_end(arguments);
}

void draft_error(struct draft *draft, const struct conf_origin *section, const char *option,
		 const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_text(draft, &draft->errors, place_of(section, option), format, arguments);
	va_end(arguments);
}

void draft_warning(struct draft *draft, const struct conf_origin *section, const char *option,
		   const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_text(draft, &draft->warnings, place_of(section, option), format, arguments);
	va_end(arguments);
}

/* The options of a section that is new, at their defaults. */
static int reset_options(struct draft *draft, const struct conf_origin *section)
{
	char *base = draft_struct(draft, section);

	for (size_t i = 0; i < conf_n_options; i++) {
		if (conf_options[i].section != section->kind)
			continue;
		int r = conf_value_reset(&conf_options[i], base + conf_options[i].offset);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_section(struct draft *draft, struct conf_origin section)
{
	struct conf_origin *longer =
		reallocarray(draft->conf->origins, draft->conf->n_origins + 1, sizeof(*longer));
	if (!longer)
		return -ENOMEM;
	draft->conf->origins = longer;
	section.options = calloc(conf_n_options, sizeof(*section.options));
	if (!section.options)
		return -ENOMEM;
	draft->current = &longer[draft->conf->n_origins++];
	*draft->current = section;
	return reset_options(draft, draft->current);
}

/* Where the sections of a kind that takes names are kept. */
struct named {
	void **first; /* each element begins with its name */
	size_t *n;
};

static struct named named_of(struct conf *conf, enum conf_section kind)
{
	const struct named rows[CONF_SECTIONS] = {
		[CONF_TOKEN] = {(void **)&conf->tokens, &conf->n_tokens},
		[CONF_SERVER] = {(void **)&conf->servers, &conf->n_servers},
		[CONF_TRUSTPOINT] = {(void **)&conf->trustpoints, &conf->n_trustpoints},
		[CONF_USE] = {(void **)&conf->uses, &conf->n_uses},
	};

	assert(rows[kind].n);
	return rows[kind];
}

/* Grows its array by one with this name, zeroed otherwise. */
static int add_named(struct draft *draft, enum conf_section kind, struct span name)
{
	struct named named = named_of(draft->conf, kind);
	size_t size = conf_sections[kind].size;
	char *copy;

	int r = span_to_text(name, &copy);
	if (r < 0)
		return r;
	char *longer = reallocarray(*named.first, *named.n + 1, size);
	if (!longer) {
		free(copy);
		return -ENOMEM;
	}
	memset(longer + *named.n * size, 0, size);
	*(char **)(longer + *named.n * size) = copy;
	*named.first = longer;
	++*named.n;
	return 0;
}

int draft_open_section(struct draft *draft, enum conf_section kind, struct span name, unsigned line)
{
	const struct conf_place place = {(unsigned)draft->conf->n_files - 1, line};

	/* Its own, which nobody else sees yet. */
	draft->current = (struct conf_origin *)conf_find_origin(draft->conf, kind, name);
	if (draft->current) {
		if (!draft->current->place.line)
			draft->current->place = place;
		return 0;
	}
	int r = add_named(draft, kind, name);
	if (r < 0)
		return r;
	size_t n = *named_of(draft->conf, kind).n;
	return add_section(draft, (struct conf_origin){kind, n - 1, place, NULL});
}

int draft_open_file(struct draft *draft, const char *path)
{
	char **longer = reallocarray(draft->conf->files, draft->conf->n_files + 1, sizeof(*longer));

	if (!longer)
		return -ENOMEM;
	draft->conf->files = longer;
	longer[draft->conf->n_files] = strdup(path);
	if (!longer[draft->conf->n_files])
		return -ENOMEM;
	draft->conf->n_files++;
	draft->current = NULL;
	draft->lost = false;
	return 0;
}

int draft_init(struct draft *draft)
{
	*draft = (struct draft){.conf = calloc(1, sizeof(struct conf))};
	if (!draft->conf)
		return -ENOMEM;
	draft->conf->refs_ = 1;
	int r = 0;
	for (unsigned kind = 0; kind < CONF_SECTIONS && r == 0; kind++)
		if (!conf_sections[kind].named)
			r = add_section(draft, (struct conf_origin){.kind = kind});
	return r;
}

void draft_done(struct draft *draft)
{
	conf_unref(draft->conf);
	buffer_done(&draft->errors);
	buffer_done(&draft->warnings);
	*draft = (struct draft){0};
}
