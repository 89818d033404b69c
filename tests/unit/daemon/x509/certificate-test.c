/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/certificate.h"
#include "tests/unit/daemon/x509/made.h"

#define ROOT_NAME                                                                                  \
	"302f310e300c060355040a1305436973636f310c300a060355040b13035441433"                        \
	"10f300d06035504031306526f6f744341"

static const struct root_row {
	const char *file, *spki, *identifier;
	uint8_t serial;
	int64_t not_before_s, not_after_s;
} roots[] = {
	{"root-active.der", "root-active.spki.der", "8d421abed6dcadb8cfe4b41b2c7e41c73428ac9a", 1,
	 MADE_2015_S, MADE_2017_S},
	{"root-rollover.der", "root-rollover.spki.der", "19fca4dde84233f79c066f93ccf6b3e14f835531",
	 3, MADE_2017_S, MADE_2019_S},
};

static void assert_root_extensions(const struct x509_certificate *c, struct span identifier)
{
	static const struct {
		enum oid oid;
		bool critical;
	} order[] = {
		{OID_BASIC_CONSTRAINTS, true},
		{OID_KEY_USAGE, true},
		{OID_AUTHORITY_KEY_IDENTIFIER, false},
		{OID_SUBJECT_KEY_IDENTIFIER, false},
	};
	const struct x509_extensions *extensions = &c->extensions;

	assert_int_equal(extensions->n, ELEMENTS(order));
	for (size_t i = 0; i < ELEMENTS(order); i++) {
		assert_int_equal(extensions->items[i].oid, order[i].oid);
		assert_int_equal(extensions->items[i].critical, order[i].critical);
		assert_ptr_equal(x509_extension_find(extensions, order[i].oid),
				 &extensions->items[i]);
	}
	assert_true(extensions->has_basic_constraints);
	assert_true(extensions->ca);
	assert_int_equal(extensions->path_length, -1);
	assert_true(extensions->has_key_usage);
	assert_int_equal(extensions->key_usage,
			 X509_DIGITAL_SIGNATURE | X509_KEY_CERT_SIGN | X509_CRL_SIGN);
	assert_true(span_equal(span_slice(extensions->items[2].value, 4, SIZE_MAX), identifier));
	assert_true(span_equal(span_slice(extensions->items[3].value, 2, SIZE_MAX), identifier));
	assert_null(x509_extension_find(extensions, OID_SUBJECT_ALT_NAME));
}

static void assert_root(const struct root_row *row)
{
	_cleanup_(bytes_done) struct bytes der = made_vector(row->file);
	_cleanup_(bytes_done) struct bytes spki = made_vector(row->spki);
	_cleanup_(bytes_done) struct bytes name = HEX(ROOT_NAME);
	_cleanup_(bytes_done) struct bytes identifier = HEX(row->identifier);
	uint8_t sha1[20];
	struct x509_certificate c;

	assert_int_equal(x509_certificate_read(span_of(der), &c), 0);
	assert_true(span_equal(c.whole, span_of(der)));
	assert_int_equal(c.version, 2);
	assert_true(span_equal(c.serial, SPAN(&row->serial, 1)));
	assert_true(span_equal(c.issuer, span_of(name)));
	assert_true(span_equal(c.subject, span_of(name)));
	assert_int_equal(c.not_before_s, row->not_before_s);
	assert_int_equal(c.not_after_s, row->not_after_s);
	assert_true(span_equal(c.key.spki, span_of(spki)));
	assert_int_equal(c.key.kind, X509_KEY_RSA);
	assert_int_equal(c.key.modulus.size, 128);
	assert_true(span_equal(c.key.exponent, SPAN_LITERAL("\x01\x00\x01")));
	assert_int_equal(c.digest, DIGEST_MD5);
	assert_int_equal(c.signature.size, 128);
	x509_key_identifier(&c.key, sha1);
	assert_true(span_equal(SPAN_ARRAY(sha1), span_of(identifier)));
	assert_root_extensions(&c, span_of(identifier));
	assert_int_equal(x509_verify(&c.key, c.digest, c.to_be_signed, c.signature), 0);
	assert_int_equal(x509_verify(&c.key, DIGEST_SHA1, c.to_be_signed, c.signature), -EBADMSG);
}

static void known_roots(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(roots); i++)
		assert_root(&roots[i]);
}

