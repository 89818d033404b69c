/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/print-parts.h"
#include "daemon/base/text.h"
#include <stdio.h>

void print_append(struct buffer *out, struct span text)
{
	while (text.size) {
		char piece[5] = {(char)text.data[0]};

		if (piece[0] == '"' || piece[0] == '\'')
			text = span_slice(text, 1, SIZE_MAX);
		else
			text_escape_next(&text, piece);
		buffer_append_text(out, piece);
	}
}

void print_value(const json_t *value, int width)
{
	_cleanup_(buffer_done) struct buffer text = {};

	if (json_is_string(value))
		print_append(&text, SPAN(json_string_value(value), json_string_length(value)));
	else if (json_is_integer(value))
		buffer_printf(&text, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		buffer_append_text(&text, json_is_true(value) ? "yes" : "no");
	else
		buffer_append_text(&text, "-");
	printf("%-*.*s", width, (int)text.size, text.data ? (const char *)text.data : "");
}

void print_member(const char *title, const json_t *object, const char *member)
{
	printf("    %s: ", title);
	print_value(json_object_get(object, member), 0);
	putchar('\n');
}

const char *print_text_of(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

void print_line(const char *title, const char *foreign)
{
	_cleanup_(buffer_done) struct buffer text = {};

	print_append(&text, span_of_text(foreign));
	printf("%s%.*s\n", title, (int)text.size, text.data ? (const char *)text.data : "");
}

void print_list(const json_t *list, void (*print)(const json_t *item), const char *otherwise)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (i)
			putchar('\n');
		print(item);
	}
	if (!i && otherwise)
		puts(otherwise);
}
