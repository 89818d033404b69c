/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/manual/roff.h"
#include "daemon/base/err.h"
#include <string.h>

/* Bytes behind the first of a character in UTF-8. */
static int more_bytes(unsigned char first)
{
	return first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
}

static const char *put_code(FILE *to, const char *at)
{
	int more = more_bytes((unsigned char)*at);
	unsigned code = (unsigned char)*at & (0x3fU >> more);

	for (int i = 0; i < more && at[1]; i++)
		code = code << 6 | ((unsigned char)*++at & 0x3f);
	fprintf(to, "\\[u%04X]", code);
	return at + 1;
}

static const struct {
	char byte;
	const char *text;
} escapes[] = {{'\\', "\\e"},  {'-', "\\-"},   {'\'', "\\(aq"}, {'"', "\\(dq"},
	       {'^', "\\(ha"}, {'`', "\\(ga"}, {'~', "\\(ti"}};

static const char *escape_of(char byte)
{
	for (size_t i = 0; i < ELEMENTS(escapes); i++)
		if (escapes[i].byte == byte)
			return escapes[i].text;
	return NULL;
}

void roff_text(FILE *to, const char *text)
{
	if (*text == '.')
		fputs("\\&", to);
	while (*text) {
		const char *escape = escape_of(*text);

		if ((unsigned char)*text >= 0x80) {
			text = put_code(to, text);
			continue;
		}
		if (escape)
			fputs(escape, to);
		else
			fputc(*text, to);
		text++;
	}
}

void roff_item(FILE *to, const char *tag)
{
	fputs(".TP\n\\fB", to);
	roff_text(to, tag);
	fputs("\\fR\n", to);
}
