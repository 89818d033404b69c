/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/conf/draft.h"
#include "daemon/conf/ini.h"
#include "daemon/conf/value.h"
#include <string.h>

#define FILE_MAX (4 * 1024 * 1024)

/* "Server ROOTCA" to its kind and name. */
static int read_header(struct draft *draft, const struct ini_item *item)
{
	const uint8_t *blank = memchr(item->key.data, ' ', item->key.size);
	size_t at = blank ? (size_t)(blank - item->key.data) : item->key.size;
	struct span word = span_slice(item->key, 0, at);
	struct span name = span_slice(item->key, at, item->key.size);

	while (name.size && name.data[0] == ' ')
		name = span_slice(name, 1, name.size);
	draft->current = NULL;
	draft->lost = true;
	for (unsigned kind = 0; kind < CONF_SECTIONS; kind++) {
		const struct conf_section_kind *row = &conf_sections[kind];
		if (!span_equal(word, span_of_text(row->name)))
			continue;
		if (row->named ? !conf_is_label(name) : name.size) {
			draft_error_here(
				draft, item->line,
				row->named ? "[%s NAME] needs a name of 1…64 letters, digits, "
					     "'.', '_', '-', not beginning with '.'"
					   : "[%s] takes no name",
				row->name);
			return 0;
		}
		draft->lost = false;
		return draft_open_section(draft, kind, name, item->line);
	}
	draft_error_here(draft, item->line,
			 "is no section of this version; there are [Daemon], [HTTP], [Token NAME], "
			 "[Server LABEL], [Trustpoint NAME], [Use NAME] and [Notify]");
	return 0;
}

/* What there is, and first of all the same word in other letters. */
static void unknown_option(struct draft *draft, const struct ini_item *item)
{
	enum conf_section kind = draft->current->kind;
	_cleanup_(buffer_done) struct buffer what = {0};
	const char *separator = "there are ";

	text_append_escaped(&what, span_slice(item->key, 0, 64));
	buffer_printf(&what, "= is no option of [%s]; ", conf_sections[kind].name);
	for (size_t i = 0; i < conf_n_options; i++) {
		const char *name = conf_options[i].name;
		if (conf_options[i].section != kind || strlen(name) != item->key.size ||
		    strncasecmp(name, (const char *)item->key.data, item->key.size) != 0)
			continue;
		buffer_printf(&what, "it is written %s=", name);
		separator = NULL;
	}
	for (size_t i = 0; separator && i < conf_n_options; i++)
		if (conf_options[i].section == kind) {
			buffer_printf(&what, "%s%s", separator, conf_options[i].name);
			separator = ", ";
		}
	draft_error_here(draft, item->line, "%.*s", (int)what.size, (const char *)what.data);
}

static int read_assignment(struct draft *draft, const struct ini_item *item)
{
	struct conf_origin *section = draft->current;
	_cleanup_(buffer_done) struct buffer why = {0};

	if (draft->lost)
		return 0;
	if (!section) {
		draft_error_here(draft, item->line, "stands before the first [Section]");
		return 0;
	}
	const struct conf_option *option = conf_find_option(section->kind, item->key);
	if (!option) {
		unknown_option(draft, item);
		return 0;
	}
	section->options[option - conf_options] =
		(struct conf_place){(unsigned)draft->conf->n_files - 1, item->line};
	char *base = draft_struct(draft, section);
	int r = conf_value_read(option, item->value, base + option->offset, &why);
	if (r == CONF_VALUE_WRONG) {
		draft_error_here(draft, item->line, "%.*s", (int)why.size, (const char *)why.data);
		return 0;
	}
	return r;
}

static int read_malformed(struct draft *draft, const struct ini_item *item)
{
	draft_error_here(draft, item->line, "%.*s", (int)item->value.size,
			 (const char *)item->value.data);
	return 0;
}

static int read_items(struct draft *draft, struct span file)
{
	static int (*const readers[])(struct draft *, const struct ini_item *) = {
		[INI_SECTION] = read_header,
		[INI_ASSIGNMENT] = read_assignment,
		[INI_MALFORMED] = read_malformed,
	};
	_cleanup_(ini_done) struct ini ini = {0};
	struct ini_item item;

	ini_init(&ini, file);
	for (;;) {
		int r = ini_next(&ini, &item);
		if (r < 0 || item.kind == INI_END)
			return r;
		r = readers[item.kind](draft, &item);
		if (r < 0)
			return r;
	}
}

int draft_read(struct draft *draft, const char *path)
{
	_cleanup_(bytes_done) struct bytes content = {0};

	int r = draft_open_file(draft, path);
	if (r < 0)
		return r;
	r = file_read(path, FILE_MAX, &content);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		draft_error_here(draft, 0, "cannot be read: %s", file_error_text(r));
		draft->unread = true;
		return 0;
	}
	return read_items(draft, span_of(content));
}

int draft_read_text(struct draft *draft, const char *path, struct span content)
{
	int r = draft_open_file(draft, path);

	return r < 0 ? r : read_items(draft, content);
}
