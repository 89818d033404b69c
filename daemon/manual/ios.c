/* SPDX-License-Identifier: Apache-2.0 */
/* What IOS calls things. */
#include "daemon/cli/ios-command.h"
#include "daemon/cli/ios-line.h"
#include "daemon/manual/directives.h"
#include "daemon/manual/roff.h"
#include <string.h>

/* A template's first words, up to what it takes from the pattern. */
static void write_words(FILE *to, const char *template)
{
	char words[64];
	size_t size = strcspn(template, "{?!");

	while (size && template[size] && template[size - 1] != ' ')
		size--;
	while (size && template[size - 1] == ' ')
		size--;
	snprintf(words, sizeof(words), "%.*s", (int)size, template);
	roff_text(to, words);
}

void write_ios_commands(FILE *to, const char *word)
{
	const struct ios_command_row *row;

	(void)word;
	for (size_t i = 0; (row = ios_command_at(i)); i++) {
		roff_item(to, row->pattern);
		if (row->template) {
			fputs("claviger ", to);
			write_words(to, row->template);
		} else {
			fputs("Not here: ", to);
			roff_text(to, row->why);
		}
		fputs(".\n", to);
	}
}

void write_ios_lines(FILE *to, const char *word)
{
	const struct ios_line_row *row;

	enum ios_block block = strcmp(word, "trustpoint") ? IOS_BLOCK_SERVER : IOS_BLOCK_TRUSTPOINT;

	for (size_t i = 0; (row = ios_line_at(block, i)); i++) {
		if (row->option && !row->value && !row->is_secret)
			continue; /* back to the default is the same for all */
		roff_item(to, row->pattern);
		if (row->option) {
			roff_text(to, row->option);
			fputs("=", to);
			for (size_t k = 0; k < ELEMENTS(row->more) && row->more[k]; k += 2) {
				fputs(", ", to);
				roff_text(to, row->more[k]);
				fputs("=", to);
			}
			if (row->note) {
				fputs("; ", to);
				roff_text(to, row->note);
			}
		} else {
			fputs(row->is_refused ? "Refused: " : "Needs no option: ", to);
			roff_text(to, row->note);
		}
		fputs(".\n", to);
	}
}
