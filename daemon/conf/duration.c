/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/duration.h"

#include "daemon/base/text.h"
#include <inttypes.h>

#define LONGEST_S ((int64_t)36525 * 86400)

static const struct {
	const char *name;
	int64_t size_s;
} units[] = {
	{"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800},
};

static int64_t unit_size_s(struct span name)
{
	for (size_t i = 0; i < ELEMENTS(units); i++)
		if (span_equal(span_of_text(units[i].name), name))
			return units[i].size_s;
	return 0;
}

/* Takes the bytes of first…last that come next. */
static struct span take(struct span *rest, uint8_t first, uint8_t last)
{
	size_t n = 0;
	while (n < rest->size && rest->data[n] >= first && rest->data[n] <= last)
		n++;
	struct span taken = span_slice(*rest, 0, n);
	*rest = span_slice(*rest, n, rest->size);
	return taken;
}

int conf_read_duration(struct span text, const char *unit, int64_t *ret_s)
{
	int64_t sum_s = 0;
	size_t parts = 0;

	for (take(&text, ' ', ' '); text.size; take(&text, ' ', ' ')) {
		struct span digits = take(&text, '0', '9');
		take(&text, ' ', ' ');
		struct span name = take(&text, 'a', 'z');
		int64_t n;

		if (parts++ && !name.size)
			return -EINVAL;
		int64_t size_s = unit_size_s(name.size ? name : span_of_text(unit));
		int r = text_read_number(digits, 0, LONGEST_S, &n);
		if (r < 0 || !size_s)
			return r == -ERANGE ? r : -EINVAL;
		/* A bare number stands alone: "1 30m" is nobody's hour and a half. */
		if (!name.size && text.size)
			return -EINVAL;
		if (n > (LONGEST_S - sum_s) / size_s)
			return -ERANGE;
		sum_s += n * size_s;
	}
	if (!parts)
		return -EINVAL;
	*ret_s = sum_s;
	return 0;
}

void conf_write_duration(struct buffer *out, const char *unit, int64_t duration_s)
{
	static const char *const parts[] = {"d", "h", "m", "s"};
	const char *separator = "";

	if (duration_s % unit_size_s(span_of_text(unit)) == 0) {
		buffer_printf(out, "%" PRId64 "%s", duration_s / unit_size_s(span_of_text(unit)),
			      unit);
		return;
	}
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		int64_t size_s = unit_size_s(span_of_text(parts[i]));
		if (duration_s >= size_s) {
			buffer_printf(out, "%s%" PRId64 "%s", separator, duration_s / size_s,
				      parts[i]);
			separator = " ";
		}
		duration_s %= size_s;
	}
}