/* A certificate by OpenSSL's hands: what to vary. */
struct theirs {
	long version;
	const char *serial_hex;
	const char *not_before, *not_after; /* GeneralizedTime; OpenSSL picks the type */
	const char *digest;
	const char *extensions[4]; /* "name=value", as in openssl.cnf */
	bool multi_valued;
};

static void put_extensions(X509 *x, const struct theirs *row)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&ctx);
	for (size_t i = 0; i < ELEMENTS(row->extensions) && row->extensions[i]; i++) {
		_cleanup_(freep) char *name = strdup(row->extensions[i]);
		char *value = strchr(name, '=');
		X509_EXTENSION *extension;

		*value++ = 0;
		extension = X509V3_EXT_nconf(NULL, &ctx, name, value);
		if (!extension)
			fail_msg("OpenSSL makes no %s", row->extensions[i]);
		assert_int_equal(X509_add_ext(x, extension, -1), 1);
		X509_EXTENSION_free(extension);
	}
}

static X509_NAME *their_name(bool multi_valued)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_UTF8, (const uint8_t *)"M\xc3\xbcnchen", -1,
				   -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"r1", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "unstructuredName", MBSTRING_ASC,
				   (const uint8_t *)"r1.example", -1, -1, multi_valued ? -1 : 0);
	return name;
}

static X509 *made_by_openssl(const struct theirs *row)
{
	X509 *x = X509_new();
	X509_NAME *name = their_name(row->multi_valued);
	BIGNUM *serial = NULL;

	X509_set_version(x, row->version);
	BN_hex2bn(&serial, row->serial_hex);
	BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x));
	ASN1_TIME_set_string_X509(X509_getm_notBefore(x), row->not_before);
	ASN1_TIME_set_string_X509(X509_getm_notAfter(x), row->not_after);
	X509_set_subject_name(x, name);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, made_key());
	put_extensions(x, row);
	assert_true(X509_sign(x, made_key(), EVP_get_digestbyname(row->digest)) > 0);
	BN_free(serial);
	X509_NAME_free(name);
	return x;
}

static int64_t their_time(const ASN1_TIME *time)
{
	struct tm tm;

	assert_int_equal(ASN1_TIME_to_tm(time, &tm), 1);
	return timegm(&tm);
}

static void assert_extensions_alike(const struct x509_extensions *ours, X509 *theirs)
{
	assert_int_equal(ours->n, X509_get_ext_count(theirs));
	for (size_t i = 0; i < ours->n; i++) {
		X509_EXTENSION *extension = X509_get_ext(theirs, (int)i);
		const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
		_cleanup_(bytes_done) struct bytes whole = MADE_DER(i2d_X509_EXTENSION, extension);

		assert_int_equal(ours->items[i].critical, X509_EXTENSION_get_critical(extension));
		assert_true(
			span_equal(ours->items[i].value, SPAN(value->data, (size_t)value->length)));
		assert_true(span_equal(ours->items[i].whole, span_of(whole)));
	}
	assert_int_equal(ours->ca, !!(X509_get_extension_flags(theirs) & EXFLAG_CA));
	assert_int_equal(ours->path_length, X509_get_pathlen(theirs));
}

static void assert_alike(const struct x509_certificate *ours, X509 *theirs)
{
	_cleanup_(bytes_done) struct bytes subject =
		MADE_DER(i2d_X509_NAME, X509_get_subject_name(theirs));
	_cleanup_(bytes_done) struct bytes issuer =
		MADE_DER(i2d_X509_NAME, X509_get_issuer_name(theirs));
	_cleanup_(bytes_done) struct bytes spki = made_spki(X509_get0_pubkey(theirs));
	_cleanup_(bytes_done) struct bytes tbs = MADE_DER(i2d_re_X509_tbs, theirs);
	const ASN1_INTEGER *serial = X509_get0_serialNumber(theirs);

	assert_int_equal(ours->version, X509_get_version(theirs));
	assert_true(span_equal(ours->serial, SPAN(serial->data, (size_t)serial->length)));
	assert_true(span_equal(ours->subject, span_of(subject)));
	assert_true(span_equal(ours->issuer, span_of(issuer)));
	assert_true(span_equal(ours->key.spki, span_of(spki)));
	assert_true(span_equal(ours->to_be_signed, span_of(tbs)));
	assert_int_equal(ours->not_before_s, their_time(X509_get0_notBefore(theirs)));
	assert_int_equal(ours->not_after_s, their_time(X509_get0_notAfter(theirs)));
	assert_extensions_alike(&ours->extensions, theirs);
}

