/* SPDX-License-Identifier: Apache-2.0 */
/* Files that OpenSSL wrote are read, files that we write OpenSSL reads. */
#include "daemon/base/crypto.h"
#include "daemon/base/text.h"
#include "token/key-file.h"
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PASSPHRASE "cisco123"

static EVP_PKEY *pair, *other;

static int make_pairs(void **state)
{
	(void)state;
	crypto_init();
	secret_allow_unlocked();
	pair = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	other = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	return pair && other ? 0 : -1;
}

static int free_pairs(void **state)
{
	(void)state;
	EVP_PKEY_free(pair);
	EVP_PKEY_free(other);
	return 0;
}

static X509 *certificate_of(EVP_PKEY *key)
{
	X509 *certificate = X509_new();

	assert_int_equal(X509_set_version(certificate, 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), 1);
	assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
						    MBSTRING_ASC, (const unsigned char *)"mycs", -1,
						    -1, 0),
			 1);
	assert_int_equal(X509_set_issuer_name(certificate, X509_get_subject_name(certificate)), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 86400));
	assert_int_equal(X509_set_pubkey(certificate, key), 1);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	return certificate;
}

static char *take_text(BIO *bio)
{
	char *data, *text = NULL;
	long size = BIO_get_mem_data(bio, &data);

	assert_int_equal(span_to_text(SPAN(data, (size_t)size), &text), 0);
	BIO_free(bio);
	return text;
}

static char *traditional(const EVP_CIPHER *cipher)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_PrivateKey_traditional(bio, pair, cipher, NULL, 0, NULL,
							      (void *)PASSPHRASE),
			 1);
	return take_text(bio);
}

static char *pkcs8(void)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, pair, EVP_aes_256_cbc(), NULL, 0, NULL,
						       (void *)PASSPHRASE),
			 1);
	return take_text(bio);
}

static int read_text(const char *text, const char *passphrase)
{
	_cleanup_(key_file_done) struct key_file file = {0};

	return key_file_read(span_of_text(text), span_of_text(passphrase), &file);
}

static void assert_is(const struct key_file *file, EVP_PKEY *key)
{
	uint8_t number[512];
	BIGNUM *prime = NULL;
	int size;

	assert_int_equal(EVP_PKEY_get_bn_param(key, "rsa-factor1", &prime), 1);
	size = BN_bn2bin(prime, number);
	BN_free(prime);
	assert_true(span_equal(file->key.parts.prime_1, SPAN(number, (size_t)size)));
}

static void assert_reads(const char *text)
{
	_cleanup_(key_file_done) struct key_file file = {0};

	assert_int_equal(key_file_read(span_of_text(text), SPAN_LITERAL(PASSPHRASE), &file), 0);
	assert_is(&file, pair);
}

/* By chance a wrong key leaves a right padding: what is in it is then no key. */
static void assert_not_opened(const char *text)
{
	int outcome = read_text(text, "cisco124");

	assert_true(outcome == KEY_FILE_NOT_OPENED || outcome == KEY_FILE_NO_RSA);
}

static void every_cipher_of_the_older_form_is_read(void **state)
{
	const EVP_CIPHER *ciphers[] = {EVP_des_ede3_cbc(), EVP_aes_128_cbc(), EVP_aes_192_cbc(),
				       EVP_aes_256_cbc()};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(ciphers); i++) {
		_cleanup_(freep) char *text = traditional(ciphers[i]);

		assert_reads(text);
		assert_not_opened(text);
	}
}

static char *replace(const char *text, const char *from, const char *to)
{
	_cleanup_(buffer_done) struct buffer out = {0};
	const char *at = strstr(text, from);
	char *copy = NULL;

	assert_non_null(at);
	buffer_append(&out, SPAN(text, (size_t)(at - text)));
	buffer_append_text(&out, to);
	buffer_append_text(&out, at + strlen(from));
	assert_int_equal(buffer_take_text(&out, &copy), 0);
	return copy;
}

/* As routers print it, and as mail and terminals change it. */
static void headers_may_have_blanks(void **state)
{
	static const char *const changes[][2] = {
		{"Proc-Type: 4,ENCRYPTED", "Proc-Type: 4, ENCRYPTED"},
		{"DEK-Info: DES-EDE3-CBC,", "DEK-Info: DES-EDE3-CBC, "},
		{"DEK-Info: ", "DEK-Info:"},
		{"ENCRYPTED\n", "ENCRYPTED\r\n"},
		{"-----BEGIN", "! Paste the key\n  -----BEGIN"},
	};
	_cleanup_(freep) char *text = traditional(EVP_des_ede3_cbc());

	(void)state;
	for (size_t i = 0; i < ELEMENTS(changes); i++) {
		_cleanup_(freep) char *changed = replace(text, changes[i][0], changes[i][1]);

		assert_reads(changed);
	}
}

