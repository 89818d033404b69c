/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/x509/made.h"

#define BC	 "0603551d13"
#define KU	 "0603551d0f"
#define UNKNOWN	 "0602 2a03"
#define NETSCAPE "06096086480186f8420101"

static const struct {
	const char *hex; /* of the Extensions SEQUENCE */
	size_t n;
	bool has_basic_constraints, ca;
	int64_t path_length;
	bool has_key_usage;
	uint16_t key_usage;
} taken[] = {
	{"3000", 0, false, false, -1, false, 0},
	{"300b 3009 " BC " 0402 3000", 1, true, false, -1, false, 0},
	{"300e 300c " BC " 0405 3003 0101ff", 1, true, true, -1, false, 0},
	{"3011 300f " BC " 0408 3006 0101ff 0201 00", 1, true, true, 0, false, 0},
	{"300e 300c " BC " 0405 3003 0201 07", 1, true, false, 7, false, 0},
	{"3018 3016 " BC " 040f 300d 0101ff 0208 7fffffffffffffff", 1, true, true, INT64_MAX, false,
	 0},
	{"3012 3010 " BC " 0409 3007 0101ff 0202 00ff", 1, true, true, 255, false, 0},
	{"300d 300b " KU " 0404 0302 07 80", 1, false, false, -1, true, X509_DIGITAL_SIGNATURE},
	{"300d 300b " KU " 0404 0302 06 40", 1, false, false, -1, true, X509_NON_REPUDIATION},
	{"300d 300b " KU " 0404 0302 05 20", 1, false, false, -1, true, X509_KEY_ENCIPHERMENT},
	{"300d 300b " KU " 0404 0302 04 10", 1, false, false, -1, true, X509_DATA_ENCIPHERMENT},
	{"300d 300b " KU " 0404 0302 03 08", 1, false, false, -1, true, X509_KEY_AGREEMENT},
	{"300d 300b " KU " 0404 0302 02 04", 1, false, false, -1, true, X509_KEY_CERT_SIGN},
	{"300d 300b " KU " 0404 0302 01 02", 1, false, false, -1, true, X509_CRL_SIGN},
	{"300d 300b " KU " 0404 0302 00 01", 1, false, false, -1, true, X509_ENCIPHER_ONLY},
	{"300e 300c " KU " 0405 0303 07 0080", 1, false, false, -1, true, X509_DECIPHER_ONLY},
	{"300c 300a " KU " 0403 0301 00", 1, false, false, -1, true, 0},
	{"3010 300e " KU " 0101ff 0404 0302 07 80", 1, false, false, -1, true,
	 X509_DIGITAL_SIGNATURE},
	{"3008 3006 " UNKNOWN " 0400", 1, false, false, -1, false, 0},
	{"300b 3009 0603551d11 0402 3000", 1, false, false, -1, false, 0},
	{"300b 3009 0603551d25 0402 3000", 1, false, false, -1, false, 0},
	{"300b 3009 0603551d0e 0402 0400", 1, false, false, -1, false, 0},
	{"300b 3009 0603551d23 0402 3000", 1, false, false, -1, false, 0},
	{"300b 3009 0603551d1f 0402 3000", 1, false, false, -1, false, 0},
	{"300b 3009 0603551d20 0402 3000", 1, false, false, -1, false, 0},
	{"300c 300a 0603551d14 0403 0201 01", 1, false, false, -1, false, 0},
	{"3013 3011 " NETSCAPE " 0404 0302 07 80", 1, false, false, -1, false, 0},
	{"3013 3011 " NETSCAPE " 0404 0302 02 04", 1, false, true, -1, false, 0},
	{"3013 3011 " NETSCAPE " 0404 0302 01 02", 1, false, true, -1, false, 0},
	{"3013 3011 " NETSCAPE " 0404 0302 00 01", 1, false, true, -1, false, 0},
	{"301e 3011 " NETSCAPE " 0404 0302 02 04 3009 " BC " 0402 3000", 2, true, true, -1, false,
	 0},
};

