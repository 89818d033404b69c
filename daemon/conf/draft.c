/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/draft.h"

#include "daemon/conf/value.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *draft_struct(const struct draft *draft, const struct draft_section *section)
{
	struct conf *conf = draft->conf;
	void *const first[] = {&conf->daemon, &conf->http, conf->tokens, conf->servers};

	return (char *)first[section->kind] + section->index * conf_sections[section->kind].size;
}

static void error_at(struct draft *draft, struct draft_place place, struct span what)
{
	buffer_printf(&draft->errors, "%s%s", draft->errors.size ? "\n" : "",
		      draft->files[place.file]);
	if (place.line)
		buffer_printf(&draft->errors, ":%u", place.line);
	buffer_append_text(&draft->errors, ": ");
	buffer_append(&draft->errors, what);
}

void draft_error_here(struct draft *draft, unsigned line, const char *format, ...)
{
	const struct draft_place place = {(unsigned)draft->n_files - 1, line};
	_cleanup_(freep) char *what = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&what, format, arguments) < 0)
		draft->errors.error = -ENOMEM;
	else
		error_at(draft, place, span_of_text(what));
	va_end(arguments);
}

void draft_error(struct draft *draft, const struct draft_section *section, const char *option,
		 const char *format, ...)
{
	const struct conf_option *row = conf_find_option(section->kind, span_of_text(option));
	struct draft_place place = section->options[row - conf_options];
	_cleanup_(freep) char *what = NULL;
	va_list arguments;

	if (!place.line)
		place = section->place;
	va_start(arguments, format);
	if (vasprintf(&what, format, arguments) < 0)
		draft->errors.error = -ENOMEM;
	else
		error_at(draft, place, span_of_text(what));
	va_end(arguments);
}

/* The options of a section that is new, at their defaults. */
static int reset_options(struct draft *draft, const struct draft_section *section)
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

static int add_section(struct draft *draft, struct draft_section section)
{
	struct draft_section *longer =
		reallocarray(draft->sections, draft->n_sections + 1, sizeof(*longer));
	if (!longer)
		return -ENOMEM;
	draft->sections = longer;
	section.options = calloc(conf_n_options, sizeof(*section.options));
	if (!section.options)
		return -ENOMEM;
	draft->current = &longer[draft->n_sections++];
	*draft->current = section;
	return reset_options(draft, draft->current);
}

/* Grows the array of tokens or servers by one with this name, zeroed otherwise. */
static int add_named(struct draft *draft, enum conf_section kind, struct span name)
{
	struct conf *conf = draft->conf;
	size_t size = conf_sections[kind].size;
	size_t *n = kind == CONF_TOKEN ? &conf->n_tokens : &conf->n_servers;
	void *first = kind == CONF_TOKEN ? (void *)conf->tokens : (void *)conf->servers;
	char *copy;

	int r = span_to_text(name, &copy);
	if (r < 0)
		return r;
	char *longer = reallocarray(first, *n + 1, size);
	if (!longer) {
		free(copy);
		return -ENOMEM;
	}
	memset(longer + *n * size, 0, size);
	*(char **)(longer + *n * size) = copy;
	if (kind == CONF_TOKEN)
		conf->tokens = (struct conf_token *)longer;
	else
		conf->servers = (struct conf_server *)longer;
	++*n;
	return 0;
}

static struct draft_section *find_named(const struct draft *draft, enum conf_section kind,
					struct span name)
{
	for (size_t i = 0; i < draft->n_sections; i++) {
		struct draft_section *section = &draft->sections[i];
		if (section->kind != kind)
			continue;
		if (!conf_sections[kind].named)
			return section;
		if (span_equal(span_of_text(*(char **)draft_struct(draft, section)), name))
			return section;
	}
	return NULL;
}

int draft_open_section(struct draft *draft, enum conf_section kind, struct span name, unsigned line)
{
	const struct draft_place place = {(unsigned)draft->n_files - 1, line};

	draft->current = find_named(draft, kind, name);
	if (draft->current) {
		if (!draft->current->place.line)
			draft->current->place = place;
		return 0;
	}
	int r = add_named(draft, kind, name);
	if (r < 0)
		return r;
	size_t n = kind == CONF_TOKEN ? draft->conf->n_tokens : draft->conf->n_servers;
	return add_section(draft, (struct draft_section){kind, n - 1, place, NULL});
}

int draft_open_file(struct draft *draft, const char *path)
{
	char **longer = reallocarray(draft->files, draft->n_files + 1, sizeof(*longer));

	if (!longer)
		return -ENOMEM;
	draft->files = longer;
	longer[draft->n_files] = strdup(path);
	if (!longer[draft->n_files])
		return -ENOMEM;
	draft->n_files++;
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
	int r = add_section(draft, (struct draft_section){.kind = CONF_DAEMON});
	return r < 0 ? r : add_section(draft, (struct draft_section){.kind = CONF_HTTP});
}

void draft_done(struct draft *draft)
{
	conf_unref(draft->conf);
	for (size_t i = 0; i < draft->n_files; i++)
		free(draft->files[i]);
	free(draft->files);
	for (size_t i = 0; i < draft->n_sections; i++)
		free(draft->sections[i].options);
	free(draft->sections);
	buffer_done(&draft->errors);
	*draft = (struct draft){0};
}
