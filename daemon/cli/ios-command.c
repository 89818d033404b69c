/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/ios-command.h"
#include "daemon/base/text.h"
#include "daemon/cli/ios-line.h"
#include "daemon/conf/option.h"
#include <stdlib.h>
#include <string.h>

static const struct ios_command_row rows[] = {
#define IOS(pattern_, template_)      {.pattern = pattern_, .template = template_},
#define IOS_ELSEWHERE(pattern_, why_) {.pattern = pattern_, .why = why_},
#include "daemon/cli/commands-ios.def"
#undef IOS
#undef IOS_ELSEWHERE
};

const struct ios_command_row *ios_command_at(size_t i)
{
	return i < ELEMENTS(rows) ? &rows[i] : NULL;
}

/* What is known of some words after all rows were tried. */
struct search {
	const struct ios_command_row *best;
	bool is_ambiguous; /* another row is as good */
	struct grammar_match match;
	int reached; /* the most that any row understood */
};

static bool is_shortened(const struct search *search)
{
	return search->match.score % 100 != 0;
}

static struct search look_up(char *const *words, int n)
{
	struct search search = {};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct grammar_match match;

		bool matches = grammar_matches(rows[i].pattern, words, n, &match);

		if (match.reached > search.reached)
			search.reached = match.reached;
		if (!matches || (search.best && match.score < search.match.score))
			continue;
		search.is_ambiguous = search.best && match.score == search.match.score;
		search.best = &rows[i];
		search.match = match;
	}
	return search;
}

/* The rows that understood as much of the words as any. */
static void list_forms(char *const *words, int n, int reached, struct buffer *why)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct grammar_match match;
		bool whole = grammar_matches(rows[i].pattern, words, n, &match);

		if (whole || match.reached == reached)
			buffer_printf(why, "\n  %s", rows[i].pattern);
	}
}

static int say_unknown(char *const *words, int n, int reached, struct ios_command *command)
{
	buffer_append_text(&command->why, "no such IOS command from \"");
	text_append_escaped(&command->why, span_of_text(reached < n ? words[reached] : ""));
	buffer_append_text(&command->why, "\" on; what begins like it:");
	list_forms(words, n, reached, &command->why);
	if (reached >= 4)
		buffer_append_text(&command->why,
				   "\n  crypto pki server LABEL LINE (of its configuration)"
				   "\n  crypto pki trustpoint NAME LINE (of its configuration)");
	return IOS_COMMAND_WRONG;
}

static int say(struct ios_command *command, const char *why)
{
	buffer_append_text(&command->why, why);
	return IOS_COMMAND_WRONG;
}

/* What an argument brings in must not become an option of ours. */
static bool has_option(char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (words[i][0] == '-' && words[i][1])
			return true;
	return false;
}

static int take_words(struct buffer *made, int n, struct ios_command *command)
{
	_cleanup_(bytes_done) struct bytes text = {};
	char *at;
	int r = buffer_take(made, &text);

	if (r < 0)
		return r;
	assert(n < IOS_COMMAND_WORDS);
	at = (char *)text.data;
	for (int i = 0; i < n; i++) {
		command->words[i] = at;
		at += strlen(at) + 1;
	}
	command->n_words = n;
	command->text = (char *)TAKE_STRUCT(text).data;
	return 0;
}

static void append_word(struct buffer *out, const char *word, int *n)
{
	buffer_append(out, SPAN(word, strlen(word) + 1));
	(*n)++;
}

/* A line of a block: whose, and what it says. */
struct block_line {
	enum ios_block block;
	const char *name; /* of the server or trustpoint */
	struct ios_line line;
};

static void block_line_done(struct block_line *this)
{
	ios_line_done(&this->line);
}

static bool is_list(const struct block_line *this)
{
	const struct conf_option *option =
		conf_find_option(ios_block_section(this->block), span_of_text(this->line.option));

	assert(option); /* our own table names it */
	return conf_is_list(option);
}

