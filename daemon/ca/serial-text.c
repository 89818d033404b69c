/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/serial-text.h"
#include "daemon/base/text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define COUNTER_DIGITS 16 /* hexadecimal digits that 64 bits take */

static int read_whole(const char *digits, struct ca_serial_name *ret)
{
	_cleanup_(bytes_done) struct bytes number = {};
	char even[2 * sizeof(ret->serial) + 1] = "0";
	size_t n = strlen(digits);
	int r;

	if (n > 2 * sizeof(ret->serial))
		return -EINVAL;
	memcpy(even + n % 2, digits, n + 1);
	r = text_read_hex(span_of_text(even), &number);
	if (r < 0)
		return r;
	ret->is_counter = false;
	memcpy(ret->serial, number.data, number.size);
	ret->serial_size = number.size;
	return 0;
}

int ca_serial_name_read(const char *text, struct ca_serial_name *ret)
{
	bool prefixed = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = prefixed ? text + 2 : text;
	struct ca_serial_name name = {.is_counter = true};
	char *end;
	int r;

	while (prefixed && digits[0] == '0' && digits[1])
		digits++;
	if (strlen(digits) > COUNTER_DIGITS &&
	    (prefixed || strlen(digits) > 20 || strpbrk(digits, "abcdefABCDEF"))) {
		r = read_whole(digits, &name);
		if (r < 0)
			return r;
		*ret = name;
		return 0;
	}
	if (!isxdigit((unsigned char)digits[0]))
		return -EINVAL;
	errno = 0;
	name.counter = strtoull(text, &end, 0);
	if (errno || *end)
		return -EINVAL;
	*ret = name;
	return 0;
}
