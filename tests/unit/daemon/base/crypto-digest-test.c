/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "daemon/base/text.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct digest_row {
	enum digest digest;
	const char *name;
	const char *of_abc;
	enum oid oid;
	enum oid rsa_oid;
};

static const struct digest_row rows[] = {
	{DIGEST_MD5, "md5", "900150983cd24fb0d6963f7d28e17f72", OID_MD5, OID_MD5_WITH_RSA},
	{DIGEST_SHA1, "sha1", "a9993e364706816aba3e25717850c26c9cd0d89d", OID_SHA1,
	 OID_SHA1_WITH_RSA},
	{DIGEST_SHA256, "sha256",
	 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", OID_SHA256,
	 OID_SHA256_WITH_RSA},
	{DIGEST_SHA384, "sha384",
	 "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca1"
	 "34c825a7",
	 OID_SHA384, OID_SHA384_WITH_RSA},
	{DIGEST_SHA512, "sha512",
	 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23"
	 "a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	 OID_SHA512, OID_SHA512_WITH_RSA},
};

static void known_digests(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes wanted = {0};
		uint8_t digest[DIGEST_SIZE_MAX];
		size_t size;

		assert_int_equal(text_read_hex(span_of_text(rows[i].of_abc), &wanted), 0);
		size = digest_compute(rows[i].digest, SPAN_LITERAL("abc"), digest);
		assert_int_equal(size, wanted.size);
		assert_int_equal(size, digest_size(rows[i].digest));
		assert_memory_equal(digest, wanted.data, size);
	}
}

static void digest_of_nothing(void **state)
{
	uint8_t digest[SHA256_SIZE];

	(void)state;
	sha256((struct span){0}, digest);
	assert_memory_equal(digest, "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14", 8);
}

static void names_and_oids(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		assert_string_equal(digest_name(rows[i].digest), rows[i].name);
		assert_int_equal(digest_find(rows[i].name), rows[i].digest);
		assert_int_equal(digest_oid(rows[i].digest), rows[i].oid);
		assert_int_equal(digest_rsa_oid(rows[i].digest), rows[i].rsa_oid);
		assert_int_equal(digest_find_oid(rows[i].oid), rows[i].digest);
		assert_int_equal(digest_find_rsa_oid(rows[i].rsa_oid), rows[i].digest);
		assert_int_equal(digest_find_oid(rows[i].rsa_oid), DIGEST_NONE);
		assert_int_equal(digest_find_rsa_oid(rows[i].oid), DIGEST_NONE);
	}
	assert_int_equal(digest_find("sha3-256"), DIGEST_NONE);
	assert_int_equal(digest_find("none"), DIGEST_NONE);
	assert_int_equal(digest_find(NULL), DIGEST_NONE);
	assert_int_equal(digest_find_oid(OID_UNKNOWN), DIGEST_NONE);
	assert_int_equal(digest_find_rsa_oid(OID_UNKNOWN), DIGEST_NONE);
}

/* RFC 4231, test cases 1, 2 and 6. */
static void known_hmacs(void **state)
{
	uint8_t key[131];
	uint8_t mac[SHA256_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = 0x0b;
	hmac_sha256(SPAN(key, 20), SPAN_LITERAL("Hi There"), mac);
	assert_memory_equal(mac, "\xb0\x34\x4c\x61\xd8\xdb\x38\x53", 8);
	hmac_sha256(SPAN_LITERAL("Jefe"), SPAN_LITERAL("what do ya want for nothing?"), mac);
	assert_memory_equal(mac, "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e", 8);
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = 0xaa;
	hmac_sha256(SPAN(key, 131),
		    SPAN_LITERAL("Test Using Larger Than Block-Size Key - Hash Key First"), mac);
	assert_memory_equal(mac, "\x60\xe4\x31\x59\x1e\xe0\xb6\x7f", 8);
	hmac_sha256((struct span){0}, (struct span){0}, mac);
	assert_memory_equal(mac, "\xb6\x13\x67\x9a\x08\x14\xd9\xec", 8);
}

/* OpenSSL's decoder is the judge. */
static void digest_info_is_what_openssl_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint8_t info[DIGEST_SIZE_MAX + 32];
		uint8_t digest[DIGEST_SIZE_MAX];
		size_t size = digest_info(rows[i].digest, SPAN_LITERAL("abc"), info);
		size_t n = digest_compute(rows[i].digest, SPAN_LITERAL("abc"), digest);
		const uint8_t *at = info;
		X509_SIG *sig = d2i_X509_SIG(NULL, &at, (long)size);
		const ASN1_OCTET_STRING *content;
		const X509_ALGOR *algorithm;
		const ASN1_OBJECT *object;
		int parameters;

		assert_non_null(sig);
		assert_ptr_equal(at, info + size);
		X509_SIG_get0(sig, &algorithm, &content);
		X509_ALGOR_get0(&object, &parameters, NULL, algorithm);
		assert_int_equal(parameters, V_ASN1_NULL);
		assert_true(span_equal(SPAN(OBJ_get0_data(object), OBJ_length(object)),
				       oid_content(rows[i].oid)));
		assert_int_equal(ASN1_STRING_length(content), n);
		assert_memory_equal(ASN1_STRING_get0_data(content), digest, n);
		X509_SIG_free(sig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_digests),
		cmocka_unit_test(digest_of_nothing),
		cmocka_unit_test(names_and_oids),
		cmocka_unit_test(known_hmacs),
		cmocka_unit_test(digest_info_is_what_openssl_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