static const char *const refused[] = {
	"300e 300c " BC " 0405 3003 010100",	     /* DER leaves FALSE out */
	"300e 300c " BC " 0405 3003 010101",	     /* TRUE is ff */
	"3011 300f " BC " 0408 3006 0101ff 0201 ff", /* negative */
	"3011 300f " BC " 0408 3006 0101ff 0101ff",
	"3011 300f " BC " 0408 3006 0201 00 0101ff",
	"301a 3018 " BC " 0411 300f 0101ff 020a 00ffffffffffffffffff",
	"3019 3017 " BC " 0410 300e 0101ff 0209 008000000000000000",
	"300d 300b " BC " 0404 3000 3000",
	"300b 3009 " BC " 0402 3100",
	"3009 3007 " BC " 0400",
	"300d 300b " KU " 0404 0302 00 86", /* trailing zero bits */
	"300d 300b " KU " 0404 0302 01 87", /* an unused bit is set */
	"300e 300c " KU " 0405 0303 00 8600",
	"300f 300d " KU " 0406 0304 00 868601", /* more bits than there are */
	"300d 300b " KU " 0404 0402 01 86",
	"300e 300c " KU " 0405 0302 01 86 00",
	"3010 300e " KU " 010100 0404 0302 07 80", /* DER leaves FALSE out */
	"3010 300e " KU " 010101 0404 0302 07 80", /* TRUE is ff */
	"3013 3011 " KU " 0101ff 0101ff 0404 0302 07 80",
	"3010 3006 " UNKNOWN " 0400 3006 " UNKNOWN " 0400",
	"301a 300b " KU " 0404 0302 07 80 300b " KU " 0404 0302 07 80",
	"3016 3009 " BC " 0402 3000 3009 " BC " 0402 3000",
	"3009 3007 0603 551d8f 0400",	 /* cut off */
	"300a 3008 0604 5580 1d0f 0400", /* not in the fewest octets */
	"3006 3004 " UNKNOWN,
	"3008 3006 " UNKNOWN " 0300",
	"300a 3008 " UNKNOWN " 0400 0400",
	"3008 3106 " UNKNOWN " 0400",
	"3100",
	"",
	"300b 3009 0603551d11 0402 0400",
	"300b 3009 0603551d25 0402 0400",
	"300b 3009 0603551d0e 0402 3000",
	"300b 3009 0603551d23 0402 0400",
	"300b 3009 0603551d1f 0402 0400",
	"300b 3009 0603551d20 0402 0400",
	"300c 300a 0603551d14 0403 0401 01",
	"3013 3011 " NETSCAPE " 0404 0302 00 04",
};

static void each_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(taken); i++) {
		_cleanup_(bytes_done) struct bytes der = HEX(taken[i].hex);
		struct x509_extensions read = {.n = 77};

		if (x509_extensions_read(span_of(der), &read) != 0)
			fail_msg("%s", taken[i].hex);
		assert_int_equal(read.n, taken[i].n);
		assert_int_equal(read.has_basic_constraints, taken[i].has_basic_constraints);
		assert_int_equal(read.ca, taken[i].ca);
		assert_int_equal(read.path_length, taken[i].path_length);
		assert_int_equal(read.has_key_usage, taken[i].has_key_usage);
		assert_int_equal(read.key_usage, taken[i].key_usage);
	}
}

static bool is_der(struct span rest)
{
	struct der_item item;

	while (rest.size) {
		if (der_next(&rest, &item) < 0)
			return false;
		if (item.tag & 0x20 && !is_der(item.content))
			return false;
	}
	return true;
}

/* What is refused is DER all the same, so that it is the reader of extensions that refuses it. */
static void what_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(refused); i++) {
		_cleanup_(bytes_done) struct bytes der = HEX(refused[i]);
		struct x509_extensions read = {.n = 77};

		if (x509_extensions_read(span_of(der), &read) != -EBADMSG || read.n != 77 ||
		    !is_der(span_of(der)))
			fail_msg("%s", refused[i]);
	}
	assert_int_equal(
		x509_extensions_read(SPAN_LITERAL("\x30\x00\x00"), &(struct x509_extensions){0}),
		-EBADMSG);
}

static struct bytes many(size_t n)
{
	struct der_writer w = {0};
	struct bytes der = {0};

	der_begin(&w, DER_SEQUENCE);
	for (size_t i = 0; i < n; i++) {
		der_begin(&w, DER_SEQUENCE);
		der_put(&w, DER_OID, SPAN(((uint8_t[]){0x2a, (uint8_t)i}), 2));
		der_put(&w, DER_OCTET_STRING, SPAN_LITERAL(""));
		der_end(&w);
	}
	der_end(&w);
	assert_int_equal(der_finish(&w, &der), 0);
	return der;
}

static void so_many(void **state)
{
	_cleanup_(bytes_done) struct bytes most = many(X509_EXTENSIONS_MAX);
	_cleanup_(bytes_done) struct bytes too_many = many(X509_EXTENSIONS_MAX + 1);
	struct x509_extensions read;

	(void)state;
	assert_int_equal(x509_extensions_read(span_of(most), &read), 0);
	assert_int_equal(read.n, X509_EXTENSIONS_MAX);
	assert_int_equal(x509_extensions_read(span_of(too_many), &read), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(so_many),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
