/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/x509/made.h"

#define NAME	   "300c 310a 3008 0603550403 1301 61"
#define SPKI	   "301a 300d 06092a864886f70d010101 0500 0309 00 3006 0201 23 0201 03"
#define SHA256_RSA "300d 06092a864886f70d01010b 0500"
#define CHALLENGE  "06092a864886f70d010907"
#define EXTENSIONS "06092a864886f70d01090e"
#define MICROSOFT  "060a2b060104018237020d03" /* OS version */

static struct bytes sealed_by_hand(const char *info, const char *algorithm)
{
	_cleanup_(bytes_done) struct bytes inner = HEX(info);
	_cleanup_(bytes_done) struct bytes outer = HEX(algorithm);
	struct der_writer w = {0};
	struct bytes der = {0};

	der_begin(&w, DER_SEQUENCE);
	der_begin(&w, DER_SEQUENCE);
	der_put_raw(&w, span_of(inner));
	der_end(&w);
	der_put_raw(&w, span_of(outer));
	der_put_bits(&w, SPAN_LITERAL("\x01\x02"));
	der_end(&w);
	assert_int_equal(der_finish(&w, &der), 0);
	return der;
}

static int read_by_hand(const char *info, struct x509_request *ret, struct bytes *ret_der)
{
	*ret_der = sealed_by_hand(info, SHA256_RSA);
	return x509_request_read(span_of(*ret_der), ret);
}

static void without_attributes(void **state)
{
	static const char *const rows[] = {
		"0201 00" NAME SPKI "a000",
		"0201 00" NAME SPKI, /* not in the letter of RFC 2986 */
		"0201 00 3000" SPKI "a000",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes der = {0};
		struct x509_request r;

		assert_int_equal(read_by_hand(rows[i], &r, &der), 0);
		assert_int_equal(r.extensions.n, 0);
		assert_int_equal(r.extensions.path_length, -1);
		assert_false(r.has_challenge);
		assert_int_equal(r.challenge.size, 0);
		assert_int_equal(r.digest, DIGEST_SHA256);
		assert_true(span_equal(r.signature, SPAN_LITERAL("\x01\x02")));
		assert_true(span_equal(r.whole, span_of(der)));
	}
}

