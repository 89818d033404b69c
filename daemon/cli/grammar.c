/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/grammar.h"
#include <ctype.h>
#include <string.h>

#define ALL_THE_REST "…"
#define WORD_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

/* A word in full counts more than any number of shortened ones. */
#define SCORE_IN_FULL	100
#define SCORE_SHORTENED 1
#define SHORTEST	2 /* one letter is a slip */

struct state {
	char *const *words;
	int n;
	struct grammar_match *match;
};

/* What is put back when another way is tried. */
struct mark {
	size_t n_captures;
	unsigned score;
};

static struct mark mark_of(const struct state *s)
{
	return (struct mark){s->match->n_captures, s->match->score};
}

static void go_back(struct state *s, struct mark mark)
{
	s->match->n_captures = mark.n_captures;
	s->match->score = mark.score;
}

static bool capture(struct state *s, struct span name, int first, int n)
{
	struct grammar_match *match = s->match;

	if (match->n_captures == GRAMMAR_CAPTURES)
		return false;
	match->captures[match->n_captures++] = (struct grammar_capture){name, first, n};
	return true;
}

static bool is_number_or_all(const char *word)
{
	return !strcmp(word, "all") || (*word && !word[strspn(word, "0123456789")]);
}

/* One of an element's alternatives against a word: its score, 0 where it is another. */
static unsigned score_word(struct span alternative, const char *word)
{
	size_t size = strlen(word);

	if (span_equal(alternative, SPAN_LITERAL("pki")) && !strcmp(word, "ca"))
		return SCORE_IN_FULL;
	if (!size || size > alternative.size || memcmp(alternative.data, word, size) != 0)
		return 0;
	if (size == alternative.size)
		return SCORE_IN_FULL;
	return size >= SHORTEST ? SCORE_SHORTENED : 0;
}

static int match_word(struct state *s, struct span element, int at)
{
	struct span best = {};
	unsigned score = 0;

	while (at < s->n && element.size) {
		const uint8_t *bar = memchr(element.data, '|', element.size);
		size_t size = bar ? (size_t)(bar - element.data) : element.size;
		struct span alternative = span_slice(element, 0, size);
		unsigned this = score_word(alternative, s->words[at]);

		if (this > score) {
			score = this;
			best = alternative;
		}
		element = span_slice(element, size + 1, SIZE_MAX);
	}
	if (!score || !capture(s, best, at, 1))
		return -1;
	s->match->score += score;
	return at + 1;
}

static int match_argument(struct state *s, struct span element, int at)
{
	size_t tail = sizeof(ALL_THE_REST) - 1;
	bool rest = element.size > tail &&
		    !memcmp(element.data + element.size - tail, ALL_THE_REST, tail);
	int n = rest ? s->n - at : 1;

	if (at >= s->n)
		return -1;
	if (span_equal(element, SPAN_LITERAL("ID")) && !is_number_or_all(s->words[at]))
		return -1;
	if (rest)
		element.size -= tail;
	return capture(s, element, at, n) ? at + n : -1;
}

/* One element at word @at: the word after it, -1 where it doesn't match. */
static int match_element(struct state *s, struct span element, int at)
{
	int next = isupper(element.data[0]) ? match_argument(s, element, at)
					    : match_word(s, element, at);

	if (next > s->match->reached)
		s->match->reached = next;
	return next;
}

/* Takes the next element off @pattern; its size is 0 at the end. */
static struct span next_element(struct span *pattern)
{
	struct span element;
	size_t size = 0;

	while (pattern->size && pattern->data[0] == ' ')
		*pattern = span_slice(*pattern, 1, SIZE_MAX);
	while (size < pattern->size && pattern->data[size] != ' ')
		size++;
	element = span_slice(*pattern, 0, size);
	*pattern = span_slice(*pattern, size, SIZE_MAX);
	return element;
}

/* What stands between the brackets that @pattern begins with, taken off it. */
static struct span next_group(struct span *pattern)
{
	const uint8_t *end = memchr(pattern->data, ']', pattern->size);
	struct span group;

	assert(end);
	group = span_slice(*pattern, 1, (size_t)(end - pattern->data) - 1);
	*pattern = span_slice(*pattern, (size_t)(end - pattern->data) + 1, SIZE_MAX);
	while (pattern->size && pattern->data[0] == ' ')
		*pattern = span_slice(*pattern, 1, SIZE_MAX);
	return group;
}

