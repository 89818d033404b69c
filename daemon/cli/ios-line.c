/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/ios-line.h"
#include "daemon/base/files.h"
#include <stdlib.h>
#include <string.h>

#define IOS_LINE(pattern_, option_, value_)                                                        \
	{.pattern = pattern_, .option = option_, .value = value_},
#define IOS_LINES(pattern_, option_, value_, ...)                                                  \
	{.pattern = pattern_, .option = option_, .value = value_, .more = {__VA_ARGS__}},
#define IOS_PAIRS(pattern_, first_, second_, note_, option_, value_, ...)                          \
	{.pattern = pattern_,                                                                      \
	 .option = option_,                                                                        \
	 .value = value_,                                                                          \
	 .note = note_,                                                                            \
	 .more = {__VA_ARGS__},                                                                    \
	 .alike = {first_, second_}},
#define IOS_SECRET(pattern_, option_) {.pattern = pattern_, .option = option_, .is_secret = true},
#define IOS_RESET(pattern_, option_)  {.pattern = pattern_, .option = option_},
#define IOS_NOTE(pattern_, note_)     {.pattern = pattern_, .note = note_},
#define IOS_REFUSED(pattern_, note_)  {.pattern = pattern_, .note = note_, .is_refused = true},
static const struct ios_line_row of_servers[] = {
#include "daemon/cli/ios-lines.def"
};
static const struct ios_line_row of_trustpoints[] = {
#include "daemon/cli/ios-lines-trustpoint.def"
};
#undef IOS_LINE
#undef IOS_LINES
#undef IOS_PAIRS
#undef IOS_SECRET
#undef IOS_RESET
#undef IOS_NOTE
#undef IOS_REFUSED

static const struct {
	const char *opening;
	enum conf_section section;
	const struct ios_line_row *rows;
	size_t n;
} blocks[IOS_BLOCKS] = {
	[IOS_BLOCK_SERVER] = {"crypto pki server LABEL", CONF_SERVER, of_servers,
			      ELEMENTS(of_servers)},
	[IOS_BLOCK_TRUSTPOINT] = {"crypto pki trustpoint NAME", CONF_TRUSTPOINT, of_trustpoints,
				  ELEMENTS(of_trustpoints)},
};

enum conf_section ios_block_section(enum ios_block block)
{
	return blocks[block].section;
}

bool ios_block_find(char *const *words, int n, enum ios_block *ret)
{
	for (unsigned i = 0; i < IOS_BLOCKS; i++) {
		struct grammar_match match;

		*ret = (enum ios_block)i;
		if (grammar_matches(blocks[i].opening, words, n, &match))
			return true;
	}
	return false;
}

const struct ios_line_row *ios_line_at(enum ios_block block, size_t i)
{
	return i < blocks[block].n ? &blocks[block].rows[i] : NULL;
}

static const struct ios_line_row *best_row(enum ios_block block, char *const *words, int n,
					   struct grammar_match *ret)
{
	const struct ios_line_row *best = NULL, *row;

	for (size_t i = 0; (row = ios_line_at(block, i)); i++) {
		struct grammar_match match;

		if (!grammar_matches(row->pattern, words, n, &match))
			continue;
		if (best && match.score <= ret->score)
			continue;
		best = row;
		*ret = match;
	}
	return best;
}

/* The words of a template with a blank between, as one value; names may be written in quotes. */
static int make_value(const char *template, const struct grammar_match *match, char *const *words,
		      char **ret)
{
	_cleanup_(buffer_done) struct buffer text = {};
	size_t size;
	int n, r;

	r = grammar_expand(template, match, words, &text, &n);
	if (r < 0)
		return r;
	size = text.size ? text.size - 1 : 0;
	for (size_t i = 0; i < size; i++)
		if (!text.data[i])
			text.data[i] = ' ';
	if (size > 1 && text.data[0] == '"' && text.data[size - 1] == '"')
		return text_format(ret, "%.*s", (int)size - 2, (const char *)text.data + 1);
	return text_format(ret, "%.*s", (int)size, (const char *)text.data);
}

static const struct {
	const char *name;
	enum ios_password kind;
} passwords[] = {{"CLEAR", IOS_PASSWORD_CLEAR}, {"OBSCURED", IOS_PASSWORD_OBSCURED}};

static int read_login(const struct ios_line_row *row, const struct grammar_match *match,
		      char *const *words, struct ios_line *line)
{
	for (size_t i = 0; i < match->n_captures; i++) {
		const struct grammar_capture *capture = &match->captures[i];

		for (size_t j = 0; j < ELEMENTS(passwords); j++) {
			if (!span_equal(capture->name, span_of_text(passwords[j].name)))
				continue;
			line->password = words[capture->first];
			line->password_kind = passwords[j].kind;
			line->password_option = row->is_secret ? row->option
						: strcmp(row->option, "Archive")
							? "StorePassword"
							: "ArchivePassword";
		}
		if (!span_equal(capture->name, SPAN_LITERAL("USER")))
			continue;
		line->user = strdup(words[capture->first]);
		if (!line->user)
			return -ENOMEM;
	}
	return 0;
}

static const char *find_word(const char *name, const struct grammar_match *match,
			     char *const *words)
{
	for (size_t i = 0; i < match->n_captures; i++)
		if (span_equal(match->captures[i].name, span_of_text(name)))
			return words[match->captures[i].first];
	return NULL;
}

static bool is_refused(const struct ios_line_row *row, const struct grammar_match *match,
		       char *const *words)
{
	const char *first, *second;

	if (!row->alike[0])
		return row->is_refused;
	first = find_word(row->alike[0], match, words);
	second = find_word(row->alike[1], match, words);
	return !first || !second || strcmp(first, second) != 0;
}

static int make_values(const struct ios_line_row *row, const struct grammar_match *match,
		       char *const *words, struct ios_line *line)
{
	int r = make_value(row->value, match, words, &line->value);

	for (size_t i = 0; i < ELEMENTS(row->more) && row->more[i] && r >= 0; i += 2) {
		struct ios_setting *also = &line->also[line->n_also++];

		also->option = row->more[i];
		r = make_value(row->more[i + 1], match, words, &also->value);
	}
	return r;
}

int ios_line_read(enum ios_block block, char *const *words, int n, struct ios_line *ret)
{
	struct grammar_match match = {};
	const struct ios_line_row *row = best_row(block, words, n, &match);
	int r = 0;

	*ret = (struct ios_line){};
	if (!row)
		return IOS_LINE_UNKNOWN;
	ret->option = row->option;
	ret->note = row->note;
	if (is_refused(row, &match, words))
		return IOS_LINE_REFUSED;
	if (row->alike[0])
		ret->note = NULL;
	ret->is_secret = row->is_secret;
	if (row->value)
		r = make_values(row, &match, words, ret);
	if (r >= 0 && (row->value || row->is_secret))
		r = read_login(row, &match, words, ret);
	if (r < 0)
		ios_line_done(ret);
	return r;
}

void ios_line_done(struct ios_line *line)
{
	free(line->value);
	free(line->user);
	for (size_t i = 0; i < line->n_also; i++)
		free(line->also[i].value);
	*line = (struct ios_line){};
}