/* Challenges of each type of string that clients use; the characters as they came. */
static void challenges(void **state)
{
	static const struct {
		const char *value, *characters;
		size_t size;
	} rows[] = {
		{"1303 616263", "abc", 3},
		{"0c03 616263", "abc", 3},
		{"1603 616263", "abc", 3},
		{"1403 6162fc", "ab\xfc", 3},
		{"1e04 00610062", "\0a\0b", 4},
		{"1303 000102", "\0\x01\x02", 3}, /* whatever it is, policy compares it */
		{"1300", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes value = HEX(rows[i].value);
		_cleanup_(freep) char *info = NULL;
		_cleanup_(bytes_done) struct bytes der = {0};
		struct x509_request r;

		assert_true(asprintf(&info,
				     "0201 00" NAME SPKI "a0%02zx 30%02zx" CHALLENGE "31%02zx %s",
				     value.size + 15, value.size + 13, value.size,
				     rows[i].value) > 0);
		assert_int_equal(read_by_hand(info, &r, &der), 0);
		assert_int_equal(r.has_challenge, rows[i].size > 0);
		assert_true(span_equal(r.challenge, SPAN(rows[i].characters, rows[i].size)));
	}
}

static void unknown_attributes(void **state)
{
	_cleanup_(bytes_done) struct bytes der = {0};
	struct x509_request r;

	(void)state;
	assert_int_equal(read_by_hand("0201 00" NAME SPKI "a01b"
				      "3010" MICROSOFT "3102 1600"
				      "3007 0603 2a0304 3100",
				      &r, &der),
			 0);
	assert_int_equal(r.extensions.n, 0);
	assert_false(r.has_challenge);
}

/* Each is DER, but no request. */
static const char *const refused[] = {
	/* version, subject, key */
	"0201 01" NAME SPKI "a000",
	"0201 ff" NAME SPKI "a000",
	"0200" NAME SPKI "a000",
	NAME SPKI "a000",
	"0201 00 3002 3000" SPKI "a000",
	"0201 00" NAME "3000 a000",
	"0201 00" NAME SPKI "a100",
	"0201 00" NAME SPKI "a000 a000",
	"0201 00" NAME SPKI "3100",
	/* attributes: not SEQUENCEs, too little in them, too much */
	"0201 00" NAME SPKI "a002 0500",
	"0201 00" NAME SPKI "a002 3000",
	"0201 00" NAME SPKI "a00d 300b" CHALLENGE,
	"0201 00" NAME SPKI "a00f 300d" CHALLENGE "3000",
	"0201 00" NAME SPKI "a011 300f" CHALLENGE "3100 3100",
	"0201 00" NAME SPKI "a008 3006 0602 2a83 3100",
	/* challenge: no value, two, not a string, twice */
	"0201 00" NAME SPKI "a00f 300d" CHALLENGE "3100",
	"0201 00" NAME SPKI "a015 3013" CHALLENGE "3106 130161 130161",
	"0201 00" NAME SPKI "a012 3010" CHALLENGE "3103 0401 61",
	"0201 00" NAME SPKI "a012 3010" CHALLENGE "3103 0201 61",
	"0201 00" NAME SPKI "a024 3010" CHALLENGE "3103 130161 3010" CHALLENGE "3103 130161",
	/* extensionRequest: no value, two, not Extensions, twice, an extension repeated */
	"0201 00" NAME SPKI "a00f 300d" EXTENSIONS "3100",
	"0201 00" NAME SPKI "a013 3011" EXTENSIONS "3104 3000 3000",
	"0201 00" NAME SPKI "a011 300f" EXTENSIONS "3102 3100",
	"0201 00" NAME SPKI "a022 300f" EXTENSIONS "3102 3000 300f" EXTENSIONS "3102 3000",
	"0201 00" NAME SPKI "a021 301f" EXTENSIONS
	"3112 3010 3006 0602 2a03 0400 3006 0602 2a03 0400",
	/* an unknown one twice; with values of which DER says how they are */
	"0201 00" NAME SPKI "a00b 3009 0602 2a03 3103 0101 01",
	"0201 00" NAME SPKI "a00c 300a 0602 2a03 3104 0202 0001",
	"0201 00" NAME SPKI "a00a 3008 0602 2a03 3102 0200",
	"0201 00" NAME SPKI "a00b 3009 0602 2a03 3103 0301 08",
	"0201 00" NAME SPKI "a00b 3009 0602 2a03 3103 0501 00",
	"0201 00" NAME SPKI "a00a 3008 0602 2a03 3102 0600",
	"0201 00" NAME SPKI "a00c 300a 0602 2a03 3104 0a02 0001",
	"0201 00" NAME SPKI "a00b 3009 0602 2a03 3103 0c01 ff",
	"0201 00" NAME SPKI "a00b 3009 0602 2a03 3103 1e01 61",
	"0201 00" NAME SPKI "a00b 3009 0602 2a03 3103 1c01 61",
	"0201 00" NAME SPKI "a00a 3008 0602 2a03 3102 2800",
	"0201 00" NAME SPKI "a00a 3008 0602 2a03 3102 2b00",
	"0201 00" NAME SPKI "a00a 3008 0602 2a03 3102 3d00",
	"0201 00" NAME SPKI "a010 3006 0602 2a03 3100 3006 0602 2a03 3100",
};

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

static void what_is_no_request(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(refused); i++) {
		_cleanup_(bytes_done) struct bytes der = {0};
		struct x509_request r = {.digest = DIGEST_MD5};

		if (read_by_hand(refused[i], &r, &der) != -EBADMSG || !is_der(span_of(der)))
			fail_msg("%s", refused[i]);
		assert_int_equal(r.digest, DIGEST_MD5);
	}
}

static struct bytes with_challenge_of(size_t size)
{
	struct der_writer w = {0};
	struct bytes der = {0};
	uint8_t letters[300];