#define SERIAL_32 "E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0"

static const struct theirs by_openssl[] = {
	{2,
	 "1",
	 "20240101000000Z",
	 "20250101000000Z",
	 "sha256",
	 {"basicConstraints=critical,CA:TRUE,pathlen:3",
	  "keyUsage=critical,keyCertSign,decipherOnly", "subjectKeyIdentifier=hash"},
	 false},
	{2,
	 "0",
	 "20491231235959Z",
	 "20500101000000Z",
	 "sha1",
	 {"basicConstraints=CA:FALSE", "extendedKeyUsage=serverAuth",
	  "subjectAltName=DNS:r1.example,IP:10.1.1.1"},
	 true},
	{2, SERIAL_32, "19700101000000Z", "99991231235959Z", "sha512", {NULL}, false},
	{0, SERIAL_32, "19500101000000Z", "21240101000000Z", "sha384", {NULL}, true},
	{2,
	 "80",
	 "20240229120000Z",
	 "20250101000000Z",
	 "md5",
	 {"keyUsage=digitalSignature,keyEncipherment", "1.2.3.4=DER:0500",
	  "crlDistributionPoints=URI:http://x/y", "certificatePolicies=DER:3006300406022a03"},
	 true},
};

static void as_openssl_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(by_openssl); i++) {
		X509 *theirs = made_by_openssl(&by_openssl[i]);
		_cleanup_(bytes_done) struct bytes der = MADE_DER(i2d_X509, theirs);
		struct x509_certificate ours;

		assert_int_equal(x509_certificate_read(span_of(der), &ours), 0);
		assert_alike(&ours, theirs);
		assert_string_equal(digest_name(ours.digest), by_openssl[i].digest);
		assert_int_equal(
			x509_verify(&ours.key, ours.digest, ours.to_be_signed, ours.signature), 0);
		der.data[der.size - 1] ^= 1;
		assert_int_equal(
			x509_verify(&ours.key, ours.digest, ours.to_be_signed, ours.signature),
			-EBADMSG);
		X509_free(theirs);
	}
}

/* Signers whose key or signature we can't use still read: the refusal is policy's, and exact. */
static void other_keys_and_signatures(void **state)
{
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	X509 *x = made_by_openssl(&by_openssl[0]);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pss;
	struct x509_certificate c;

	(void)state;
	X509_set_pubkey(x, ec);
	assert_true(X509_sign(x, ec, EVP_sha256()) > 0);
	{
		_cleanup_(bytes_done) struct bytes der = MADE_DER(i2d_X509, x);

		assert_int_equal(x509_certificate_read(span_of(der), &c), 0);
		assert_int_equal(c.key.kind, X509_KEY_EC);
		assert_int_equal(c.digest, DIGEST_NONE);
		assert_int_equal(x509_verify(&c.key, DIGEST_SHA256, c.to_be_signed, c.signature),
				 -EKEYREJECTED);
	}
	X509_set_pubkey(x, made_key());
	assert_int_equal(EVP_DigestSignInit(ctx, &pss, EVP_sha256(), NULL, made_key()), 1);
	EVP_PKEY_CTX_set_rsa_padding(pss, RSA_PKCS1_PSS_PADDING);
	assert_true(X509_sign_ctx(x, ctx) > 0);
	{
		_cleanup_(bytes_done) struct bytes der = MADE_DER(i2d_X509, x);

		assert_int_equal(x509_certificate_read(span_of(der), &c), 0);
		assert_int_equal(c.key.kind, X509_KEY_RSA);
		assert_int_equal(c.digest, DIGEST_NONE);
		assert_int_equal(x509_verify(&c.key, c.digest, c.to_be_signed, c.signature),
				 -EBADMSG);
	}
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(ec);
	X509_free(x);
}

/* A certificate by hand, field for field; NULL takes the ordinary one. */
struct by_hand {
	const char *version, *serial, *algorithm, *issuer, *validity, *subject, *spki, *rest;
	const char *outer_algorithm, *signature;
	int expected;
};

#define SHA256_RSA "300d 06092a864886f70d01010b 0500"
#define VALIDITY   "301e 170d 3135313030393132313431365a 170d 3137313030383132313431365a"
#define SPKI	   "3019 300d 06092a864886f70d010101 0500 0308 00 3005 0201 23 0200"
#define SPKI_GOOD  "301a 300d 06092a864886f70d010101 0500 0309 00 3006 0201 23 0201 03"
#define NAME	   "300c 310a 3008 0603550403 1301 61"
#define NONE	   ""

