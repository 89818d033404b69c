/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/shape.h"
#include "tests/unit/daemon/x509/made.h"

#define NAME	   "300c 310a 3008 0603550403 1301 61"
#define NAME_B	   "300c 310a 3008 0603550403 1301 62"
#define SPKI	   "301a 300d 06092a864886f70d010101 0500 0309 00 3006 0201 23 0201 03"
#define SHA256_RSA "300d 06092a864886f70d01010b 0500"
#define UTC_2015   "170d 3135313030393132313431365a"
#define UTC_2017   "170d 3137313030383132313431365a"
#define VALIDITY   "301e" UTC_2015 UTC_2017
#define V3	   "a003 0201 02"
#define MIDDLE	   "0201 07" SHA256_RSA NAME VALIDITY NAME_B SPKI

/* A SEQUENCE (or what @tag says) of these. */
static struct bytes wrapped(uint8_t tag, const char *hex)
{
	_cleanup_(bytes_done) struct bytes inner = HEX(hex);
	struct der_writer w = {0};
	struct bytes der = {0};

	der_begin(&w, tag);
	der_put_raw(&w, span_of(inner));
	der_end(&w);
	assert_int_equal(der_finish(&w, &der), 0);
	return der;
}

static bool is_empty(const struct x509_shape *s)
{
	return !s->version && !s->serial.size && !s->issuer.size && !s->subject.size &&
	       !s->spki.size && !s->not_after_s && !s->ca && !s->key_cert_sign && !s->crl_sign &&
	       !s->has_key_usage && !s->unreadable_extensions && !s->message_type.size &&
	       !s->enrols;
}

static enum x509_shape_kind kind_of(struct span to_be_signed)
{
	struct x509_shape shape;

	memset(&shape, 0x55, sizeof(shape));
	x509_shape_read(to_be_signed, &shape);
	assert_true(shape.kind != X509_SHAPE_UNKNOWN || is_empty(&shape));
	return shape.kind;
}

static void known_roots(void **state)
{
	_cleanup_(bytes_done) struct bytes der = made_vector("root-active.der");
	_cleanup_(bytes_done) struct bytes spki = made_vector("root-active.spki.der");
	_cleanup_(bytes_done) struct bytes name = made_name("CN=RootCA,OU=TAC,O=Cisco");
	struct x509_certificate c;
	struct x509_shape shape;

	(void)state;
	assert_int_equal(x509_certificate_read(span_of(der), &c), 0);
	x509_shape_read(c.to_be_signed, &shape);
	assert_int_equal(shape.kind, X509_SHAPE_CERTIFICATE);
	assert_int_equal(shape.version, 2);
	assert_true(span_equal(shape.serial, SPAN_LITERAL("\x01")));
	assert_true(span_equal(shape.issuer, span_of(name)));
	assert_true(span_equal(shape.subject, span_of(name)));
	assert_true(span_equal(shape.spki, span_of(spki)));
	assert_int_equal(shape.not_after_s, MADE_2017_S);
	assert_true(shape.ca && shape.key_cert_sign && shape.crl_sign);
	assert_false(shape.unreadable_extensions);
	assert_int_equal(shape.message_type.size, 0);
	/* the whole certificate is no to-be-signed */
	assert_int_equal(kind_of(span_of(der)), X509_SHAPE_UNKNOWN);
}

