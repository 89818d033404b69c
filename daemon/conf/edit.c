/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/edit.h"

#include <string.h>

static const char head[] =
	"# Written by claviger config set; other files may say more, later names win.\n";

bool conf_edit_takes(const char *value)
{
	size_t size = strlen(value);

	return !strpbrk(value, "\n\r") && (!size || value[size - 1] != '\\');
}

struct editor {
	const struct conf_edit *edit;
	struct buffer *out;
	bool inside;	 /* the section that is meant */
	bool is_set;	 /* the values are written */
	bool is_dropped; /* the line before, which goes on in this one */
};

static void write_header(struct editor *e)
{
	const struct conf_edit *edit = e->edit;

	buffer_printf(e->out, "[%s%s%s]\n", conf_sections[edit->option->section].name,
		      edit->name ? " " : "", edit->name ? edit->name : "");
}

static void write_values(struct editor *e)
{
	const struct conf_edit *edit = e->edit;
	const char *name = edit->option->name;

	/* An overlap's or a percentage's empty value is no way back to its default, and a list's
	 * items add up. */
	if (!edit->n_values &&
	    (edit->option->kind == CONF_KIND_OVERLAP || edit->option->kind == CONF_KIND_PERCENT))
		buffer_printf(e->out, "%s=%s\n", name, edit->option->fallback);
	else if (!edit->n_values || (conf_is_list(edit->option) && !edit->add))
		buffer_printf(e->out, "%s=\n", name);
	for (size_t i = 0; i < edit->n_values; i++)
		buffer_printf(e->out, "%s=%s\n", name, edit->values[i]);
	e->is_set = true;
}

static struct span strip(struct span line)
{
	while (line.size && strchr(" \t\r\n", line.data[0]))
		line = span_slice(line, 1, line.size);
	while (line.size && strchr(" \t\r\n", line.data[line.size - 1]))
		line.size--;
	return line;
}

static bool is_header_meant(const struct editor *e, struct span line)
{
	_cleanup_(buffer_done) struct buffer wanted = {0};
	struct editor writer = {.edit = e->edit, .out = &wanted};

	write_header(&writer);
	return wanted.size &&
	       span_equal(line, span_slice(span_of_buffer(&wanted), 0, wanted.size - 1));
}

static bool is_assignment_meant(const struct editor *e, struct span line)
{
	const uint8_t *equals = line.size ? memchr(line.data, '=', line.size) : NULL;

	return e->inside && !e->edit->add && equals &&
	       span_equal(strip(SPAN(line.data, (size_t)(equals - line.data))),
			  span_of_text(e->edit->option->name));
}

/* The values stand at the end of the first such section. */
static void take_line(struct editor *e, struct span whole)
{
	struct span line = strip(whole);
	bool goes_on = line.size && line.data[line.size - 1] == '\\';
	bool is_dropped = e->is_dropped || is_assignment_meant(e, line);

	if (!e->is_dropped && line.size && line.data[0] == '[') {
		if (e->inside && !e->is_set)
			write_values(e);
		e->inside = is_header_meant(e, line);
	}
	if (!is_dropped) {
		buffer_append(e->out, whole);
		if (whole.data[whole.size - 1] != '\n')
			buffer_append_byte(e->out, '\n');
	}
	e->is_dropped = is_dropped && goes_on;
}

void conf_edit(struct span file, const struct conf_edit *edit, struct buffer *out)
{
	struct editor e = {.edit = edit, .out = out};

	if (!file.size)
		buffer_append_text(out, head);
	while (file.size) {
		const uint8_t *end = memchr(file.data, '\n', file.size);
		size_t size = end ? (size_t)(end - file.data) + 1 : file.size;

		take_line(&e, span_slice(file, 0, size));
		file = span_slice(file, size, file.size);
	}
	if (e.is_set)
		return;
	if (!e.inside)
		write_header(&e);
	write_values(&e);
}
