/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and self-signed certificates that we build, as OpenSSL and our own readers see them. */
#include "daemon/x509/shape.h"
#include "tests/unit/daemon/x509/made.h"

static struct secret sealed_new(const struct x509_request_content *from)
{
	_cleanup_(secret_done) struct secret tbs = {0};
	_cleanup_(bytes_done) struct bytes signature = {0};
	struct secret sealed = {0};

	assert_int_equal(x509_build_request(from, &tbs), 0);
	signature = made_signature(span_of_secret(tbs), DIGEST_SHA256);
	assert_int_equal(
		x509_seal_request(span_of_secret(tbs), DIGEST_SHA256, span_of(signature), &sealed),
		0);
	return sealed;
}

/* Read by OpenSSL, its signature good, and written again the same: DER. */
static X509_REQ *openssl_reads(struct secret request)
{
	const uint8_t *at = request.data;
	X509_REQ *read = d2i_X509_REQ(NULL, &at, (long)request.size);
	uint8_t *again = NULL;
	int size;

	assert_non_null(read);
	assert_ptr_equal(at, request.data + request.size);
	assert_int_equal(X509_REQ_verify(read, X509_REQ_get0_pubkey(read)), 1);
	(void)i2d_re_X509_REQ_tbs(read, NULL);
	size = i2d_X509_REQ(read, &again);
	assert_int_equal(size, request.size);
	assert_memory_equal(again, request.data, request.size);
	OPENSSL_free(again);
	return read;
}

static void assert_challenge(X509_REQ *request, const char *challenge, int type)
{
	int place = X509_REQ_get_attr_by_NID(request, NID_pkcs9_challengePassword, -1);
	const ASN1_TYPE *value;

	if (!challenge) {
		assert_int_equal(place, -1);
		return;
	}
	value = X509_ATTRIBUTE_get0_type(X509_REQ_get_attr(request, place), 0);
	assert_int_equal(value->type, type);
	assert_true(made_is(
		SPAN(value->value.asn1_string->data, (size_t)value->value.asn1_string->length),
		challenge));
}

/* subjectAltName, then keyUsage */
#define EXTENSIONS                                                                                 \
	"3027 3015 0603551d11 040e 300c 820a 72312e6578616d706c65"                                 \
	"300e 0603551d0f 0101ff 0404 030205a0"

/* Those asked for, byte for byte. */
static void assert_extensions(X509_REQ *request, struct span wanted)
{
	STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(request);
	uint8_t *der = NULL;
	int size = wanted.size ? i2d_X509_EXTENSIONS(extensions, &der) : 0;

	assert_int_equal(sk_X509_EXTENSION_num(extensions) > 0, wanted.size > 0);
	assert_true(span_equal(SPAN(der, (size_t)size), wanted));
	OPENSSL_free(der);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

#define LONG_CHALLENGE                                                                             \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"                         \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"                         \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"                         \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_by_openssl(void **state)
{
	static const struct {
		const char *challenge;
		int type;
		bool extensions;
	} rows[] = {
		{NULL, 0, false},
		{NULL, 0, true},
		{"cisco", V_ASN1_PRINTABLESTRING, false},
		{"C0FFEE c'()+,-./:=?", V_ASN1_PRINTABLESTRING, true},
		{"p@ss_word*", V_ASN1_UTF8STRING, true},
		{"gr\xc3\xbc\xc3\x9f", V_ASN1_UTF8STRING, false},
		/* longer than the extensions: they come first */
		{LONG_CHALLENGE, V_ASN1_PRINTABLESTRING, true},
	};
	_cleanup_(bytes_done) struct bytes extensions = HEX(EXTENSIONS);
	_cleanup_(bytes_done) struct bytes spki = made_spki(made_key());
	_cleanup_(bytes_done) struct bytes name = made_name("hostname=r1.example,CN=r1,O=Cisco");

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct x509_request_content from = {
			.subject = span_of(name),
			.spki = span_of(spki),
			.challenge = span_of_text(rows[i].challenge),
			.extensions = rows[i].extensions ? span_of(extensions) : (struct span){0},
		};
		_cleanup_(secret_done) struct secret sealed = sealed_new(&from);
		X509_REQ *request = openssl_reads(sealed);

		assert_int_equal(X509_REQ_get_version(request), 0);
		assert_challenge(request, rows[i].challenge, rows[i].type);
		assert_extensions(request, from.extensions);
		X509_REQ_free(request);
	}
}