/* What a charter hangs on, cell by cell. */
static const struct {
	const char *tbs;
	uint64_t version;
	bool ca, key_cert_sign, crl_sign, unreadable;
} certificates[] = {
	{V3 MIDDLE, 2, false, false, false, false},
	{MIDDLE, 0, false, false, false, false},
	{"a003 0201 00" MIDDLE, 0, false, false, false, false},
	{"a003 0201 01" MIDDLE, 1, false, false, false, false},
	{V3 MIDDLE "a302 3000", 2, false, false, false, false},
	/* basicConstraints */
	{V3 MIDDLE "a30d 300b 3009 0603551d13 0402 3000", 2, false, false, false, false},
	{V3 MIDDLE "a310 300e 300c 0603551d13 0405 3003 0101ff", 2, true, false, false, false},
	{V3 MIDDLE "a310 300e 300c 0603551d13 0405 3003 010101", 2, false, false, false, true},
	{V3 MIDDLE "a310 300e 300c 0603551d13 0405 3003 010100", 2, false, false, false, true},
	{V3 MIDDLE "a311 300f 300d 0603551d13 0406 3003 0101ff 00", 2, false, false, false, true},
	{V3 MIDDLE "a30b 3009 3007 0603551d13 0400", 2, false, false, false, true},
	/* keyUsage */
	{V3 MIDDLE "a30f 300d 300b 0603551d0f 0404 0302 02 04", 2, false, true, false, false},
	{V3 MIDDLE "a30f 300d 300b 0603551d0f 0404 0302 01 02", 2, false, false, true, false},
	{V3 MIDDLE "a30f 300d 300b 0603551d0f 0404 0302 05 a0", 2, false, false, false, false},
	{V3 MIDDLE "a30f 300d 300b 0603551d0f 0404 0302 00 04", 2, false, false, false, true},
	{V3 MIDDLE "a312 3010 300e 0603551d0f 010100 0404 0302 05 a0", 2, false, false, false,
	 true},
	/* repeated: the one that says no, then the one that says yes */
	{V3 MIDDLE "a31b 3019 3009 0603551d13 0402 3000 300c 0603551d13 0405 3003 0101ff", 2, false,
	 false, false, true},
	{V3 MIDDLE "a316 3014 3008 0604551d1300 0400 3008 0604551d1300 0400", 2, false, false,
	 false, true},
	/* a CA by Netscape's type */
	{V3 MIDDLE "a315 3013 3011 06096086480186f8420101 0404 0302 02 04", 2, true, false, false,
	 false},
};

static void certificates_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(certificates); i++) {
		_cleanup_(bytes_done) struct bytes tbs = wrapped(DER_SEQUENCE, certificates[i].tbs);
		_cleanup_(bytes_done) struct bytes issuer = HEX(NAME);
		_cleanup_(bytes_done) struct bytes subject = HEX(NAME_B);
		struct x509_shape shape;

		x509_shape_read(span_of(tbs), &shape);
		if (shape.kind != X509_SHAPE_CERTIFICATE ||
		    shape.unreadable_extensions != certificates[i].unreadable)
			fail_msg("%s", certificates[i].tbs);
		assert_int_equal(shape.version, certificates[i].version);
		assert_int_equal(shape.ca, certificates[i].ca);
		assert_int_equal(shape.key_cert_sign, certificates[i].key_cert_sign);
		assert_int_equal(shape.crl_sign, certificates[i].crl_sign);
		assert_int_equal(shape.has_key_usage,
				 !certificates[i].unreadable &&
					 strstr(certificates[i].tbs, "0603551d0f"));
		assert_true(span_equal(shape.serial, SPAN_LITERAL("\x07")));
		assert_true(span_equal(shape.issuer, span_of(issuer)));
		assert_true(span_equal(shape.subject, span_of(subject)));
	}
}

static void crls(void **state)
{
	_cleanup_(bytes_done) struct bytes tbs =
		wrapped(DER_SEQUENCE,
			"0201 01" SHA256_RSA NAME UTC_2015 UTC_2017 "3014 3012 0201 07" UTC_2015
			"a00e 300c 300a 0603551d14 0403 0201 07");
	_cleanup_(bytes_done) struct bytes repeated =
		wrapped(DER_SEQUENCE,
			"0201 01" SHA256_RSA NAME UTC_2015 UTC_2017
			"a01a 3018 300a 0603551d14 0403 0201 07 300a 0603551d14 0403 0201 07");
	_cleanup_(bytes_done) struct bytes issuer = HEX(NAME);
	struct x509_shape shape;

	(void)state;
	x509_shape_read(span_of(tbs), &shape);
	assert_int_equal(shape.kind, X509_SHAPE_CRL);
	assert_int_equal(shape.version, 1);
	assert_true(span_equal(shape.issuer, span_of(issuer)));
	assert_int_equal(shape.subject.size + shape.spki.size + shape.serial.size, 0);
	assert_false(shape.unreadable_extensions);
	x509_shape_read(span_of(repeated), &shape);
	assert_int_equal(shape.kind, X509_SHAPE_CRL);
	assert_true(shape.unreadable_extensions);
}

