/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/x509/made.h"

#define NAME	   "300c 310a 3008 0603550403 1301 61"
#define SHA256_RSA "300d 06092a864886f70d01010b 0500"
#define SHA1_RSA   "300d 06092a864886f70d010105 0500"
#define UTC_2015   "170d 3135313030393132313431365a"
#define UTC_2017   "170d 3137313030383132313431365a"
#define TIME_2017  "180f 32303137313030383132313431365a"
#define FRONT	   "0201 01" SHA256_RSA NAME UTC_2015 UTC_2017

static struct bytes by_hand(const char *list)
{
	_cleanup_(bytes_done) struct bytes inner = HEX(list);
	struct der_writer w = {0};
	struct bytes der = {0};

	der_begin(&w, DER_SEQUENCE);
	der_begin(&w, DER_SEQUENCE);
	der_put_raw(&w, span_of(inner));
	der_end(&w);
	der_put_algorithm(&w, OID_SHA256_WITH_RSA, true);
	der_put_bits(&w, SPAN_LITERAL("\x01\x02"));
	der_end(&w);
	assert_int_equal(der_finish(&w, &der), 0);
	return der;
}

static const struct {
	const char *list;
	int expected;
} rows[] = {
	{FRONT, 0},
	{SHA256_RSA NAME UTC_2015 UTC_2017, 0},
	{"0201 01" SHA256_RSA NAME UTC_2015 TIME_2017, 0},
	{FRONT "3014 3012 0201 07" UTC_2015, 0},
	{FRONT "3022 3020 0201 07" UTC_2015 "300c 300a 0603551d15 0403 0a01 01", 0},
	{FRONT "a00e 300c 300a 0603551d14 0403 0201 07", 0},
	/* version: 2 or absent, and then without extensions */
	{"0201 00" SHA256_RSA NAME UTC_2015 UTC_2017, -EBADMSG},
	{"0201 02" SHA256_RSA NAME UTC_2015 UTC_2017, -EBADMSG},
	{SHA256_RSA NAME UTC_2015 UTC_2017 "a00e 300c 300a 0603551d14 0403 0201 07", -EBADMSG},
	{SHA256_RSA NAME UTC_2015 UTC_2017 "3022 3020 0201 07" UTC_2015
					   "300c 300a 0603551d15 0403 0a01 01",
	 -EBADMSG},
	/* another algorithm than outside */
	{"0201 01" SHA1_RSA NAME UTC_2015 UTC_2017, -EBADMSG},
	/* issuer; times */
	{"0201 01" SHA256_RSA "3002 3100" UTC_2015 UTC_2017, -EBADMSG},
	{"0201 01" SHA256_RSA NAME UTC_2015, -EBADMSG},
	{"0201 01" SHA256_RSA NAME UTC_2015 UTC_2017 TIME_2017, -EBADMSG},
	{"0201 01" SHA256_RSA NAME "0500" UTC_2017, -EBADMSG},
	{"0201 01" SHA256_RSA NAME UTC_2015 "170d 3137313330383132313431365a", -EBADMSG},
	/* entries: none in the list, not a SEQUENCE, no serial, no date, something behind */
	{FRONT "3000", -EBADMSG},
	{FRONT "3014 3112 0201 07" UTC_2015, -EBADMSG},
	{FRONT "3011 300f" UTC_2015, -EBADMSG},
	{FRONT "3014 3012 0201 ff" UTC_2015, -EBADMSG},
	{FRONT "3005 3003 0201 07", -EBADMSG},
	{FRONT "3007 3005 0201 07 0500", -EBADMSG},
	{FRONT "3016 3014 0201 07" UTC_2015 "0500", -EBADMSG},
	/* extensions: empty, no number, twice, one that is critical */
	{FRONT "a000", -EBADMSG},
	{FRONT "a00e 300c 300a 0603551d14 0403 0201 ff", -EBADMSG},
	{FRONT "a01a 3018 300a 0603551d14 0403 0201 07 300a 0603551d14 0403 0201 07", -EBADMSG},
	{FRONT "a00d 300b 3009 0602 2a03 0101ff 0400", -EBADMSG},
	{FRONT "a00a 3008 3006 0602 2a03 0400", 0},
	{FRONT "a00a 3008 3006 0602 2a03 0400 0500", -EBADMSG},
};

static void field_for_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes der = by_hand(rows[i].list);
		struct x509_crl crl = {.this_update_s = 77};

		if (x509_crl_read(span_of(der), &crl) != rows[i].expected)
			fail_msg("%zu: %s", i, rows[i].list);
		if (rows[i].expected < 0)
			assert_int_equal(crl.this_update_s, 77);
		else
			assert_true(MADE_OPENSSL_READS(d2i_X509_CRL, X509_CRL_free, der));
	}
}

