/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/certificate-text.h"
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
	static const struct {
		const char *text;
		size_t n; /* certificates */
	} inputs[] = {
		{DER, 1},
		{DER DER, 2},
		{BASE64, 1},
		{" MAMC\r\nAQU\r\n", 1},
		{PEM("CERTIFICATE", "\n"), 1},
		{PEM("X509 CERTIFICATE", "\r\n"), 1},
		{PEM("PKCS7", "\n"), 1},
		{"Bag\n" PEM("CERTIFICATE", "\n") "\nissuer\n" PEM("CERTIFICATE", "\n") "tail", 2},
		{PEM("CERTIFICATE", "\n") PEM("ENCRYPTED PRIVATE KEY", "\n")
			 PEM("CERTIFICATE", "\n"),
		 2},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(inputs); i++) {
		_cleanup_(bytes_done) struct bytes der = {};
		const char *reason = NULL;

		assert_int_equal(certificate_text_read(span_of_text(inputs[i].text), &der, &reason),
				 0);
		assert_int_equal(der.size, inputs[i].n * 5);
		assert_memory_equal(der.data + der.size - 5, DER, 5);
	}
}

static void what_is_none_is_told(void **state)
{
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{"", "nothing in it"},
		{"hello there!", "neither"},
		{"aGVsbG8=", "neither"}, /* base64, and no DER */
		{PEM("PRIVATE KEY", "\n"), "no CERTIFICATE"},
		{PEM("CERTIFICATE REQUEST", "\n"), "no CERTIFICATE"},
		{"-----BEGIN CERTIFICATE-----\nMAMCAQU=\n", "damaged"},
		{PEM("CERTIFICATE", "\n") "-----BEGIN CERTIFICATE-----\n!\n-----END "
					  "CERTIFICATE-----\n",
		 "damaged"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes der = {};
		const char *reason = "";

		assert_int_equal(certificate_text_read(span_of_text(rows[i].text), &der, &reason),
				 -EINVAL);
		assert_non_null(strstr(reason, rows[i].reason));
		assert_null(der.data);
	}
}

static void more_than_anybody_has(void **state)
{
	_cleanup_(bytes_done) struct bytes large = {}, der = {};
	const char *reason = "";

	(void)state;
	assert_int_equal(bytes_new(CERTIFICATE_TEXT_MOST + 1, &large), 0);
	large.data[0] = 0x30;
	assert_int_equal(certificate_text_read(span_of(large), &der, &reason), -EINVAL);
	assert_non_null(strstr(reason, "64 KiB"));
	large.size--;
	assert_int_equal(certificate_text_read(span_of(large), &der, &reason), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(what_is_none_is_told),
		cmocka_unit_test(more_than_anybody_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
