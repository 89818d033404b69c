/* SPDX-License-Identifier: Apache-2.0 */
/* claviger-manual TEXT OUTPUT: the text with its directives done. Runs while the project is built.
 */
#include "daemon/base/err.h"
#include "daemon/manual/directives.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	void (*write)(FILE *to, const char *word);
} directives[] = {
#define DIRECTIVE(name_, write_) {name_, write_},
#include "daemon/manual/directives.def"
#undef DIRECTIVE
};

/* @NAME@ or @NAME WORD@ alone on its line. */
static int do_directive(FILE *to, const char *text)
{
	char name[32] = "", word[32] = "";

	if (sscanf(text, "@%31[A-Z-] %31[A-Za-z]@", name, word) < 1)
		return -EINVAL;
	for (size_t i = 0; i < ELEMENTS(directives); i++) {
		if (strcmp(directives[i].name, name) != 0)
			continue;
		directives[i].write(to, word);
		return 0;
	}
	return -ENOENT;
}

static int copy(FILE *from, FILE *to, const char *name)
{
	static const char version[] = "@VERSION@";
	char line[1024];

	for (unsigned number = 1; fgets(line, sizeof(line), from); number++) {
		char *found = strstr(line, version);

		if (found) {
			fprintf(to, "%.*s" CLAVIGER_VERSION "%s", (int)(found - line), line,
				found + sizeof(version) - 1);
			continue;
		}
		if (line[0] != '@') {
			fputs(line, to);
			continue;
		}
		if (do_directive(to, line) < 0) {
			fprintf(stderr, "%s:%u: no such directive: %s", name, number, line);
			return -EINVAL;
		}
	}
	return ferror(from) || ferror(to) ? -EIO : 0;
}

int main(int argc, char **argv)
{
	FILE *from = argc == 3 ? fopen(argv[1], "re") : NULL;
	FILE *to = from ? fopen(argv[2], "we") : NULL;
	int r;

	if (!to) {
		fputs("claviger-manual TEXT OUTPUT\n", stderr);
		return EXIT_FAILURE;
	}
	r = copy(from, to, argv[1]);
	fclose(from);
	return fclose(to) || r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
