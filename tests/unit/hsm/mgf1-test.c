/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include "hsm/mgf1.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* As other implementations have it. */
static const struct {
	enum digest digest;
	const char *seed, *mask;
} rows[] = {
	/* clang-format off */
	{DIGEST_SHA1, "foo", "1ac907"},
	{DIGEST_SHA1, "foo", "1ac9075cd4"},
	{DIGEST_SHA1, "bar", "bc0c655e01"},
	{DIGEST_SHA1, "bar", "bc0c655e016bc2931d85a2e675181adcef7f581f76df2739da74faac41627be2f7f415c89e983fd0ce80ced9878641cb4876"},
	{DIGEST_SHA256, "bar", "382576a7841021cc28fc4c0948753fb8312090cea942ea4c4e735d10dc724b155f9f6069f289d61daca0cb814502ef04eae1"},
	/* clang-format on */
};

static void masks_are_those_of_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes mask = {0};
		uint8_t data[64];

		assert_int_equal(text_read_hex(span_of_text(rows[i].mask), &mask), 0);
		memset(data, 0x5a, sizeof(data));
		mgf1_apply(rows[i].digest, span_of_text(rows[i].seed), data, mask.size);
		for (size_t j = 0; j < mask.size; j++)
			assert_int_equal(data[j] ^ 0x5a, mask.data[j]);
		assert_int_equal(data[mask.size], 0x5a);
		/* Twice is nothing. */
		mgf1_apply(rows[i].digest, span_of_text(rows[i].seed), data, mask.size);
		for (size_t j = 0; j < sizeof(data); j++)
			assert_int_equal(data[j], 0x5a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(masks_are_those_of_others)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
