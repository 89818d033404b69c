/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/utf8.h"

/* Which first bytes begin a sequence of how many bytes, and what the second byte may then be. All
 * later ones are 80…BF. Source: Unicode 15, table 3-7. */
static const struct {
	uint8_t first, last, second_least, second_most, size;
} forms[] = {
	{0x01, 0x7f, 0x00, 0x00, 1},
	     {0xc2, 0xdf, 0x80, 0xbf, 2},
	  {0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3},
	     {0xed, 0xed, 0x80, 0x9f, 3},
	  {0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4},
	     {0xf1, 0xf3, 0x80, 0xbf, 4},
	  {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Bytes of the character that @s begins with; 0 where it begins with none. */
static size_t character(struct span s)
{
	for (size_t i = 0; i < ELEMENTS(forms) && s.size > 0; i++) {
		if (s.data[0] < forms[i].first || s.data[0] > forms[i].last)
			continue;
		if (s.size < forms[i].size)
			return 0;
		if (forms[i].size > 1 &&
		    (s.data[1] < forms[i].second_least || s.data[1] > forms[i].second_most))
			return 0;
		for (size_t k = 2; k < forms[i].size; k++)
			if ((s.data[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].size;
	}
	return 0;
}

bool utf8_is_text(struct span s)
{
	while (s.size > 0) {
		size_t size = character(s);

		if (size == 0)
			return false;
		s = SPAN(s.data + size, s.size - size);
	}
	return true;
}

size_t utf8_fit(struct span s, size_t most)
{
	if (s.size <= most)
		return s.size;
	while (most > 0 && (s.data[most] & 0xc0) == 0x80)
		most--;
	return most;
}

void utf8_mend(char *data, size_t size)
{
	for (size_t at = 0; at < size;) {
		size_t step = character(SPAN(data + at, size - at));

		if (step == 0)
			data[at] = '?';
		at += step == 0 ? 1 : step;
	}
}