static void requests(void **state)
{
	_cleanup_(bytes_done) struct bytes info = made_vector("rollover.request-info.der");
	_cleanup_(bytes_done) struct bytes name = made_name("CN=NewRoot");
	struct x509_shape shape;

	(void)state;
	x509_shape_read(span_of(info), &shape);
	assert_int_equal(shape.kind, X509_SHAPE_REQUEST);
	assert_int_equal(shape.version, 0);
	assert_true(span_equal(shape.subject, span_of(name)));
	assert_int_equal(shape.spki.size, 162);
	assert_int_equal(shape.issuer.size, 0);
	assert_false(shape.ca || shape.unreadable_extensions);
}

#define CONTENT_TYPE "3018 06092a864886f70d010903 310b 06092a864886f70d010701"
#define DIGEST	     "301f 06092a864886f70d010904 3112 0410 000102030405060708090a0b0c0d0e0f"
#define MESSAGE_TYPE "3011 060a6086480186f845010902 3103 1301 33"

static const struct {
	const char *set;
	enum x509_shape_kind kind;
	const char *message_type;
	bool enrols;
} attributes[] = {
	{CONTENT_TYPE DIGEST, X509_SHAPE_CMS_ATTRIBUTES, "", false},
	{MESSAGE_TYPE CONTENT_TYPE DIGEST, X509_SHAPE_CMS_ATTRIBUTES, "3", true},
	/* another attribute of SCEP's, one of another arc of the same, failInfoText */
	{"3011 060a6086480186f845010907 3103 1301 33" CONTENT_TYPE DIGEST,
	 X509_SHAPE_CMS_ATTRIBUTES, "", true},
	{"3011 060a6086480186f845010807 3103 1301 33" CONTENT_TYPE DIGEST,
	 X509_SHAPE_CMS_ATTRIBUTES, "", false},
	{"300f 0608 2b06010505071801 3103 0c01 33" CONTENT_TYPE DIGEST, X509_SHAPE_CMS_ATTRIBUTES,
	 "", true},
	/* id-cct-PKIData, and id-ct-TSTInfo, which is none */
	{"3017 06092a864886f70d010903 310a 06082b06010505070c02" DIGEST, X509_SHAPE_CMS_ATTRIBUTES,
	 "", true},
	{"301a 06092a864886f70d010903 310d 060b2a864886f70d0109100104" DIGEST,
	 X509_SHAPE_CMS_ATTRIBUTES, "", false},
	/* not sorted, one twice, one missing, an empty one */
	{DIGEST CONTENT_TYPE, X509_SHAPE_UNKNOWN, "", false},
	{CONTENT_TYPE CONTENT_TYPE DIGEST, X509_SHAPE_UNKNOWN, "", false},
	{CONTENT_TYPE DIGEST DIGEST, X509_SHAPE_UNKNOWN, "", false},
	{CONTENT_TYPE, X509_SHAPE_UNKNOWN, "", false},
	{DIGEST, X509_SHAPE_UNKNOWN, "", false},
	{"", X509_SHAPE_UNKNOWN, "", false},
	{"3006 0602 2a03 3100" CONTENT_TYPE DIGEST, X509_SHAPE_UNKNOWN, "", false},
	{"3008 0602 2a03 3102 0500" CONTENT_TYPE DIGEST, X509_SHAPE_CMS_ATTRIBUTES, "", false},
	{"3009 0602 2a03 3103 0501 00" CONTENT_TYPE DIGEST, X509_SHAPE_UNKNOWN, "", false},
	/* a contentType that is none, with two values; a messageDigest that is none, with two */
	{"300f 06092a864886f70d010903 3102 0500" DIGEST, X509_SHAPE_UNKNOWN, "", false},
	{"3013 06092a864886f70d010903 3106 0601 2a 0601 2a" DIGEST, X509_SHAPE_UNKNOWN, "", false},
	{"300f 06092a864886f70d010904 3102 1300" CONTENT_TYPE, X509_SHAPE_UNKNOWN, "", false},
	{"3011 06092a864886f70d010904 3104 0400 0400" CONTENT_TYPE, X509_SHAPE_UNKNOWN, "", false},
	/* an attribute that is no SEQUENCE of type and SET */
	{"0500" CONTENT_TYPE DIGEST, X509_SHAPE_UNKNOWN, "", false},
	{"3008 0602 2a03 3002 0500" CONTENT_TYPE DIGEST, X509_SHAPE_UNKNOWN, "", false},
};