static int match_sequence(struct state *s, struct span sequence, int at)
{
	for (struct span element; at >= 0 && (element = next_element(&sequence)).size;)
		at = match_element(s, element, at);
	return at;
}

static bool match_from(struct state *s, struct span pattern, int at);

/* The groups side by side at the start of @pattern, those in @used left out. */
static bool match_groups(struct state *s, struct span pattern, unsigned used, int at)
{
	struct span rest = pattern;

	for (unsigned i = 0; rest.size && rest.data[0] == '['; i++) {
		struct span group = next_group(&rest);
		struct mark mark = mark_of(s);
		int next;

		if (used & (1U << i))
			continue;
		next = match_sequence(s, group, at);
		if (next >= 0 && match_groups(s, pattern, used | 1U << i, next))
			return true;
		go_back(s, mark);
	}
	return match_from(s, rest, at);
}

static bool match_from(struct state *s, struct span pattern, int at)
{
	struct span rest = pattern, element = next_element(&rest);

	if (!element.size)
		return at == s->n;
	if (element.data[0] == '[') {
		pattern = span_slice(pattern, (size_t)(element.data - pattern.data), SIZE_MAX);
		return match_groups(s, pattern, 0, at);
	}
	at = match_element(s, element, at);
	return at >= 0 && match_from(s, rest, at);
}

bool grammar_matches(const char *pattern, char *const *words, int n, struct grammar_match *ret)
{
	struct state s = {words, n, ret};

	*ret = (struct grammar_match){};
	return match_from(&s, span_of_text(pattern), 0);
}

static const struct grammar_capture *find(const struct grammar_match *match, struct span name)
{
	for (size_t i = 0; i < match->n_captures; i++)
		if (span_equal(match->captures[i].name, name))
			return &match->captures[i];
	return NULL;
}

static void append_capture(const struct grammar_capture *capture, char *const *words,
			   struct buffer *out)
{
	for (int i = 0; i < capture->n; i++) {
		struct span word = span_of_text(words[capture->first + i]);

		if (span_equal(capture->name, SPAN_LITERAL("DEVICE")) && word.size &&
		    word.data[word.size - 1] == ':')
			word.size--;
		if (i)
			buffer_append_byte(out, ' ');
		buffer_append(out, word);
	}
}

/* Takes `x?` or `x!` off @word; whether the rest of it is wanted. */
static bool is_wanted(struct span *word, const struct grammar_match *match)
{
	size_t size = 0;
	bool present;

	while (size < word->size && strchr(WORD_LETTERS, word->data[size]))
		size++;
	if (!size || size == word->size || !strchr("?!", word->data[size]))
		return true;
	present = find(match, span_slice(*word, 0, size)) != NULL;
	present = word->data[size] == '?' ? present : !present;
	*word = span_slice(*word, size + 1, SIZE_MAX);
	return present;
}

/* One word of a template; false where it is left out, @out as it was then. */
static bool append_word(struct span word, const struct grammar_match *match, char *const *words,
			struct buffer *out)
{
	size_t before = out->size;

	if (!is_wanted(&word, match))
		return false;
	while (word.size) {
		const struct grammar_capture *capture;
		const uint8_t *end;

		if (word.data[0] != '{') {
			buffer_append_byte(out, word.data[0]);
			word = span_slice(word, 1, SIZE_MAX);
			continue;
		}
		end = memchr(word.data, '}', word.size);
		assert(end);
		capture = find(match, span_slice(word, 1, (size_t)(end - word.data) - 1));
		if (!capture) {
			out->size = before;
			return false;
		}
		append_capture(capture, words, out);
		word = span_slice(word, (size_t)(end - word.data) + 1, SIZE_MAX);
	}
	return true;
}

int grammar_expand(const char *template, const struct grammar_match *match, char *const *words,
		   struct buffer *out, int *ret_n)
{
	struct span rest = span_of_text(template), word;

	*ret_n = 0;
	while ((word = next_element(&rest)).size) {
		if (!append_word(word, match, words, out))
			continue;
		if (++*ret_n > GRAMMAR_WORDS)
			return -E2BIG;
		buffer_append_byte(out, 0);
	}
	return out->error;
}