	memset(letters, 'x', sizeof(letters));
	der_begin(&w, DER_CONTEXT_CONSTRUCTED(0));
	der_begin(&w, DER_SEQUENCE);
	der_put_oid(&w, OID_CHALLENGE_PASSWORD);
	der_begin(&w, DER_SET);
	der_put(&w, DER_UTF8_STRING, SPAN(letters, size));
	der_end(&w);
	der_end(&w);
	der_end(&w);
	assert_int_equal(der_finish(&w, &der), 0);
	return der;
}

static struct bytes with_attributes(size_t n)
{
	struct der_writer w = {0};
	struct bytes der = {0};

	der_begin(&w, DER_CONTEXT_CONSTRUCTED(0));
	for (size_t i = 0; i < n; i++) {
		der_begin(&w, DER_SEQUENCE);
		der_put(&w, DER_OID, SPAN(((uint8_t[]){0x2a, (uint8_t)i}), 2));
		der_put(&w, DER_SET, SPAN_LITERAL(""));
		der_end(&w);
	}
	der_end(&w);
	assert_int_equal(der_finish(&w, &der), 0);
	return der;
}

static int read_with(struct bytes attributes)
{
	_cleanup_(bytes_done) struct bytes taken = attributes;
	_cleanup_(bytes_done) struct bytes front = HEX("0201 00" NAME SPKI);
	_cleanup_(bytes_done) struct bytes algorithm = HEX(SHA256_RSA);
	_cleanup_(bytes_done) struct bytes der = {0};
	struct der_writer w = {0};
	struct x509_request r;

	der_begin(&w, DER_SEQUENCE);
	der_begin(&w, DER_SEQUENCE);
	der_put_raw(&w, span_of(front));
	der_put_raw(&w, span_of(taken));
	der_end(&w);
	der_put_raw(&w, span_of(algorithm));
	der_put_bits(&w, SPAN_LITERAL("\x01"));
	der_end(&w);
	assert_int_equal(der_finish(&w, &der), 0);
	return x509_request_read(span_of(der), &r);
}

static void bounds(void **state)
{
	(void)state;
	assert_int_equal(read_with(with_challenge_of(256)), 0);
	assert_int_equal(read_with(with_challenge_of(257)), -EBADMSG);
	assert_int_equal(read_with(with_attributes(32)), 0);
	assert_int_equal(read_with(with_attributes(33)), -EBADMSG);
}

/* What routers send, by OpenSSL. */
static X509_REQ *made_by_openssl(int challenge_type, const char *digest)
{
	X509_REQ *request = X509_REQ_new();
	X509_NAME *name = X509_REQ_get_subject_name(request);
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();

	X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_UTF8, (const uint8_t *)"routers", -1, -1,
				   0);
	X509_NAME_add_entry_by_txt(name, "serialNumber", MBSTRING_ASC, (const uint8_t *)"9ABC", -1,
				   -1, 0);
	X509_NAME_add_entry_by_txt(name, "unstructuredName", MBSTRING_ASC,
				   (const uint8_t *)"r1.example", -1, -1, -1);
	X509_REQ_set_pubkey(request, made_key());
	if (challenge_type) {
		X509_REQ_add1_attr_by_NID(request, NID_pkcs9_challengePassword, challenge_type,
					  (const uint8_t *)"cisco", 5);
		sk_X509_EXTENSION_push(extensions,
				       X509V3_EXT_nconf(NULL, NULL, "keyUsage",
							"digitalSignature,keyEncipherment"));
		sk_X509_EXTENSION_push(extensions, X509V3_EXT_nconf(NULL, NULL, "subjectAltName",
								    "DNS:r1.example"));
		X509_REQ_add_extensions(request, extensions);
	}
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	assert_true(X509_REQ_sign(request, made_key(), EVP_get_digestbyname(digest)) > 0);
	return request;
}

