/* SPDX-License-Identifier: Apache-2.0 */
/* Hex, numbers and times of text.h. Base64 and PEM are text-base64.c, escapes text-escape.c. */
#include "daemon/base/text.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

void text_append_hex(struct buffer *out, struct span data, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	if (data.size == 0 || !buffer_reserve(out, 2 * data.size))
		return;
	for (size_t i = 0; i < data.size; i++) {
		out->data[out->size++] = (uint8_t)digits[data.data[i] >> 4];
		out->data[out->size++] = (uint8_t)digits[data.data[i] & 15];
	}
}

/* The value of a hex digit, or -1. */
static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int text_read_hex(struct span text, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes out = {0};
	int r;

	if (text.size % 2)
		return -EINVAL;
	r = bytes_new(text.size / 2, &out);
	if (r < 0)
		return r;
	for (size_t i = 0; i < out.size; i++) {
		int high = hex_value(text.data[2 * i]);
		int low = hex_value(text.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		out.data[i] = (uint8_t)(high << 4 | low);
	}
	*ret = TAKE_STRUCT(out);
	return 0;
}

/* The digits of @text as a number below zero, whose range is the larger one. */
static int digits_read(struct span text, int64_t *ret)
{
	bool overflow = false;
	int64_t value = 0;

	if (text.size == 0)
		return -EINVAL;
	for (size_t i = 0; i < text.size; i++) {
		unsigned digit = (unsigned)text.data[i] - '0';

		if (digit > 9)
			return -EINVAL;
		overflow = overflow || __builtin_mul_overflow(value, 10, &value) ||
			   __builtin_sub_overflow(value, (int64_t)digit, &value);
	}
	if (overflow)
		return -ERANGE;
	*ret = value;
	return 0;
}

bool text_is_graphic(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] <= ' ' || text.data[i] >= 0x7f)
			return false;
	return true;
}

int text_read_number(struct span text, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = text.size && text.data[0] == '-';
	int64_t value = 0;
	int r = digits_read(span_slice(text, negative, SIZE_MAX), &value);

	if (r < 0)
		return r;
	if (!negative && value == INT64_MIN)
		return -ERANGE;
	value = negative ? value : -value;
	if (value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

const char *text_format_time(int64_t time_s, char ret[static 32])
{
	time_t t = (time_t)time_s;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(ret, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(ret, 32, "%llds", (long long)time_s);
	return ret;
}

int text_read_time(const char *text, int64_t *ret_s)
{
	char again[32];
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%d", &tm);
	bool whole_day = rest && !*rest;
	time_t t;

	if (rest && *rest == 'T')
		rest = strptime(rest, "T%H:%M:%SZ", &tm);
	if (!rest || *rest || tm.tm_year < 70 || tm.tm_year > 9999 - 1900)
		return -EINVAL;
	t = timegm(&tm);
	/* There is no 31st of April, and strptime() skips blanks. */
	text_format_time(t, again);
	if (strncmp(again, text, strlen(text)) != 0 || strlen(text) != (whole_day ? 10 : 20))
		return -EINVAL;
	*ret_s = t;
	return 0;
}
