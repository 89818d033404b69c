/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/print-ios.h"
#include "daemon/base/text.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *print_ios_time(const json_t *value, char ret[static PRINT_TIME_SIZE])
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const char *text = json_string_value(value);
	struct tm tm = {.tm_year = 70, .tm_mday = 1};

	if (text)
		strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(ret, PRINT_TIME_SIZE, "%02d:%02d:%02d GMT %s %d %d", tm.tm_hour, tm.tm_min,
		 tm.tm_sec, months[tm.tm_mon], tm.tm_mday, tm.tm_year + 1900);
	return ret;
}

void print_ios_line(const char *title, const json_t *object, const char *member)
{
	char time[PRINT_TIME_SIZE];

	printf("%s%s\n", title, print_ios_time(json_object_get(object, member), time));
}

void print_ios_moment(const char *title, const json_t *object, const char *member)
{
	char time[PRINT_TIME_SIZE];

	printf("    %s: %s\n", title, print_ios_time(json_object_get(object, member), time));
}

void print_ios_fingerprint(const char *title, const json_t *fingerprints, const char *kind)
{
	const char *digits = print_text_of(fingerprints, kind);

	printf("    %s:", title);
	if (!*digits)
		fputs(" -Not found-", stdout);
	for (size_t i = 0; i < strlen(digits); i += 8)
		printf(" %.8s", digits + i);
	putchar('\n');
}

/* How much of it is the first attribute of a name: up to a comma that no backslash hides. */
static size_t attribute_length(const char *name)
{
	size_t n = 0;

	while (name[n] && name[n] != ',')
		n += name[n] == '\\' && name[n + 1] ? 2 : 1;
	return n;
}

void print_name(const char *name)
{
	while (*name) {
		_cleanup_(buffer_done) struct buffer line = {};
		size_t n = attribute_length(name), type = strcspn(name, "=,");

		for (size_t i = 0; i < type; i++)
			buffer_append_byte(&line, (uint8_t)tolower(name[i]));
		print_append(&line, SPAN(name + type, n - type));
		printf("    %.*s\n", (int)line.size, line.data ? (const char *)line.data : "");
		name += n + (name[n] == ',');
	}
}

void print_hex_block(const char *pem)
{
	_cleanup_(bytes_done) struct bytes der = {};

	if (text_read_pem(span_of_text(pem), "CERTIFICATE", &der) < 0)
		return;
	for (size_t i = 0; i < der.size; i++)
		printf("%s%02X",
		       i % 32 == 0  ? (i ? "\n  " : "  ")
		       : i % 4 == 0 ? " "
				    : "",
		       der.data[i]);
	puts("\n  quit");
}