static struct span put_hex(struct der_writer *w, const char *hex, const char *otherwise)
{
	_cleanup_(bytes_done) struct bytes bytes = HEX(hex ? hex : otherwise);

	der_put_raw(w, span_of(bytes));
	return (struct span){0};
}

static struct bytes made_by_hand(const struct by_hand *row)
{
	struct der_writer w = {0};
	struct bytes der = {0};

	der_begin(&w, DER_SEQUENCE);
	der_begin(&w, DER_SEQUENCE);
	put_hex(&w, row->version, "a003 0201 02");
	put_hex(&w, row->serial, "0201 05");
	put_hex(&w, row->algorithm, SHA256_RSA);
	put_hex(&w, row->issuer, NAME);
	put_hex(&w, row->validity, VALIDITY);
	put_hex(&w, row->subject, NAME);
	put_hex(&w, row->spki, SPKI_GOOD);
	put_hex(&w, row->rest, NONE);
	der_end(&w);
	put_hex(&w, row->outer_algorithm, row->algorithm ? row->algorithm : SHA256_RSA);
	put_hex(&w, row->signature, "0303 00 0102");
	der_end(&w);
	assert_int_equal(der_finish(&w, &der), 0);
	return der;
}

static const struct by_hand by_hand[] = {
	{.expected = 0},
	/* version */
	{.version = NONE, .expected = 0},
	{.version = "a003 0201 00", .expected = 0},
	{.version = "a003 0201 01", .expected = 0},
	{.version = "a003 0201 03", .expected = -EBADMSG},
	{.version = "a003 0201 ff", .expected = -EBADMSG},
	{.version = "a004 0202 0002", .expected = -EBADMSG},
	{.version = "a006 0201 02 0201 02", .expected = -EBADMSG},
	{.version = "8001 02", .expected = -EBADMSG},
	{.version = "0201 02", .expected = -EBADMSG},
	/* serial */
	{.serial = "0200", .expected = -EBADMSG},
	{.serial = "0201 ff", .expected = -EBADMSG},
	{.serial = "0202 0001", .expected = -EBADMSG},
	/* algorithm: the same inside and outside; parameters NULL, absent, or another algorithm's
	 */
	{.algorithm = "300b 06092a864886f70d01010b", .expected = 0},
	{.algorithm = "3006 0602 2a03 3000", .expected = 0},
	{.algorithm = "3000", .expected = -EBADMSG},
	{.algorithm = "3004 0602 2a83", .expected = -EBADMSG},
	{.algorithm = "300e 06092a864886f70d01010b 0501 00", .expected = -EBADMSG},
	{.algorithm = "300f 06092a864886f70d01010b 0500 0500", .expected = -EBADMSG},
	{.outer_algorithm = "300b 06092a864886f70d01010b", .expected = -EBADMSG},
	{.outer_algorithm = "300d 06092a864886f70d010105 0500", .expected = -EBADMSG},
	/* names */
	{.issuer = "3000", .expected = 0},
	{.issuer = "3002 3100", .expected = -EBADMSG},
	{.subject = "3000", .expected = 0},
	{.subject = "300c 310a 3008 0603550403 1301 00", .expected = -EBADMSG},
	{.subject = "3100", .expected = -EBADMSG},
	/* validity */
	{.validity = "3020 180f 32303135313030393132313431365a 170d 3137313030383132313431365a",
	 .expected = 0},
	{.validity = "300f 170d 3135313030393132313431365a", .expected = -EBADMSG},
	{.validity = "301c 170b 313531303039313231345a 170d 3137313030383132313431365a",
	 .expected = -EBADMSG},
	{.validity = "301e 170d 3135313330393132313431365a 170d 3137313030383132313431365a",
	 .expected = -EBADMSG},
	/* key */
	{.spki = SPKI, .expected = -EBADMSG},
	{.spki = "3018 300b 06092a864886f70d010101 0309 00 3006 0201 23 0201 03", .expected = 0},
	{.spki = "301a 300d 06092a864886f70d010101 3000 0309 00 3006 0201 23 0201 03",
	 .expected = -EBADMSG},
	{.spki = "301a 300d 06092a864886f70d010101 0500 0309 00 3006 0201 a3 0201 03",
	 .expected = -EBADMSG},
	{.spki = "301b 300d 06092a864886f70d010101 0500 030a 00 3006 0201 23 0201 03 00",
	 .expected = -EBADMSG},
	{.spki = "301a 300d 06092a864886f70d010101 0500 0309 01 3006 0201 23 0201 02",
	 .expected = -EBADMSG},
	{.spki = "300e 3009 0607 2a8648ce3d0201 0301 00", .expected = 0},
	/* what follows the key */
	{.rest = "8102 00ff 8203 00abcd", .expected = 0},
	{.rest = "8203 00abcd 8102 00ff", .expected = -EBADMSG},
	{.rest = "8101 08", .expected = -EBADMSG},
	{.version = NONE, .rest = "8102 00ff", .expected = -EBADMSG},
	{.version = "a003 0201 01", .rest = "8102 00ff", .expected = 0},
	{.rest = "a302 3000", .expected = 0},
	{.version = NONE, .rest = "a302 3000", .expected = -EBADMSG},
	{.version = "a003 0201 01", .rest = "a302 3000", .expected = -EBADMSG},
	{.rest = "a300", .expected = -EBADMSG},
	{.rest = "a304 3000 3000", .expected = -EBADMSG},
	{.rest = "a302 3100", .expected = -EBADMSG},
	{.rest = "a302 3000 a302 3000", .expected = -EBADMSG},
	{.rest = "a402 3000", .expected = -EBADMSG},
	{.rest = "a30b 3009 3007 0603551d13 0400", .expected = -EBADMSG},
	/* signature */
	{.signature = "0303 01 0102", .expected = -EBADMSG},
	{.signature = "0300", .expected = -EBADMSG},
	{.signature = "0301 00", .expected = 0},
	{.signature = "0402 0102", .expected = -EBADMSG},
	{.signature = "0303 00 0102 0500", .expected = -EBADMSG},
};

