/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/ser-file.h"
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

void ca_ser_file_write(uint64_t last_serial, struct buffer *out)
{
	buffer_printf(out, "db_version = %d\nlast_serial = 0x%" PRIX64, CA_SER_VERSION,
		      last_serial);
}

/* The names in the order of struct found. */
static const char *const names[] = {"db version", "last serial"};

struct found {
	bool is_there[ELEMENTS(names)];
	uint64_t values[ELEMENTS(names)];
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\0';
}

static struct span trim(struct span s)
{
	while (s.size && is_blank(s.data[0]))
		s = span_slice(s, 1, s.size);
	while (s.size && is_blank(s.data[s.size - 1]))
		s.size--;
	return s;
}

/* A blank in @name stands for a blank or an underline. What follows the name; false without it. */
static bool take_name(struct span line, const char *name, struct span *ret_rest)
{
	size_t n = strlen(name);

	if (line.size <= n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int c = line.data[i] == '_' ? ' ' : tolower(line.data[i]);

		if (c != name[i])
			return false;
	}
	if (!is_blank(line.data[n]) && line.data[n] != '=')
		return false;
	*ret_rest = trim(span_slice(line, n, line.size));
	if (ret_rest->size && ret_rest->data[0] == '=')
		*ret_rest = trim(span_slice(*ret_rest, 1, ret_rest->size));
	return true;
}

static int digit_of(uint8_t c, unsigned base)
{
	int value = isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;

	return value >= 0 && (unsigned)value < base ? value : -1;
}

/* 0x: hexadecimal, else decimal; at most 64 bits. */
static int read_value(struct span text, uint64_t *ret)
{
	bool is_hex = text.size > 2 && text.data[0] == '0' && tolower(text.data[1]) == 'x';
	unsigned base = is_hex ? 16 : 10;
	uint64_t value = 0;

	if (is_hex)
		text = span_slice(text, 2, text.size);
	if (!text.size)
		return -EINVAL;
	for (size_t i = 0; i < text.size; i++) {
		int digit = digit_of(text.data[i], base);

		if (digit < 0 || value > (UINT64_MAX - (unsigned)digit) / base)
			return -EINVAL;
		value = value * base + (unsigned)digit;
	}
	*ret = value;
	return 0;
}

static int read_line(struct span line, struct found *found)
{
	struct span rest;

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		if (!take_name(line, names[i], &rest))
			continue;
		if (found->is_there[i])
			return -EINVAL;
		found->is_there[i] = true;
		return read_value(rest, &found->values[i]);
	}
	return 0;
}

int ca_ser_file_read(struct span text, struct ca_ser_file *ret)
{
	struct found found = {};
	int r = 0;

	if (text.size > CA_SER_FILE_MOST)
		return -EFBIG;
	while (text.size && r == 0) {
		const uint8_t *end = memchr(text.data, '\n', text.size);
		size_t n = end ? (size_t)(end - text.data) : text.size;

		r = read_line(trim(span_slice(text, 0, n)), &found);
		text = span_slice(text, n + (end ? 1 : 0), text.size);
	}
	if (r < 0 || !found.is_there[0] || found.values[0] > UINT32_MAX)
		return -EINVAL;
	if (found.values[0] != CA_SER_VERSION) {
		*ret = (struct ca_ser_file){.version = (unsigned)found.values[0]};
		return CA_SER_VERSION_UNKNOWN;
	}
	if (!found.is_there[1])
		return -EINVAL;
	*ret = (struct ca_ser_file){.version = CA_SER_VERSION, .last_serial = found.values[1]};
	return 0;
}