static void values(void **state)
{
	_cleanup_(bytes_done) struct bytes der = by_hand(
		FRONT "3014 3012 0201 07" UTC_2015 "a00f 300d 300b 0603551d14 0404 0202 00ff");
	_cleanup_(bytes_done) struct bytes name = HEX(NAME);
	struct x509_crl crl;

	(void)state;
	assert_int_equal(x509_crl_read(span_of(der), &crl), 0);
	assert_int_equal(crl.version, 1);
	assert_true(span_equal(crl.whole, span_of(der)));
	assert_true(span_equal(crl.issuer, span_of(name)));
	assert_int_equal(crl.this_update_s, MADE_2015_S);
	assert_int_equal(crl.next_update_s, MADE_2017_S);
	assert_int_equal(crl.revoked.size, 20);
	assert_true(span_equal(crl.number, SPAN_LITERAL("\xff")));
	assert_int_equal(crl.digest, DIGEST_SHA256);
	assert_true(span_equal(crl.signature, SPAN_LITERAL("\x01\x02")));
}

static void revoke(X509_CRL *crl, unsigned serial, int reason)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	ASN1_TIME *time = ASN1_TIME_set(NULL, MADE_2015_S);
	ASN1_ENUMERATED *code = ASN1_ENUMERATED_new();

	ASN1_INTEGER_set(number, serial);
	X509_REVOKED_set_serialNumber(entry, number);
	X509_REVOKED_set_revocationDate(entry, time);
	ASN1_ENUMERATED_set(code, reason);
	X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, code, 0, 0);
	X509_CRL_add0_revoked(crl, entry);
	ASN1_ENUMERATED_free(code);
	ASN1_INTEGER_free(number);
	ASN1_TIME_free(time);
}

static X509_CRL *made_by_openssl(void)
{
	X509_CRL *crl = X509_CRL_new();
	X509_NAME *name = X509_NAME_new();
	ASN1_TIME *time = ASN1_TIME_set(NULL, MADE_2015_S);
	ASN1_INTEGER *number = ASN1_INTEGER_new();

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"RootCA", -1, -1, 0);
	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, name);
	X509_CRL_set1_lastUpdate(crl, time);
	ASN1_TIME_set(time, INT64_C(2600000000)); /* past 2050: GeneralizedTime */
	X509_CRL_set1_nextUpdate(crl, time);
	ASN1_INTEGER_set(number, 4711);
	X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0);
	revoke(crl, 5, 1);
	revoke(crl, 4000000000, 9);
	assert_true(X509_CRL_sign(crl, made_key(), EVP_sha256()) > 0);
	ASN1_INTEGER_free(number);
	ASN1_TIME_free(time);
	X509_NAME_free(name);
	return crl;
}

static void as_openssl_writes(void **state)
{
	X509_CRL *theirs = made_by_openssl();
	_cleanup_(bytes_done) struct bytes der = MADE_DER(i2d_X509_CRL, theirs);
	_cleanup_(bytes_done) struct bytes spki = made_spki(made_key());
	_cleanup_(bytes_done) struct bytes name = made_name("CN=RootCA");
	struct x509_crl crl;
	struct x509_key key;

	(void)state;
	assert_int_equal(x509_crl_read(span_of(der), &crl), 0);
	assert_true(x509_name_equal(crl.issuer, span_of(name)));
	assert_int_equal(crl.this_update_s, MADE_2015_S);
	assert_int_equal(crl.next_update_s, INT64_C(2600000000));
	assert_true(span_equal(crl.number, SPAN_LITERAL("\x12\x67")));
	assert_int_equal(x509_key_read(span_of(spki), &key), 0);
	assert_int_equal(x509_verify(&key, crl.digest, crl.to_be_signed, crl.signature), 0);
	X509_CRL_free(theirs);
}

static size_t accepted;

static void read_mutated(struct span mutated)
{
	struct x509_crl crl;

	if (x509_crl_read(mutated, &crl) < 0)
		return;
	accepted++;
	assert_true(MADE_OPENSSL_READS(d2i_X509_CRL, X509_CRL_free, mutated));
	assert_true(made_lies_in(crl.to_be_signed, mutated) && made_lies_in(crl.issuer, mutated) &&
		    made_lies_in(crl.revoked, mutated) && made_lies_in(crl.number, mutated) &&
		    made_lies_in(crl.signature, mutated));
}

static void mutated(void **state)
{
	X509_CRL *theirs = made_by_openssl();
	_cleanup_(bytes_done) struct bytes der = MADE_DER(i2d_X509_CRL, theirs);
	_cleanup_(bytes_done) struct bytes longer = made_longer(span_of(der), SPAN_LITERAL("\0"));
	struct x509_crl crl;

	(void)state;
	assert_int_equal(x509_crl_read(span_of(longer), &crl), -EBADMSG);
	made_mutate(span_of(der), read_mutated);
	assert_true(accepted > 2000 && accepted < 3500);
	X509_CRL_free(theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_for_field),
		cmocka_unit_test(values),
		cmocka_unit_test(as_openssl_writes),
		cmocka_unit_test(mutated),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