static void assert_as_openssl_reads(int challenge_type, const char *digest)
{
	X509_REQ *theirs = made_by_openssl(challenge_type, digest);
	_cleanup_(bytes_done) struct bytes der = MADE_DER(i2d_X509_REQ, theirs);
	_cleanup_(bytes_done) struct bytes subject =
		MADE_DER(i2d_X509_NAME, X509_REQ_get_subject_name(theirs));
	_cleanup_(bytes_done) struct bytes spki = made_spki(made_key());
	struct x509_request ours;

	assert_int_equal(x509_request_read(span_of(der), &ours), 0);
	assert_true(span_equal(ours.subject, span_of(subject)));
	assert_true(span_equal(ours.key.spki, span_of(spki)));
	assert_string_equal(digest_name(ours.digest), digest);
	assert_int_equal(x509_verify(&ours.key, ours.digest, ours.to_be_signed, ours.signature), 0);
	assert_int_equal(ours.has_challenge, challenge_type != 0);
	if (challenge_type) {
		assert_true(made_is(ours.challenge, "cisco"));
		assert_int_equal(ours.extensions.n, 2);
		assert_int_equal(ours.extensions.key_usage,
				 X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT);
		assert_non_null(x509_extension_find(&ours.extensions, OID_SUBJECT_ALT_NAME));
	}
	X509_REQ_free(theirs);
}

static void as_openssl_reads(void **state)
{
	(void)state;
	assert_as_openssl_reads(V_ASN1_PRINTABLESTRING, "sha256");
	assert_as_openssl_reads(V_ASN1_UTF8STRING, "sha1");
	assert_as_openssl_reads(V_ASN1_IA5STRING, "sha384");
	assert_as_openssl_reads(V_ASN1_T61STRING, "md5");
	assert_as_openssl_reads(0, "sha512");
}

/* A router's request for its CA's rollover: the part before its signature. */
static void known_request(void **state)
{
	_cleanup_(bytes_done) struct bytes info = made_vector("rollover.request-info.der");
	_cleanup_(bytes_done) struct bytes der = made_sealed(span_of(info), DIGEST_MD5);
	_cleanup_(bytes_done) struct bytes name = made_name("CN=NewRoot");
	struct x509_request r;

	(void)state;
	assert_int_equal(x509_request_read(span_of(der), &r), 0);
	assert_true(span_equal(r.to_be_signed, span_of(info)));
	assert_true(span_equal(r.subject, span_of(name)));
	assert_int_equal(r.key.modulus.size, 128);
	assert_false(r.has_challenge);
	assert_int_equal(r.extensions.n, 0);
	assert_int_equal(r.digest, DIGEST_MD5);
	/* not by the key inside */
	assert_int_equal(x509_verify(&r.key, r.digest, r.to_be_signed, r.signature), -EBADMSG);
}

static size_t accepted;

static void read_mutated(struct span mutated)
{
	struct x509_request r;

	if (x509_request_read(mutated, &r) < 0)
		return;
	accepted++;
	assert_true(MADE_OPENSSL_READS(d2i_X509_REQ, X509_REQ_free, mutated));
	assert_true(made_lies_in(r.to_be_signed, mutated) && made_lies_in(r.subject, mutated) &&
		    made_lies_in(r.key.key_bits, mutated) && made_lies_in(r.challenge, mutated) &&
		    made_lies_in(r.signature, mutated));
}

static void mutated(void **state)
{
	X509_REQ *theirs = made_by_openssl(V_ASN1_PRINTABLESTRING, "sha256");
	_cleanup_(bytes_done) struct bytes der = MADE_DER(i2d_X509_REQ, theirs);
	_cleanup_(bytes_done) struct bytes longer = made_longer(span_of(der), SPAN_LITERAL("\0"));
	struct x509_request r;

	(void)state;
	assert_int_equal(x509_request_read(span_of(longer), &r), -EBADMSG);
	made_mutate(span_of(der), read_mutated);
	assert_true(accepted > 4000 && accepted < 6000);
	X509_REQ_free(theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_attributes),
		cmocka_unit_test(challenges),
		cmocka_unit_test(unknown_attributes),
		cmocka_unit_test(what_is_no_request),
		cmocka_unit_test(bounds),
		cmocka_unit_test(as_openssl_reads),
		cmocka_unit_test(known_request),
		cmocka_unit_test(mutated),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
