/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/ini.h"

#include "daemon/base/utf8.h"
#include <string.h>

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static struct span strip(struct span text)
{
	while (text.size && is_blank(text.data[0]))
		text = span_slice(text, 1, text.size);
	while (text.size && is_blank(text.data[text.size - 1]))
		text.size--;
	return text;
}

/* UTF-8 without control characters other than the tab. */
static bool is_text(struct span text)
{
	while (text.size) {
		uint32_t c;
		size_t size = utf8_decode(text, &c);

		if (!size || c == 0x7f || (c < 0x20 && c != '\t'))
			return false;
		text = span_slice(text, size, SIZE_MAX);
	}
	return true;
}

void ini_init(struct ini *ini, struct span file)
{
	static const uint8_t mark[] = {0xef, 0xbb, 0xbf};

	*ini = (struct ini){.rest = file};
	if (file.size >= sizeof(mark) && memcmp(file.data, mark, sizeof(mark)) == 0)
		ini->rest = span_slice(file, sizeof(mark), file.size);
}

void ini_done(struct ini *ini)
{
	buffer_done(&ini->joined);
}

/* Takes one physical line, without its line break. */
static bool take_line(struct ini *ini, struct span *ret)
{
	if (!ini->rest.size)
		return false;
	const uint8_t *end = memchr(ini->rest.data, '\n', ini->rest.size);
	size_t size = end ? (size_t)(end - ini->rest.data) : ini->rest.size;

	*ret = span_slice(ini->rest, 0, size);
	ini->rest = span_slice(ini->rest, end ? size + 1 : size, ini->rest.size);
	ini->line++;
	if (ret->size && ret->data[ret->size - 1] == '\r')
		ret->size--;
	return true;
}

static bool is_comment(struct span line)
{
	line = strip(line);
	return line.size && (line.data[0] == '#' || line.data[0] == ';');
}

/* An odd number of backslashes at the end: an even one is so many backslashes. */
static bool goes_on(struct span line)
{
	size_t n = 0;
	while (n < line.size && line.data[line.size - 1 - n] == '\\')
		n++;
	return n % 2;
}

/*
 * Takes one line with what backslashes join to it. What is too long is taken to its end all the
 * same, so that its rest isn't read as something of its own.
 */
static bool take_joined(struct ini *ini, struct span *ret, unsigned *ret_line, bool *ret_too_long)
{
	struct span line;
	bool open = false;

	buffer_done(&ini->joined);
	*ret_too_long = false;
	while (take_line(ini, &line)) {
		if (is_comment(line))
			continue;
		if (!open)
			*ret_line = ini->line;
		bool more = goes_on(line);
		if (!open && !more) {
			*ret_too_long = line.size > INI_LINE_MAX;
			*ret = line;
			return true;
		}
		open = true;
		if (ini->joined.size + line.size > INI_LINE_MAX) {
			*ret_too_long = true;
		} else {
			buffer_append(&ini->joined, span_slice(line, 0, line.size - more));
			if (more)
				buffer_append_byte(&ini->joined, ' ');
		}
		if (!more)
			break;
	}
	*ret = span_of_buffer(&ini->joined);
	return open;
}

static struct ini_item malformed(struct ini_item item, const char *why)
{
	return (struct ini_item){INI_MALFORMED, item.line, {0}, span_of_text(why)};
}

static struct ini_item read_section(struct ini_item item, struct span line)
{
	if (line.data[line.size - 1] != ']')
		return malformed(item, "a section begins with its name in brackets, as [Daemon]");
	item.kind = INI_SECTION;
	item.key = strip(span_slice(line, 1, line.size - 2));
	return item;
}

static struct ini_item read_line(struct ini_item item, struct span line)
{
	if (!is_text(line))
		return malformed(item, "holds what is no UTF-8 text (a NUL or control character?)");
	if (line.data[0] == '[')
		return read_section(item, line);

	const uint8_t *equals = memchr(line.data, '=', line.size);
	size_t at = equals ? (size_t)(equals - line.data) : 0;
	if (!at)
		return malformed(item, "is neither Name=value nor a [Section]");
	item.kind = INI_ASSIGNMENT;
	item.key = strip(span_slice(line, 0, at));
	item.value = strip(span_slice(line, at + 1, line.size));
	return item;
}

int ini_next(struct ini *ini, struct ini_item *ret)
{
	struct ini_item item = {0};
	struct span line;
	bool too_long;

	while (take_joined(ini, &line, &item.line, &too_long)) {
		if (ini->joined.error)
			return ini->joined.error;
		line = strip(line);
		if (too_long)
			*ret = malformed(item, "is longer than 65536 bytes");
		else if (line.size)
			*ret = read_line(item, line);
		else
			continue;
		return 0;
	}
	*ret = (struct ini_item){INI_END, ini->line, {0}, {0}};
	return 0;
}
