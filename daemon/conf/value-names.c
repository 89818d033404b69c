/* SPDX-License-Identifier: Apache-2.0 */
/* Names of this machine, several on a line: units and users. */
#include "daemon/base/text.h"
#include "daemon/conf/value-internal.h"
#include <ctype.h>
#include <string.h>

#define USER_MAX 255 /* bytes; LOGIN_NAME_MAX without its end */

/* As systemd names them (systemd.unit(5)): a name, a dot and one of these @types. */
static bool is_unit(struct span text, const char *const *types)
{
	static const char allowed[] = ":-_.\\@";

	if (text.size > 255)
		return false;
	for (size_t i = 0; i < text.size; i++)
		if (!text.data[i] || (!isalnum(text.data[i]) && !strchr(allowed, text.data[i])))
			return false;
	for (; *types; types++) {
		struct span type = span_of_text(*types);
		if (text.size > type.size &&
		    span_equal(span_slice(text, text.size - type.size, SIZE_MAX), type))
			return text.data[0] != '@';
	}
	return false;
}

static bool is_any_unit(struct span text)
{
	static const char *const types[] = {".service", ".socket", ".target",
					    ".timer",	".path",   NULL};

	return is_unit(text, types);
}

/* Of the types whose units have processes. */
static bool is_program_unit(struct span text)
{
	static const char *const types[] = {".service", ".scope", NULL};

	return is_unit(text, types);
}

/* All digits: a number. 2³²-1 is nobody's (setresuid(2)). */
static bool is_user(struct span text)
{
	size_t digits = 0;
	int64_t number;

	while (digits < text.size && isdigit(text.data[digits]))
		digits++;
	if (digits == text.size)
		return text_read_number(text, 0, UINT32_MAX - 1, &number) == 0;
	if (text.size > USER_MAX || text.data[0] == '-')
		return false;
	for (size_t i = 0; i < text.size; i++)
		if (!text.data[i] || (!isalnum(text.data[i]) && !strchr("_.-$@+", text.data[i])))
			return false;
	return true;
}

static struct span next_word(struct span *rest)
{
	size_t size = 0;

	while (rest->size && strchr(" \t", rest->data[0]))
		*rest = span_slice(*rest, 1, SIZE_MAX);
	while (size < rest->size && !strchr(" \t", rest->data[size]))
		size++;
	struct span word = span_slice(*rest, 0, size);
	*rest = span_slice(*rest, size, SIZE_MAX);
	return word;
}

static int read_words(const struct reading *r, void *member, bool (*is_right)(struct span),
		      const char *wanted)
{
	struct span rest = r->text, word;
	int error = 0;

	while (!error && (word = next_word(&rest)).size) {
		const struct reading one = {r->option, word, r->why};
		error = is_right(word) ? conf_read_texts(&one, member) : conf_wrong(&one, wanted);
	}
	return error;
}

int conf_read_units(const struct reading *r, void *member)
{
	return read_words(r, member, is_any_unit, "must be a unit's name, as strongswan.service");
}

int conf_read_program_units(const struct reading *r, void *member)
{
	return read_words(r, member, is_program_unit,
			  "must be the name of a unit that has processes, as nginx.service");
}

int conf_read_users(const struct reading *r, void *member)
{
	return read_words(r, member, is_user, "must be a user's name or number, as www-data or 33");
}
