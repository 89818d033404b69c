/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void as_openssl_writes_it(void **state)
{
	uint8_t data[100];

	(void)state;
	srandom(5);
	for (size_t size = 0; size <= sizeof(data); size++) {
		_cleanup_(buffer_done) struct buffer out = {0};
		_cleanup_(bytes_done) struct bytes back = {0};
		uint8_t wanted[200];
		int length;

		for (size_t i = 0; i < size; i++)
			data[i] = (uint8_t)random();
		length = EVP_EncodeBlock(wanted, data, (int)size);
		text_append_base64(&out, SPAN(data, size));
		assert_true(span_equal(span_of_buffer(&out), SPAN(wanted, (size_t)length)));
		assert_int_equal(text_read_base64(span_of_buffer(&out), size % 2, &back), 0);
		assert_true(span_equal(span_of(back), SPAN(data, size)));
	}
}

struct base64_row {
	const char *text;
	bool blank_is_plus;
	int r;
	struct span data;
};

static void every_spelling(void **state)
{
	static const struct base64_row rows[] = {
		{"+/+/", false, 0, SPAN_LITERAL("\xfb\xff\xbf")},
		{"-_-_", false, 0, SPAN_LITERAL("\xfb\xff\xbf")},
		{"-/+_", false, 0, SPAN_LITERAL("\xfb\xff\xbf")},
		{" / /", true, 0, SPAN_LITERAL("\xfb\xff\xbf")},
		{" +/ +/ ", false, 0, SPAN_LITERAL("\xfb\xff\xbf")},
		{"QUJD\nREVG\n", true, 0, SPAN_LITERAL("ABCDEF")},
		{"QUJD\r\nRE VG\t", false, 0, SPAN_LITERAL("ABCDEF")},
		{"QQ==", false, 0, SPAN_LITERAL("A")},
		{"QQ=", false, 0, SPAN_LITERAL("A")},
		{"QQ", false, 0, SPAN_LITERAL("A")},
		{"QQ==\n", true, 0, SPAN_LITERAL("A")},
		{"QQ= = ", true, 0, SPAN_LITERAL("A")},
		{"QUI=", false, 0, SPAN_LITERAL("AB")},
		{"QUI", false, 0, SPAN_LITERAL("AB")},
		{"QUI\n=", false, 0, SPAN_LITERAL("AB")},
		{"", false, 0, SPAN_LITERAL("")},
		{"Q", false, -EINVAL},
		{"QUJDR", false, -EINVAL},
		{"QUI==", false, -EINVAL},
		{"QQ===", false, -EINVAL},
		{"QUJD=", false, -EINVAL},
		{"Q=Q=", false, -EINVAL},
		{"QQ==QQ==", false, -EINVAL},
		{"=", false, -EINVAL},
		{"QR==", false, -EINVAL}, /* bits that belong to nothing */
		{"QUJ", false, -EINVAL},
		{"QUJ%", false, -EINVAL},
		{"QU.D", false, -EINVAL},
		{"QUJ\xc3\xa4", false, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes out = {0};
		int r = text_read_base64(span_of_text(rows[i].text), rows[i].blank_is_plus, &out);

		if (r != rows[i].r || !span_equal(span_of(out), rows[i].data))
			fail_msg("row %zu, \"%s\": %d", i, rows[i].text, r);
	}
}

static void pem_as_openssl_writes_it(void **state)
{
	(void)state;
	for (size_t size = 1; size < 200; size += 13) {
		_cleanup_(buffer_done) struct buffer out = {0};
		_cleanup_(bytes_done) struct bytes back = {0};
		uint8_t data[200];
		BIO *bio = BIO_new(BIO_s_mem());
		char *text;
		long length;

		memset(data, 0xa7, sizeof(data));
		assert_true(PEM_write_bio(bio, "CERTIFICATE", "", data, (long)size) > 0);
		length = BIO_get_mem_data(bio, &text);
		text_append_pem(&out, "CERTIFICATE", SPAN(data, size));
		assert_true(span_equal(span_of_buffer(&out), SPAN(text, (size_t)length)));
		assert_int_equal(text_read_pem(span_of_buffer(&out), "CERTIFICATE", &back), 0);
		assert_true(span_equal(span_of(back), SPAN(data, size)));
		BIO_free(bio);
	}
}

struct pem_row {
	const char *text;
	int r;
};

static void pem_among_other_text(void **state)
{
	static const struct pem_row rows[] = {
		{"-----BEGIN X-----\nQUJD\n-----END X-----\n", 0},
		{"-----BEGIN X-----\r\nQUJD\r\n-----END X-----", 0},
		{"subject=CN\n-----BEGIN X-----\nQUJD\n-----END X-----\ntail", 0},
		{"-----BEGIN Y-----\nRRRR\n-----END Y-----\n"
		 "-----BEGIN X-----\nQUJD\n-----END X-----\n"
		 "-----BEGIN X-----\nRRRR\n-----END X-----\n",
		 0},
		{"see -----BEGIN X-----\n-----BEGIN X-----\nQUJD\n-----END X-----\n", 0},
		{"", -ENOENT},
		{"QUJD", -ENOENT},
		{"-----BEGIN XX-----\nQUJD\n-----END XX-----\n", -ENOENT},
		{"-----BEGIN X-----\nQUJD\n", -EINVAL},
		{"-----BEGIN X-----\nQUJD-----END X-----\n", -EINVAL},
		{"-----BEGIN X-----\nQUJD\n-----END Y-----\n", -EINVAL},
		{"-----BEGIN X----------END X-----\n", -EINVAL},
		{"-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nQUJD\n-----END X-----\n", -EINVAL},
		{"-----BEGIN X-----\nQUJ!\n-----END X-----\n", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes out = {0};
		int r = text_read_pem(span_of_text(rows[i].text), "X", &out);

		if (r != rows[i].r)
			fail_msg("row %zu: %d", i, r);
		if (r == 0)
			assert_true(span_equal(span_of(out), SPAN_LITERAL("ABC")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_openssl_writes_it),
		cmocka_unit_test(every_spelling),
		cmocka_unit_test(pem_as_openssl_writes_it),
		cmocka_unit_test(pem_among_other_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