/* And by the reader of our server, whose shape is what a token goes by. */
static void test_by_ourselves(void **state)
{
	_cleanup_(bytes_done) struct bytes spki = made_spki(made_key());
	_cleanup_(bytes_done) struct bytes name = made_name("CN=r1");
	_cleanup_(bytes_done) struct bytes extensions = HEX(EXTENSIONS);
	const struct x509_request_content from = {
		.subject = span_of(name),
		.spki = span_of(spki),
		.challenge = SPAN_LITERAL("cisco"),
		.extensions = span_of(extensions),
	};
	_cleanup_(secret_done) struct secret sealed = sealed_new(&from);
	struct x509_request request;
	struct x509_shape shape;

	(void)state;
	assert_int_equal(x509_request_read(span_of_secret(sealed), &request), 0);
	assert_true(span_equal(request.subject, from.subject));
	assert_true(span_equal(request.key.spki, from.spki));
	assert_true(span_equal(request.challenge, from.challenge));
	assert_int_equal(request.extensions.n, 2);
	assert_int_equal(request.extensions.key_usage,
			 X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT);
	assert_int_equal(
		x509_verify(&request.key, request.digest, request.to_be_signed, request.signature),
		0);
	x509_shape_read(request.to_be_signed, &shape);
	assert_int_equal(shape.kind, X509_SHAPE_REQUEST);
}

static void test_values_that_are_none(void **state)
{
	_cleanup_(bytes_done) struct bytes spki = made_spki(made_key());
	_cleanup_(bytes_done) struct bytes name = made_name("CN=r1");
	struct x509_request_content rows[] = {
		{.subject = SPAN_LITERAL("r1")},
		{.spki = SPAN_LITERAL("x")},
		{.challenge = SPAN_LITERAL(LONG_CHALLENGE "x")},
		{.challenge = SPAN_LITERAL("gr\xfc\xdf")},
		{.challenge = SPAN_LITERAL("a\0b")},
		{.extensions = SPAN_LITERAL("\x30")},
		{.extensions = SPAN_LITERAL("\x30\x02\x05\x00")},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(secret_done) struct secret tbs = {0};

		if (!rows[i].subject.data)
			rows[i].subject = span_of(name);
		if (!rows[i].spki.data)
			rows[i].spki = span_of(spki);
		assert_int_equal(x509_build_request(&rows[i], &tbs), -EINVAL);
		assert_null(tbs.data);
	}
}

static struct x509_self_signed ordinary(struct span name, struct span spki)
{
	return (struct x509_self_signed){
		.serial = SPAN_LITERAL("\x05"),
		.name = name,
		.not_before_s = MADE_2015_S,
		.not_after_s = MADE_2019_S,
		.spki = spki,
		.key_usage = X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT,
		.digest = DIGEST_SHA256,
	};
}

static void test_self_signed(void **state)
{
	_cleanup_(bytes_done) struct bytes spki = made_spki(made_key());
	_cleanup_(bytes_done) struct bytes name = made_name("hostname=r1.example");
	const struct x509_self_signed from = ordinary(span_of(name), span_of(spki));
	_cleanup_(bytes_done) struct bytes tbs = {0};
	_cleanup_(bytes_done) struct bytes sealed = {0};
	struct x509_shape shape;
	const uint8_t *at;
	X509 *x;

	(void)state;
	assert_int_equal(x509_build_self_signed(&from, &tbs), 0);
	x509_shape_read(span_of(tbs), &shape);
	assert_int_equal(shape.kind, X509_SHAPE_CERTIFICATE);
	assert_int_equal(shape.version, 2);
	assert_true(shape.has_key_usage);
	assert_false(shape.ca || shape.key_cert_sign || shape.crl_sign ||
		     shape.unreadable_extensions);
	sealed = made_sealed(span_of(tbs), DIGEST_SHA256);
	at = sealed.data;
	x = d2i_X509(NULL, &at, (long)sealed.size);
	assert_non_null(x);
	assert_int_equal(X509_get_version(x), 2);
	assert_int_equal(ASN1_INTEGER_get(X509_get0_serialNumber(x)), 5);
	assert_int_equal(X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(x)), 0);
	assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT);
	assert_int_equal(X509_self_signed(x, 1), 1);
	assert_int_equal(X509_check_ca(x), 0);
	X509_free(x);
}

static void test_self_signed_values_that_are_none(void **state)
{
	_cleanup_(bytes_done) struct bytes spki = made_spki(made_key());
	_cleanup_(bytes_done) struct bytes name = made_name("CN=r1");
	struct x509_self_signed rows[5];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		rows[i] = ordinary(span_of(name), span_of(spki));
	rows[0].serial = (struct span){0};
	rows[1].name = SPAN_LITERAL("\x30\x00");
	rows[2].spki = SPAN_LITERAL("x");
	rows[3].key_usage = 0;
	rows[4].not_after_s = MADE_2015_S - 1;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes tbs = {0};

		assert_int_equal(x509_build_self_signed(&rows[i], &tbs), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_openssl),
		cmocka_unit_test(test_by_ourselves),
		cmocka_unit_test(test_values_that_are_none),
		cmocka_unit_test(test_self_signed),
		cmocka_unit_test(test_self_signed_values_that_are_none),
	};

	crypto_init();
	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