static void cms_attributes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(attributes); i++) {
		_cleanup_(bytes_done) struct bytes set = wrapped(DER_SET, attributes[i].set);
		_cleanup_(bytes_done) struct bytes sequence =
			wrapped(DER_SEQUENCE, attributes[i].set);
		_cleanup_(bytes_done) struct bytes implicit =
			wrapped(DER_CONTEXT_CONSTRUCTED(0), attributes[i].set);
		struct x509_shape shape;

		x509_shape_read(span_of(set), &shape);
		if (shape.kind != attributes[i].kind)
			fail_msg("%s", attributes[i].set);
		assert_true(made_is(shape.message_type, attributes[i].message_type));
		assert_int_equal(shape.enrols, attributes[i].enrols);
		assert_int_equal(kind_of(span_of(sequence)), X509_SHAPE_UNKNOWN);
		assert_int_equal(kind_of(span_of(implicit)), X509_SHAPE_UNKNOWN);
	}
}

/* What a hostile asker would like to have signed. */
static const char *const unknown[] = {
	"",
	"00",
	/* a bare digest, and one that begins as DER does */
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"301e c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	/* DigestInfo of SHA-1 */
	"3021 3009 06052b0e03021a 0500 0414 da39a3ee5e6b4b0d3255bfef95601890afd80709",
	/* an OCTET STRING, a SET of nothing, a SEQUENCE of nothing */
	"0402 0102",
	"3100",
	"3000",
};

static void neither_nor(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(unknown); i++) {
		_cleanup_(bytes_done) struct bytes bytes = HEX(unknown[i]);

		if (kind_of(span_of(bytes)) != X509_SHAPE_UNKNOWN)
			fail_msg("%s", unknown[i]);
	}
}

/* RFC 8446 §4.4.3: 64 blanks, a context, a NUL, a hash. */
static void tls_block(void **state)
{
	char block[64 + 34 + 32];

	(void)state;
	memset(block, ' ', 64);
	memcpy(block + 64, "TLS 1.3, server CertificateVerify", 34);
	memset(block + 98, 0x5a, 32);
	assert_int_equal(kind_of(SPAN(block, sizeof(block))), X509_SHAPE_UNKNOWN);
}

/* Well-formed certificates, requests and CRLs but for one thing: not signed at all. */
static const char *const almost[] = {
	V3 "0201 ff" SHA256_RSA NAME VALIDITY NAME_B SPKI,
	V3 "0201 07" SHA256_RSA NAME VALIDITY NAME_B,
	V3 "0201 07" NAME VALIDITY NAME_B SPKI,
	V3 "0201 07" SHA256_RSA "3002 3100" VALIDITY NAME_B SPKI,
	V3 "0201 07" SHA256_RSA NAME UTC_2017 NAME_B SPKI,
	V3 "0201 07" SHA256_RSA NAME VALIDITY NAME_B "3000",
	"a003 0201 03" MIDDLE,
	"a003 0201 01" MIDDLE "a302 3000",
	MIDDLE "a30d 300b 3009 0603551d13 0402 3000", /* version 1 with extensions */
	V3 MIDDLE "a300",
	V3 MIDDLE "a302 3000 a302 3000",
	V3 MIDDLE "a302 3000 0500",
	V3 MIDDLE "0500",
	"0201 01" NAME SPKI "a000",
	"0201 00" NAME SPKI "a002 0500",
	"0201 00" NAME SPKI "a000 0500",
	"0201 01" SHA256_RSA NAME UTC_2015,
	"0201 01" SHA256_RSA NAME UTC_2015 UTC_2017 "3000",
	"0201 01" SHA256_RSA NAME UTC_2015 UTC_2017 "a300",
};

static void almost_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(almost); i++) {
		_cleanup_(bytes_done) struct bytes bytes = wrapped(DER_SEQUENCE, almost[i]);

		if (kind_of(span_of(bytes)) != X509_SHAPE_UNKNOWN)
			fail_msg("%s", almost[i]);
	}
}

