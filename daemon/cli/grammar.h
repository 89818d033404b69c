/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Patterns of words, as IOS writes its commands, and what is made of what they matched. Pure.
 *
 * A pattern is a text of elements with blanks between:
 *
 *	word        this word; `a|b` one of them
 *	LABEL       capitals: one word, whatever it is. ID is a number or "all", DEVICE loses a
 *	            colon at its end, a name that ends with … takes all that is left, at least one
 *	[x y] [z]   may be left out; those that stand side by side may come in any order, each once
 *
 * Words may be shortened to two letters or more, as IOS lets operators do; how good a match is
 * tells score: a row that has words in full goes before one that has them shortened, and that one
 * before one that takes them for an argument. `ca` stands for `pki` after `crypto`.
 *
 * A template is a text of words with blanks between: {LABEL} in one stands for what LABEL matched,
 * and a word with something that matched nothing is left out; `x?y` is y where the word x of the
 * pattern was given, `x!y` where it wasn't.
 */

#include "daemon/base/bytes.h"

#define GRAMMAR_CAPTURES 16
#define GRAMMAR_WORDS	 32 /* that a template may make */

struct grammar_capture {
	struct span name; /* as in the pattern, without …; a word stands for itself */
	int first, n;	  /* the words it matched */
};

struct grammar_match {
	struct grammar_capture captures[GRAMMAR_CAPTURES];
	size_t n_captures;
	unsigned score;
	int reached; /* how many words were understood, also where the rest was not */
};

/* Whether the @n @words, all of them, are what @pattern says. @ret keeps pointers into @pattern;
 * where it doesn't match, `reached` alone counts. */
bool grammar_matches(const char *pattern, char *const *words, int n, struct grammar_match *ret);

/*
 * Appends the words of @template to @out, each with a NUL behind it. @ret_n: how many.
 * -ENOMEM, -E2BIG where they are more than GRAMMAR_WORDS.
 */
_checked_ int grammar_expand(const char *template, const struct grammar_match *match,
			     char *const *words, struct buffer *out, int *ret_n);