static void what_is_wrong_is_told(void **state)
{
	_cleanup_(freep) char *text = traditional(EVP_des_ede3_cbc());
	static const struct {
		const char *from, *to;
		int outcome;
	} rows[] = {
		{"DES-EDE3-CBC", "RC4-MD5-CBC", KEY_FILE_UNKNOWN_CIPHER},
		{"DEK-Info: DES-EDE3-CBC,", "DEK-Info: DES-EDE3-CBC,XY", KEY_FILE_DAMAGED},
		{"4,ENCRYPTED", "4,CLEAR", KEY_FILE_CLEAR},
		{"-----END", "=====END", KEY_FILE_NO_KEY},
		{"\n\n", "\n\n*", KEY_FILE_DAMAGED},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(freep) char *changed = replace(text, rows[i].from, rows[i].to);

		assert_int_equal(read_text(changed, PASSPHRASE), rows[i].outcome);
		assert_non_null(key_file_advice((enum key_file_outcome)rows[i].outcome));
	}
	assert_int_equal(read_text("", PASSPHRASE), KEY_FILE_NO_KEY);
	assert_int_equal(read_text("0", PASSPHRASE), KEY_FILE_DAMAGED);
}

static void the_newer_form_is_read(void **state)
{
	_cleanup_(freep) char *text = pkcs8();

	(void)state;
	assert_reads(text);
	assert_not_opened(text);
}

static struct bytes archive(EVP_PKEY *key, X509 *certificate, int certificate_cipher)
{
	PKCS12 *made =
		PKCS12_create(PASSPHRASE, "mycs", key, certificate, NULL,
			      NID_pbe_WithSHA1And3_Key_TripleDES_CBC, certificate_cipher, 0, 0, 0);
	struct bytes copy = {0};
	unsigned char *der = NULL;
	int size;

	assert_non_null(made);
	size = i2d_PKCS12(made, &der);
	assert_true(size > 0);
	assert_int_equal(bytes_copy(SPAN(der, (size_t)size), &copy), 0);
	OPENSSL_free(der);
	PKCS12_free(made);
	return copy;
}

static void an_archive_is_read(void **state)
{
	X509 *certificate = certificate_of(pair);
	_cleanup_(bytes_done) struct bytes made =
		archive(pair, certificate, NID_pbe_WithSHA1And3_Key_TripleDES_CBC);
	_cleanup_(key_file_done) struct key_file file = {0}, none = {0};
	unsigned char *der = NULL;
	int size = i2d_X509(certificate, &der);

	(void)state;
	assert_int_equal(key_file_read(span_of(made), SPAN_LITERAL(PASSPHRASE), &file), 0);
	assert_is(&file, pair);
	assert_true(span_equal(span_of(file.certificate), SPAN(der, (size_t)size)));
	assert_int_equal(key_file_read(span_of(made), SPAN_LITERAL("wrong"), &none),
			 KEY_FILE_NOT_OPENED);
	made.data[made.size / 2] ^= 1;
	assert_int_not_equal(key_file_read(span_of(made), SPAN_LITERAL(PASSPHRASE), &none), 0);
	OPENSSL_free(der);
	X509_free(certificate);
}

static void what_belongs_to_another_key_is_refused(void **state)
{
	X509 *certificate = certificate_of(other);
	_cleanup_(freep) char *key = traditional(EVP_des_ede3_cbc()), *both = NULL, *with = NULL;
	BIO *bio = BIO_new(BIO_s_mem()), *public = BIO_new(BIO_s_mem());

	(void)state;
	assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
	BIO_puts(bio, key);
	both = take_text(bio);
	assert_int_equal(read_text(both, PASSPHRASE), KEY_FILE_OTHER_CERTIFICATE);
	assert_int_equal(PEM_write_bio_PUBKEY(public, other), 1);
	BIO_puts(public, key);
	with = take_text(public);
	assert_int_equal(read_text(with, PASSPHRASE), KEY_FILE_OTHER_CERTIFICATE);
	X509_free(certificate);
}

static X509 *certificate_with_comment(size_t size)
{
	X509 *certificate = certificate_of(pair);
	char *comment = calloc(1, size + 1);
	X509_EXTENSION *extension;

	assert_non_null(comment);
	memset(comment, 'x', size);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_netscape_comment, comment);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	assert_true(X509_sign(certificate, pair, EVP_sha256()) > 0);
	X509_EXTENSION_free(extension);
	free(comment);
	return certificate;
}

/* What goes back to who asked has its limit. */
static void a_large_certificate_is_refused(void **state)
{
	static const struct {
		size_t comment_bytes;
		int outcome;
	} rows[] = {{7000, 0}, {8192, KEY_FILE_CERTIFICATE_LARGE}};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		X509 *certificate = certificate_with_comment(rows[i].comment_bytes);
		_cleanup_(bytes_done) struct bytes made =
			archive(pair, certificate, NID_pbe_WithSHA1And3_Key_TripleDES_CBC);
		_cleanup_(freep) char *key = traditional(EVP_des_ede3_cbc()), *both = NULL;
		_cleanup_(key_file_done) struct key_file file = {0};
		BIO *bio = BIO_new(BIO_s_mem());

		assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
		BIO_puts(bio, key);
		both = take_text(bio);
		assert_int_equal(read_text(both, PASSPHRASE), rows[i].outcome);
		assert_int_equal(key_file_read(span_of(made), SPAN_LITERAL(PASSPHRASE), &file),
				 rows[i].outcome);
		X509_free(certificate);
	}
}

