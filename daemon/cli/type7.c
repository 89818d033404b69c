/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/type7.h"
#include "daemon/base/text.h"

/* The same in every IOS there is; two decimal digits say where in it the text begins. */
static const char key[] = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";
#define KEY_SIZE   (sizeof(key) - 1)
#define FIRST_MOST 15

int type7_read(struct span text, struct secret *ret)
{
	_cleanup_(bytes_done) struct bytes hidden = {};
	_cleanup_(secret_done) struct secret plain = {};
	int64_t first;
	int r;

	if (text.size < 4 || text_read_number(span_slice(text, 0, 2), 0, FIRST_MOST, &first) < 0)
		return -EINVAL;
	r = text_read_hex(span_slice(text, 2, SIZE_MAX), &hidden);
	if (r >= 0)
		r = secret_new(hidden.size, &plain);
	if (r < 0)
		return r;
	for (size_t i = 0; i < hidden.size; i++)
		plain.data[i] = hidden.data[i] ^ (uint8_t)key[((size_t)first + i) % KEY_SIZE];
	wipe(hidden.data, hidden.size);
	*ret = TAKE_STRUCT(plain);
	return 0;
}