static void field_for_field(void **state)
{
	struct x509_certificate untouched = {.version = 77};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(by_hand); i++) {
		_cleanup_(bytes_done) struct bytes der = made_by_hand(&by_hand[i]);
		struct x509_certificate c;

		memcpy(&c, &untouched, sizeof(c)); /* what lies between its fields too */
		if (x509_certificate_read(span_of(der), &c) != by_hand[i].expected)
			fail_msg("row %zu", i);
		if (by_hand[i].expected == 0)
			assert_true(MADE_OPENSSL_READS(d2i_X509, X509_free, der));
		else
			assert_memory_equal(&c, &untouched, sizeof(c));
	}
}

static void nothing_behind(void **state)
{
	_cleanup_(bytes_done) struct bytes der = made_vector("root-active.der");
	_cleanup_(bytes_done) struct bytes zero = made_longer(span_of(der), SPAN_LITERAL("\0"));
	_cleanup_(bytes_done) struct bytes twice = made_longer(span_of(der), span_of(der));
	struct x509_certificate c;

	(void)state;
	assert_int_equal(x509_certificate_read(span_of(zero), &c), -EBADMSG);
	assert_int_equal(x509_certificate_read(span_of(twice), &c), -EBADMSG);
	assert_int_equal(x509_certificate_read(SPAN_LITERAL(""), &c), -EBADMSG);
}

static size_t accepted;

static void read_mutated(struct span mutated)
{
	struct x509_certificate c;

	if (x509_certificate_read(mutated, &c) < 0)
		return;
	accepted++;
	assert_true(MADE_OPENSSL_READS(d2i_X509, X509_free, mutated));
	assert_true(made_lies_in(c.to_be_signed, mutated) && made_lies_in(c.serial, mutated) &&
		    made_lies_in(c.issuer, mutated) && made_lies_in(c.subject, mutated) &&
		    made_lies_in(c.key.key_bits, mutated) && made_lies_in(c.signature, mutated));
	assert_true(c.extensions.n <= X509_EXTENSIONS_MAX);
}

static void mutated(void **state)
{
	_cleanup_(bytes_done) struct bytes der = made_vector("root-active.der");

	(void)state;
	made_mutate(span_of(der), read_mutated);
	/* the bits of signature, modulus and names are anyone's */
	assert_true(accepted > 2000 && accepted < 4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_roots),
		cmocka_unit_test(as_openssl_reads),
		cmocka_unit_test(other_keys_and_signatures),
		cmocka_unit_test(field_for_field),
		cmocka_unit_test(nothing_behind),
		cmocka_unit_test(mutated),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