/* A key of ours, as it comes from a token. */
static struct rsa_secret secret_of(EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	struct secret der = {0};
	struct rsa_secret made = {0};
	unsigned char *at;
	int size = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);

	assert_int_equal(secret_new((size_t)size, &der), 0);
	at = der.data;
	assert_int_equal(i2d_PKCS8_PRIV_KEY_INFO(info, &at), size);
	PKCS8_PRIV_KEY_INFO_free(info);
	assert_int_equal(rsa_secret_read(&der, &made), 0);
	assert_int_equal(rsa_secret_check(&made), 0);
	return made;
}

static struct bytes write_as(enum key_form form, struct span certificate)
{
	_cleanup_(rsa_secret_done) struct rsa_secret key = secret_of(pair);
	struct key_file_order order = {.form = form,
				       .key = &key,
				       .certificate = certificate,
				       .name = "mycs",
				       .passphrase = SPAN_LITERAL(PASSPHRASE)};
	struct bytes written = {0};

	assert_int_equal(key_file_write(&order, &written), 0);
	return written;
}

static void assert_openssl_reads(BIO *bio)
{
	EVP_PKEY *read = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)PASSPHRASE);

	assert_non_null(read);
	assert_int_equal(EVP_PKEY_eq(read, pair), 1);
	EVP_PKEY_free(read);
	BIO_free(bio);
}

static void openssl_reads_what_is_written(void **state)
{
	static const enum key_form written[] = {KEY_FORM_PEM_AES, KEY_FORM_PEM_3DES};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(written); i++) {
		_cleanup_(bytes_done) struct bytes text = write_as(written[i], (struct span){0});
		_cleanup_(key_file_done) struct key_file file = {0};

		assert_openssl_reads(BIO_new_mem_buf(text.data, (int)text.size));
		assert_int_equal(key_file_read(span_of(text), SPAN_LITERAL(PASSPHRASE), &file), 0);
		assert_is(&file, pair);
	}
}

/* OpenSSL without its legacy provider has no DES: read again by ourselves. */
static void des_is_written(void **state)
{
	_cleanup_(bytes_done) struct bytes text = write_as(KEY_FORM_PEM_DES, (struct span){0});
	_cleanup_(key_file_done) struct key_file file = {0};

	(void)state;
	assert_non_null(memmem(text.data, text.size, "DEK-Info: DES-CBC,", 18));
	assert_int_equal(key_file_read(span_of(text), SPAN_LITERAL(PASSPHRASE), &file), 0);
	assert_is(&file, pair);
}

static void openssl_reads_the_archives(void **state)
{
	X509 *certificate = certificate_of(pair), *read = NULL;
	unsigned char *der = NULL;
	int size = i2d_X509(certificate, &der);
	_cleanup_(bytes_done) struct bytes p12 =
		write_as(KEY_FORM_ARCHIVE_PKCS12, SPAN(der, (size_t)size));
	_cleanup_(bytes_done) struct bytes pem =
		write_as(KEY_FORM_ARCHIVE_PEM, SPAN(der, (size_t)size));
	const unsigned char *at = p12.data;
	PKCS12 *whole = d2i_PKCS12(NULL, &at, (long)p12.size);
	EVP_PKEY *key = NULL;
	BIO *bio;

	(void)state;
	assert_int_equal(PKCS12_parse(whole, PASSPHRASE, &key, &read, NULL), 1);
	assert_int_equal(EVP_PKEY_eq(key, pair), 1);
	assert_int_equal(X509_cmp(read, certificate), 0);
	X509_free(read);
	bio = BIO_new_mem_buf(pem.data, (int)pem.size);
	read = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	assert_int_equal(X509_cmp(read, certificate), 0);
	assert_openssl_reads(bio);
	EVP_PKEY_free(key);
	PKCS12_free(whole);
	X509_free(read);
	X509_free(certificate);
	OPENSSL_free(der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cipher_of_the_older_form_is_read),
		cmocka_unit_test(headers_may_have_blanks),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(the_newer_form_is_read),
		cmocka_unit_test(an_archive_is_read),
		cmocka_unit_test(what_belongs_to_another_key_is_refused),
		cmocka_unit_test(a_large_certificate_is_refused),
		cmocka_unit_test(openssl_reads_what_is_written),
		cmocka_unit_test(des_is_written),
		cmocka_unit_test(openssl_reads_the_archives),
	};

	return cmocka_run_group_tests(tests, make_pairs, free_pairs);
}