static void append_assignment(struct buffer *out, const char *option, const char *value, int *n)
{
	buffer_printf(out, "%s=", option);
	append_word(out, value, n);
}

/* config set SECTION OPTION VALUE; an empty value goes back to the default, and what IOS says line
 * by line is added to a list. A line that sets several becomes assignments. */
static int set_options(const struct block_line *this, struct ios_command *command)
{
	_cleanup_(buffer_done) struct buffer made = {};
	const struct ios_line *line = &this->line;
	const char *value = line->value ? line->value : "";
	int n = 0;

	if (line->value && is_list(this))
		append_word(&made, "--add", &n);
	append_word(&made, "config", &n);
	append_word(&made, "set", &n);
	buffer_printf(&made, "%s.", conf_sections[ios_block_section(this->block)].name);
	append_word(&made, this->name, &n);
	if (line->n_also) {
		append_assignment(&made, line->option, value, &n);
	} else {
		append_word(&made, line->option, &n);
		append_word(&made, value, &n);
	}
	for (size_t i = 0; i < line->n_also; i++)
		append_assignment(&made, line->also[i].option, line->also[i].value, &n);
	return take_words(&made, n, command);
}

static int refuse_password(const struct block_line *this, struct ios_command *command)
{
	buffer_printf(&command->why,
		      "no password on a command line, where others see it: write it into a file of "
		      "mode 0600, and name that: claviger config set %s.%s %s /path",
		      conf_sections[ios_block_section(this->block)].name, this->name,
		      this->line.password_option);
	return IOS_COMMAND_WRONG;
}

/* The words after `crypto pki server LABEL` or `crypto pki trustpoint NAME` as a line of its
 * configuration. */
static int read_line(enum ios_block block, char *const *words, int n, struct ios_command *command)
{
	_cleanup_(block_line_done) struct block_line this = {.block = block, .name = words[3]};
	int r = ios_line_read(block, words + 4, n - 4, &this.line);
	const struct ios_line *line = &this.line;

	if (r == IOS_LINE_UNKNOWN)
		return IOS_COMMAND_OTHER;
	if (r < 0)
		return r;
	if (r == IOS_LINE_REFUSED || !line->option)
		return say(command, line->note);
	if (line->password)
		return refuse_password(&this, command);
	if (line->user && strcmp(line->option, "StoreUser") != 0)
		return say(command, "its user is an option of its own here: "
				    "crypto pki server LABEL database username USER");
	return set_options(&this, command);
}

static bool is_ios(char *const *words, int n)
{
	struct grammar_match match;

	return n && grammar_matches("crypto|show|no|debug|clear|ip|clock", words, 1, &match);
}

static int expand(const struct search *search, char *const *words, struct ios_command *command)
{
	_cleanup_(buffer_done) struct buffer made = {};
	int n, r;

	if (search->best->why)
		return say(command, search->best->why);
	r = grammar_expand(search->best->template, &search->match, words, &made, &n);
	return r < 0 ? r : take_words(&made, n, command);
}

int ios_command_read(char *const *words, int n, struct ios_command *ret)
{
	struct search search;
	enum ios_block block;

	*ret = (struct ios_command){};
	if (!is_ios(words, n))
		return IOS_COMMAND_OTHER;
	if (has_option(words, n))
		return say(ret, "an argument may not begin with \"-\"");
	search = look_up(words, n);
	if (search.best && search.is_ambiguous && is_shortened(&search)) {
		buffer_append_text(&ret->why, "ambiguous; it may be");
		list_forms(words, n, search.reached, &ret->why);
		return IOS_COMMAND_WRONG;
	}
	if (!search.best && n > 4 && ios_block_find(words, 4, &block)) {
		int r = read_line(block, words, n, ret);

		if (r != IOS_COMMAND_OTHER)
			return r;
	}
	return search.best ? expand(&search, words, ret)
			   : say_unknown(words, n, search.reached, ret);
}

void ios_command_done(struct ios_command *command)
{
	free(command->text);
	buffer_done(&command->why);
	*command = (struct ios_command){};
}
