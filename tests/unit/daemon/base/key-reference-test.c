/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/key-reference.h"

#include "daemon/base/der.h"
#include "daemon/base/spki.h"
#include "daemon/base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A number of this many bits, odd, as good as any here. */
static struct bytes make_spki(size_t modulus_bytes)
{
	uint8_t modulus[2100];
	struct bytes spki = {0};

	memset(modulus, 0xb5, sizeof(modulus));
	assert_int_equal(
		spki_write(SPAN(modulus, modulus_bytes), SPAN_LITERAL("\x01\x00\x01"), &spki), 0);
	return spki;
}

static void what_is_written_is_read(void **state)
{
	char longest[KEY_REFERENCE_NAME_MOST + 1];
	const char *const names[] = {"vpn", "ROOTCA#", "Schlüssel des Büros", "a b\tc", longest};
	_cleanup_(bytes_done) struct bytes spki = make_spki(256);

	(void)state;
	memset(longest, 'n', sizeof(longest));
	longest[KEY_REFERENCE_NAME_MOST] = '\0';
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		_cleanup_(key_reference_done) struct key_reference reference = {0};
		_cleanup_(bytes_done) struct bytes pem = {0};

		assert_int_equal(key_reference_write(names[i], span_of(spki), &pem), 0);
		assert_memory_equal(pem.data, "-----BEGIN CLAVIGER KEY-----\n", 29);
		assert_memory_equal(pem.data + pem.size - 27, "-----END CLAVIGER KEY-----\n", 27);
		assert_int_equal(key_reference_read(span_of(pem), &reference), 0);
		assert_string_equal(reference.name, names[i]);
		assert_true(span_equal(span_of(reference.spki), span_of(spki)));
	}
}

/* As openssl asn1parse shows it: a file that was written stays readable for ever. */
static void the_form_is_fixed(void **state)
{
	static const uint8_t beginning[] = "\x30\x82\x01\x35"
					   "\x0c\x08"
					   "claviger"
					   "\x0c\x03"
					   "vpn"
					   "\x30\x82\x01\x22";
	_cleanup_(bytes_done) struct bytes spki = make_spki(256), pem = {0}, der = {0};

	(void)state;
	assert_int_equal(key_reference_write("vpn", span_of(spki), &pem), 0);
	assert_int_equal(text_read_pem(span_of(pem), KEY_REFERENCE_LABEL, &der), 0);
	assert_true(der.size > sizeof(beginning));
	assert_memory_equal(der.data, beginning, sizeof(beginning) - 1);
	assert_memory_equal(der.data + der.size - spki.size, spki.data, spki.size);
}

static void what_is_not_written(void **state)
{
	char longer[KEY_REFERENCE_NAME_MOST + 2];
	_cleanup_(bytes_done) struct bytes spki = make_spki(256), large = make_spki(2048),
					   pem = {0};

	(void)state;
	memset(longer, 'n', sizeof(longer));
	longer[KEY_REFERENCE_NAME_MOST + 1] = '\0';
	assert_int_equal(key_reference_write("", span_of(spki), &pem), -EINVAL);
	assert_int_equal(key_reference_write(longer, span_of(spki), &pem), -EINVAL);
	assert_int_equal(key_reference_write("\xff", span_of(spki), &pem), -EINVAL);
	assert_int_equal(key_reference_write("vpn", (struct span){0}, &pem), -EINVAL);
	assert_int_equal(key_reference_write("vpn", SPAN(spki.data, spki.size - 1), &pem), -EINVAL);
	assert_int_equal(key_reference_write("vpn", span_of(large), &pem), -EINVAL);
	assert_null(pem.data);
}

/* One sequence of whatever stands in the rows. */
static struct bytes make_der(uint8_t owner_tag, struct span owner, struct span name,
			     struct span spki, struct span more)
{
	_cleanup_(der_writer_done) struct der_writer w = {0};
	struct bytes der = {0};

	der_begin(&w, DER_SEQUENCE);
	der_put(&w, owner_tag, owner);
	der_put(&w, DER_UTF8_STRING, name);
	der_put_raw(&w, spki);
	der_put_raw(&w, more);
	der_end(&w);
	assert_int_equal(der_finish(&w, &der), 0);
	return der;
}

static void assert_no_reference(struct bytes der)
{
	_cleanup_(bytes_done) struct bytes own = der;
	_cleanup_(key_reference_done) struct key_reference reference = {0};

	assert_int_equal(key_reference_read_der(span_of(own), &reference), -EBADMSG);
	assert_null(reference.name);
	assert_null(reference.spki.data);
}

static void near_misses_are_not_read(void **state)
{
	static const uint8_t many[KEY_REFERENCE_NAME_MOST + 1] = "nnn";
	_cleanup_(bytes_done) struct bytes spki = make_spki(256), large = make_spki(2048);
	struct span us = SPAN_LITERAL("claviger"), vpn = SPAN_LITERAL("vpn"), none = {0};
	struct span key = span_of(spki), null = SPAN_LITERAL("\x05\x00");

	(void)state;
	assert_no_reference(make_der(DER_UTF8_STRING, SPAN_LITERAL("clavigeR"), vpn, key, none));
	assert_no_reference(make_der(DER_UTF8_STRING, SPAN_LITERAL("claviger2"), vpn, key, none));
	assert_no_reference(make_der(DER_PRINTABLE_STRING, us, vpn, key, none));
	assert_no_reference(make_der(DER_UTF8_STRING, us, none, key, none));
	assert_no_reference(make_der(DER_UTF8_STRING, us, SPAN_LITERAL("v\0n"), key, none));
	assert_no_reference(make_der(DER_UTF8_STRING, us, SPAN_LITERAL("\xc3"), key, none));
	assert_no_reference(make_der(DER_UTF8_STRING, us, SPAN_ARRAY(many), key, none));
	assert_no_reference(make_der(DER_UTF8_STRING, us, vpn, none, none));
	assert_no_reference(make_der(DER_UTF8_STRING, us, vpn, span_of(large), none));
	assert_no_reference(make_der(DER_UTF8_STRING, us, vpn, key, null));
	assert_no_reference(make_der(DER_UTF8_STRING, us, vpn, null, none));
}

static void damage_is_not_read(void **state)
{
	_cleanup_(bytes_done) struct bytes spki = make_spki(256), pem = {0}, der = {0};
	_cleanup_(key_reference_done) struct key_reference reference = {0};

	(void)state;
	assert_int_equal(key_reference_write("vpn", span_of(spki), &pem), 0);
	assert_int_equal(text_read_pem(span_of(pem), KEY_REFERENCE_LABEL, &der), 0);
	for (size_t size = 0; size < der.size; size++)
		assert_int_equal(key_reference_read_der(SPAN(der.data, size), &reference),
				 -EBADMSG);
	/* Another file of PEM, one without an end, one that is no base64. */
	assert_int_equal(key_reference_read(SPAN_LITERAL("no key"), &reference), -ENOENT);
	assert_int_equal(key_reference_read(SPAN(pem.data, pem.size - 10), &reference), -EBADMSG);
	memset(pem.data + 40, '!', 4);
	assert_int_equal(key_reference_read(span_of(pem), &reference), -EBADMSG);
	assert_null(reference.name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(the_form_is_fixed),
		cmocka_unit_test(what_is_not_written),
		cmocka_unit_test(near_misses_are_not_read),
		cmocka_unit_test(damage_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