static void nothing_behind(void **state)
{
	static const struct {
		uint8_t tag;
		const char *hex;
		enum x509_shape_kind kind;
	} rows[] = {
		{DER_SEQUENCE, V3 MIDDLE, X509_SHAPE_CERTIFICATE},
		{DER_SEQUENCE, "0201 01" SHA256_RSA NAME UTC_2015 UTC_2017, X509_SHAPE_CRL},
		{DER_SEQUENCE, "0201 00" NAME SPKI "a000", X509_SHAPE_REQUEST},
		{DER_SET, CONTENT_TYPE DIGEST, X509_SHAPE_CMS_ATTRIBUTES},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes tbs = wrapped(rows[i].tag, rows[i].hex);
		_cleanup_(bytes_done) struct bytes longer =
			made_longer(span_of(tbs), SPAN_LITERAL("\0"));
		_cleanup_(bytes_done) struct bytes twice = made_longer(span_of(tbs), span_of(tbs));

		assert_int_equal(kind_of(span_of(tbs)), rows[i].kind);
		assert_int_equal(kind_of(span_of(longer)), X509_SHAPE_UNKNOWN);
		assert_int_equal(kind_of(span_of(twice)), X509_SHAPE_UNKNOWN);
	}
}

static void read_mutated(struct span mutated)
{
	struct x509_shape shape;

	x509_shape_read(mutated, &shape);
	assert_true(made_lies_in(shape.serial, mutated) && made_lies_in(shape.issuer, mutated) &&
		    made_lies_in(shape.subject, mutated) && made_lies_in(shape.spki, mutated) &&
		    made_lies_in(shape.message_type, mutated));
}

/* No single flipped bit makes a certificate a CA's by OpenSSL's reading but not by ours. */
static void read_as_openssl_does(struct span mutated)
{
	static const uint8_t rest[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
				       0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00, 0x03, 0x01, 0x00};
	struct der_writer w = {0};
	struct bytes whole = {0};
	struct x509_shape shape;
	const uint8_t *at;
	X509 *x;

	x509_shape_read(mutated, &shape);
	if (shape.kind != X509_SHAPE_CERTIFICATE || shape.unreadable_extensions || shape.ca ||
	    shape.key_cert_sign || shape.version != 2)
		return;
	der_begin(&w, DER_SEQUENCE);
	der_put_raw(&w, mutated);
	der_put_raw(&w, SPAN_ARRAY(rest));
	der_end(&w);
	assert_int_equal(der_finish(&w, &whole), 0);
	at = whole.data;
	x = d2i_X509(NULL, &at, (long)whole.size);
	if (x && !(X509_get_extension_flags(x) & EXFLAG_INVALID))
		assert_int_equal(X509_check_ca(x), 0);
	X509_free(x);
	ERR_clear_error();
	bytes_done(&whole);
}

static void mutated(void **state)
{
	_cleanup_(bytes_done) struct bytes der = made_vector("root-active.der");
	_cleanup_(bytes_done) struct bytes cms = wrapped(DER_SET, MESSAGE_TYPE CONTENT_TYPE DIGEST);
	struct x509_certificate c;

	(void)state;
	assert_int_equal(kind_of(span_of(cms)), X509_SHAPE_CMS_ATTRIBUTES);
	assert_int_equal(x509_certificate_read(span_of(der), &c), 0);
	made_mutate(c.to_be_signed, read_mutated);
	made_mutate(span_of(cms), read_mutated);
}

static void mutated_as_openssl_reads(void **state)
{
	static const char *const rows[] = {
		"a313 3011 300f 0603551d13 0101ff 0405 3003 0101ff",
		"a310 300e 300c 0603551d13 0405 3003 0101ff",
		"a30f 300d 300b 0603551d0f 0404 0302 02 04",
		"a315 3013 3011 06096086480186f8420101 0404 0302 02 04",
		"a31f 301d 300c 0603551d13 0101ff 0402 3000 300d 0603551d0f 0101ff 0403 0301 00",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(freep) char *text = NULL;
		_cleanup_(bytes_done) struct bytes tbs = {0};

		assert_true(asprintf(&text, "%s%s", V3 MIDDLE, rows[i]) > 0);
		tbs = wrapped(DER_SEQUENCE, text);
		assert_int_equal(kind_of(span_of(tbs)), X509_SHAPE_CERTIFICATE);
		read_as_openssl_does(span_of(tbs));
		made_mutate(span_of(tbs), read_as_openssl_does);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_roots),
		cmocka_unit_test(certificates_told_apart),
		cmocka_unit_test(crls),
		cmocka_unit_test(requests),
		cmocka_unit_test(cms_attributes),
		cmocka_unit_test(neither_nor),
		cmocka_unit_test(tls_block),
		cmocka_unit_test(almost_known),
		cmocka_unit_test(nothing_behind),
		cmocka_unit_test(mutated),
		cmocka_unit_test(mutated_as_openssl_reads),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
