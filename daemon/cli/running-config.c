/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/running-config.h"
#include "daemon/cli/grammar.h"
#include "daemon/cli/ios-line.h"
#include <string.h>

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

bool running_config_is_text(struct span text)
{
	return !text.size || !memchr(text.data, 0, text.size);
}

void running_config_init(struct running_config *reader, struct span text)
{
	*reader = (struct running_config){.rest = text};
}

void running_config_done(struct running_config *reader)
{
	buffer_done(&reader->scratch);
}

static struct span trimmed(struct span line)
{
	while (line.size && is_blank(line.data[0]))
		line = span_slice(line, 1, SIZE_MAX);
	while (line.size && is_blank(line.data[line.size - 1]))
		line.size--;
	return line;
}

static struct span take_line(struct running_config *reader)
{
	const uint8_t *end = memchr(reader->rest.data, '\n', reader->rest.size);
	size_t size = end ? (size_t)(end - reader->rest.data) : reader->rest.size;
	struct span line = span_slice(reader->rest, 0, size);

	reader->rest = span_slice(reader->rest, size + 1, SIZE_MAX);
	reader->number++;
	return line;
}

static int split(struct running_config *reader, struct running_line *line)
{
	char *at;

	buffer_done(&reader->scratch);
	reader->scratch = (struct buffer){};
	buffer_append(&reader->scratch, line->text);
	buffer_append_byte(&reader->scratch, 0);
	if (reader->scratch.error)
		return reader->scratch.error;
	at = (char *)reader->scratch.data;
	line->n_words = 0;
	while (line->n_words < RUNNING_CONFIG_LINE_WORDS) {
		char *word;

		do
			word = strsep(&at, " \t");
		while (word && !*word);
		if (!word)
			break;
		line->words[line->n_words++] = word;
	}
	return 0;
}

static bool says(const struct running_line *line, int n, const char *pattern)
{
	struct grammar_match match;

	/* A running-config says its words in full. */
	return line->n_words >= n && grammar_matches(pattern, line->words, n, &match) &&
	       match.score % 100 == 0;
}

/* `banner motd ^C`: up to that sign again; it may be any, and ^C may be one byte or two. */
static void begin_banner(struct running_config *reader, const struct running_line *line)
{
	const char *sign = line->words[2];
	size_t size = sign[0] == '^' && sign[1] == 'C' ? 2 : 1;
	struct span after;

	memcpy(reader->banner, sign, size);
	reader->banner[size] = 0;
	after = span_slice(line->text, (size_t)(sign - line->words[0]) + size, SIZE_MAX);
	if (memmem(after.data, after.size, reader->banner, size))
		reader->banner[0] = 0;
}

static bool is_in_banner(struct running_config *reader, struct span text)
{
	if (!reader->banner[0])
		return false;
	if (memmem(text.data, text.size, reader->banner, strlen(reader->banner)))
		reader->banner[0] = 0;
	return true;
}

/* Lines of a block are indented; what was copied by hand may have lost that, so a line that can
 * only be a server's or a trustpoint's is still one. */
static bool goes_on(const struct running_config *reader, struct span raw,
		    const struct running_line *line)
{
	_cleanup_(ios_line_done) struct ios_line read = {};

	if (reader->block == RUNNING_OTHER)
		return false;
	if (raw.data[0] == ' ' || raw.data[0] == '\t')
		return true;
	return ios_line_read(running_block_of(reader->block), line->words, line->n_words, &read) ==
	       0;
}

static const struct {
	const char *pattern;
	enum running_block block;
} openings[] = {
	{"crypto pki server", RUNNING_SERVER},
	{"crypto pki trustpoint", RUNNING_TRUSTPOINT},
};

enum ios_block running_block_of(enum running_block block)
{
	return block == RUNNING_SERVER ? IOS_BLOCK_SERVER : IOS_BLOCK_TRUSTPOINT;
}

static void find_block(struct running_config *reader, struct span raw, struct running_line *line)
{
	line->opens = false;
	if (goes_on(reader, raw, line)) {
		line->block = reader->block;
		return;
	}
	reader->block = RUNNING_OTHER;
	for (size_t i = 0; i < ELEMENTS(openings); i++) {
		if (!says(line, 3, openings[i].pattern) || line->n_words != 4)
			continue;
		reader->block = openings[i].block;
		line->opens = true;
	}
	line->block = reader->block;
	if (reader->block == RUNNING_OTHER && line->n_words > 2 &&
	    !strcmp(line->words[0], "banner"))
		begin_banner(reader, line);
}

int running_config_next(struct running_config *reader, struct running_line *ret)
{
	while (reader->rest.size) {
		struct span raw = take_line(reader);
		int r;

		ret->number = reader->number;
		ret->text = trimmed(raw);
		if (is_in_banner(reader, ret->text)) {
			reader->n_ignored++;
			continue;
		}
		if (!ret->text.size || ret->text.data[0] == '!')
			continue;
		r = split(reader, ret);
		if (r < 0)
			return r;
		find_block(reader, raw, ret);
		if (ret->block != RUNNING_OTHER)
			return 0;
		reader->n_ignored++;
	}
	return RUNNING_END;
}
