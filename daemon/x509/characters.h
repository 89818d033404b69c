/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The characters of an ASN.1 string, one by one, whatever its type. Nothing is allocated and
 * nothing fails: a byte that is no part of a character of its type comes out as itself with
 * CHARACTERS_BAD set, so that no two different values ever read alike.
 */

#include "daemon/base/der.h"

#define CHARACTERS_BAD 0x80000000u

struct x509_characters {
	uint8_t tag;
	struct span rest;
};

/* Whether strings of this tag are character strings that we read. */
bool x509_characters_is_string(uint8_t tag);
/* Whether @item is a character string, each of its characters valid for its type. PrintableString
 * holds any ASCII, as clients put '@', '*' and '_' there. Names allow no NUL: it cuts a name short
 * where C reads it. */
bool x509_characters_are_valid(const struct der_item *item, bool nul_allowed);

/* Whether @text is a PrintableString by the letter (X.680 §41.4): what we write, not what we read.
 */
bool x509_characters_are_printable(struct span text);

/* Begins with the contents of @item; with UTF-8 text. */
struct x509_characters x509_characters_of(const struct der_item *item);
struct x509_characters x509_characters_of_text(struct span utf8);
/* The next one; false at the end. */
bool x509_characters_next(struct x509_characters *c, uint32_t *ret);
/* The next one as RFC 5280 §7.1 compares them: ASCII letters in lower case, each run of white space
 * one blank, none at the end. Begin with x509_characters_skip_blanks(). */
bool x509_characters_next_folded(struct x509_characters *c, uint32_t *ret);
void x509_characters_skip_blanks(struct x509_characters *c);
/* Whether both hold the same characters, folded. */
bool x509_characters_equal(struct x509_characters a, struct x509_characters b);
/* Whether @a begins with all of @b, folded. */
bool x509_characters_begin_with(struct x509_characters a, struct x509_characters b);
