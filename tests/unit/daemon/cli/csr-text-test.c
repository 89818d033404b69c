/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/csr-text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* SEQUENCE { INTEGER 5 }: here any bytes do that begin as DER does. */
#define DER    "\x30\x03\x02\x01\x05"
#define BASE64 "MAMCAQU="
#define PEM(label, newline)                                                                        \
	"-----BEGIN " label "-----" newline BASE64 newline "-----END " label "-----" newline

static void every_form_is_read(void **state)
{
	static const char *const inputs[] = {
		DER,
		BASE64,
		"MAMC\nAQU=\n",
		"\n\n  MAMC\r\nAQU\r\n",
		PEM("CERTIFICATE REQUEST", "\n"),
		PEM("NEW CERTIFICATE REQUEST", "\n"),
		PEM("CERTIFICATE REQUEST", "\r\n"),
		"Certificate Request:\n    Data: x\n\n" PEM("CERTIFICATE REQUEST", "\n") "\ntail\n",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(inputs); i++) {
		_cleanup_(bytes_done) struct bytes der = {};
		const char *reason = NULL;

		assert_int_equal(csr_text_read(span_of_text(inputs[i]), &der, &reason), 0);
		assert_true(span_equal(span_of(der), SPAN_LITERAL(DER)));
	}
}

static void what_is_none_is_told(void **state)
{
	static const struct {
		const char *input, *reason;
	} rows[] = {
		{"", "nothing"},
		{" \r\n\n", "nothing"},
		{"=", "neither"},
		{"hello, world", "neither"},
		{"MAMCAQ!=", "neither"},
		{PEM("CERTIFICATE", "\n"), "no CERTIFICATE REQUEST"},
		{PEM("PRIVATE KEY", "\n"), "no CERTIFICATE REQUEST"},
		{"-----BEGIN CERTIFICATE REQUEST-----\nMAMCAQU=\n", "damaged"},
		{"-----BEGIN CERTIFICATE REQUEST-----\nMAM#\n-----END CERTIFICATE REQUEST-----\n",
		 "damaged"},
		{"-----BEGIN CERTIFICATE REQUEST-----\nMAMCAQU=\n-----END X-----\n", "damaged"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes der = {};
		const char *reason = "";

		assert_int_equal(csr_text_read(span_of_text(rows[i].input), &der, &reason),
				 -EINVAL);
		assert_non_null(strstr(reason, rows[i].reason));
	}
}

static void it_has_its_size(void **state)
{
	uint8_t *large = calloc(1, CSR_BYTES_MOST + 1);
	const char *reason = "";
	struct bytes der = {};

	(void)state;
	large[0] = 0x30;
	assert_int_equal(csr_text_read(SPAN(large, CSR_BYTES_MOST), &der, &reason), 0);
	bytes_done(&der);
	assert_int_equal(csr_text_read(SPAN(large, CSR_BYTES_MOST + 1), &der, &reason), -EINVAL);
	assert_non_null(strstr(reason, "64 KiB"));
	free(large);
}

static void a_blank_line_or_quit_ends_it(void **state)
{
	static const struct {
		const char *typed;
		size_t end;
	} rows[] = {
		{"", SIZE_MAX},
		{"MAMC", SIZE_MAX},
		{"MAMC\n", SIZE_MAX},
		{"MAMC\n\n", 5},
		{"MAMC\r\n\r\n", 6},
		{"MAMC\n  \nmore\n", 5},
		{"MAMC\nquit\n", 5},
		{"MAMC\nquit\r\n", 5},
		{"MAMC\nquit", SIZE_MAX}, /* its end may be on its way */
		{"MAMC\nquite\n", SIZE_MAX},
		{"quit\n", 0},
		{"\n\nMAMC\n\n", 7},
		{"\n\n", SIZE_MAX},
		{DER "\n\n", SIZE_MAX},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(csr_text_end(span_of_text(rows[i].typed)), rows[i].end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(what_is_none_is_told),
		cmocka_unit_test(it_has_its_size),
		cmocka_unit_test(a_blank_line_or_quit_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
