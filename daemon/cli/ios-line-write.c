/* SPDX-License-Identifier: Apache-2.0 */
/* The way back: an option of ours as IOS's line, by the same rows. */
#include "daemon/cli/ios-line.h"
#include <ctype.h>
#include <string.h>

#define NAMES 8

/* What the names of a template stand for. */
struct meaning {
	struct span name, value;
};
struct meanings {
	struct meaning all[NAMES];
	size_t n;
};

/* Takes what stands before the next blank, or all, off @text. */
static struct span next_word(struct span *text)
{
	const uint8_t *blank = memchr(text->data, ' ', text->size);
	size_t size = blank ? (size_t)(blank - text->data) : text->size;
	struct span word = span_slice(*text, 0, size);

	*text = span_slice(*text, size + 1, SIZE_MAX);
	return word;
}

static bool is_number(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (!isdigit(text.data[i]))
			return false;
	return text.size > 0;
}

/* One word: {NAME} with an ending behind it, which means a number, or a text that is the same. */
static bool unify_word(struct span template, struct span value, struct meanings *meanings)
{
	const uint8_t *end = memchr(template.data, '}', template.size);
	struct span name, ending;

	if (!template.size || template.data[0] != '{' || !end)
		return span_equal(template, value);
	name = span_slice(template, 1, (size_t)(end - template.data) - 1);
	ending = span_slice(template, name.size + 2, SIZE_MAX);
	if (value.size <= ending.size ||
	    !span_equal(span_slice(value, value.size - ending.size, SIZE_MAX), ending))
		return false;
	value.size -= ending.size;
	if ((ending.size && !is_number(value)) || meanings->n == NAMES)
		return false;
	meanings->all[meanings->n++] = (struct meaning){name, value};
	return true;
}

static bool unify(const char *template, struct span value, struct meanings *meanings)
{
	struct span rest = span_of_text(template);

	*meanings = (struct meanings){};
	if (!memchr(template, ' ', rest.size))
		return unify_word(rest, value, meanings);
	/* Of several words the last may be left out. */
	while (value.size && rest.size) {
		struct span word = next_word(&rest);

		if (!unify_word(word, next_word(&value), meanings))
			return false;
	}
	return !value.size;
}

static const struct span *find(const struct meanings *meanings, struct span name)
{
	static const char more[] = "…";
	size_t size = sizeof(more) - 1;

	if (name.size > size && !memcmp(name.data + name.size - size, more, size))
		name.size -= size;
	for (size_t i = 0; i < meanings->n; i++)
		if (span_equal(meanings->all[i].name, name))
			return &meanings->all[i].value;
	return NULL;
}

/* An element of a pattern as it is said; false where it stands for what nobody said. */
static bool write_element(struct span element, const struct meanings *meanings, struct buffer *out)
{
	const uint8_t *bar = memchr(element.data, '|', element.size);
	const struct span *meaning = find(meanings, element);

	if (isupper(element.data[0]) && !meaning)
		return false;
	if (!isupper(element.data[0]) && bar)
		element.size = (size_t)(bar - element.data);
	if (out->size)
		buffer_append_byte(out, ' ');
	buffer_append(out, meaning ? *meaning : element);
	return true;
}

/* What stands in brackets is said whole or not at all. */
static void write_group(struct span group, const struct meanings *meanings, struct buffer *out)
{
	size_t before = out->size;
	bool means = false;

	while (group.size) {
		struct span element = next_word(&group);

		if (!write_element(element, meanings, out)) {
			out->size = before;
			return;
		}
		means = means || isupper(element.data[0]);
	}
	if (!means)
		out->size = before;
}

static void write_pattern(const char *pattern, const struct meanings *meanings, struct buffer *out)
{
	struct span rest = span_of_text(pattern);

	while (rest.size) {
		const uint8_t *end = memchr(rest.data, ']', rest.size);

		if (rest.data[0] != '[' || !end) {
			write_element(next_word(&rest), meanings, out);
			continue;
		}
		write_group(span_slice(rest, 1, (size_t)(end - rest.data) - 1), meanings, out);
		rest = span_slice(rest, (size_t)(end - rest.data) + 2, SIZE_MAX);
	}
}

int ios_line_write(enum ios_block block, const char *option, struct span value, struct buffer *out)
{
	const struct ios_line_row *row;

	for (size_t i = 0; (row = ios_line_at(block, i)); i++) {
		struct meanings meanings;

		if (!row->option || !row->value || row->more[0] ||
		    strcmp(row->option, option) != 0 || !unify(row->value, value, &meanings))
			continue;
		write_pattern(row->pattern, &meanings, out);
		return out->error;
	}
	return IOS_LINE_NONE;
}
