/* SPDX-License-Identifier: Apache-2.0 */
/* GetCACaps as clients compare it, letter by letter, and as servers tell it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/scep/client.h"
#include <string.h>

static void assert_capabilities(struct scep_allowance allowance, const char *wanted)
{
	_cleanup_(buffer_done) struct buffer out = {0};

	scep_append_capabilities(&out, &allowance);
	assert_int_equal(out.error, 0);
	assert_int_equal(out.size, strlen(wanted));
	assert_memory_equal(out.data, wanted, out.size);
}

static void test_capabilities_follow_policy(void **state)
{
	(void)state;
	assert_capabilities((struct scep_allowance){.sha1 = true, .des_ede3 = true},
			    "AES\nDES3\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-1\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
	assert_capabilities((struct scep_allowance){0},
			    "AES\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-256\nSHA-384\n"
			    "SHA-512\nSCEPStandard\n");
	assert_capabilities((struct scep_allowance){.sha1 = true},
			    "AES\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-1\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
	assert_capabilities((struct scep_allowance){.des_ede3 = true},
			    "AES\nDES3\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
}

/* RFC 8894 §2.9: MD5 and DES are let in, never announced. */
static void test_legacy_is_not_announced(void **state)
{
	(void)state;
	assert_capabilities((struct scep_allowance){true, true, true, true},
			    "AES\nDES3\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-1\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
}

#define STANDARD_BITS (SCEP_CAN_STANDARD | SCEP_CAN_AES | SCEP_CAN_POST | SCEP_CAN_SHA256)

/* What servers tell, and what is then asked in where SHA-256 is wished. */
static void test_what_servers_tell(void **state)
{
	static const struct {
		const char *text;
		unsigned bits;
		enum cipher cipher;
		enum digest digest;
	} rows[] = {
		/* a router that is a CA: all in one line */
		{"GetNextCACert Renewal SHA2 hashes", SCEP_CAN_NEXT_CA | SCEP_CAN_RENEWAL,
		 CIPHER_DES_EDE3_CBC, DIGEST_SHA1},
		{"GetNextCACert\nRenewal\nSHA-1\nSHA-256\n",
		 SCEP_CAN_NEXT_CA | SCEP_CAN_RENEWAL | SCEP_CAN_SHA1 | SCEP_CAN_SHA256,
		 CIPHER_DES_EDE3_CBC, DIGEST_SHA256},
		/* NDES */
		{"POSTPKIOperation\r\nRenewal\r\nSHA-512\r\nSHA-256\r\nSHA-1\r\nDES3\r\n",
		 SCEP_CAN_POST | SCEP_CAN_RENEWAL | SCEP_CAN_SHA512 | SCEP_CAN_SHA256 |
			 SCEP_CAN_SHA1 | SCEP_CAN_DES3,
		 CIPHER_DES_EDE3_CBC, DIGEST_SHA256},
		/* micromdm, step-ca */
		{"Renewal\nSHA-1\nSHA-256\nAES\nDES3\nSCEPStandard\nPOSTPKIOperation",
		 STANDARD_BITS | SCEP_CAN_RENEWAL | SCEP_CAN_SHA1 | SCEP_CAN_DES3,
		 CIPHER_AES256_CBC, DIGEST_SHA256},
		/* OpenXPKI */
		{"GetNextCACert\nPOSTPKIOperation\nSHA-1\nSHA-256\nSHA-512\nAES\nDES3\n",
		 SCEP_CAN_NEXT_CA | SCEP_CAN_POST | SCEP_CAN_SHA1 | SCEP_CAN_SHA256 |
			 SCEP_CAN_SHA512 | SCEP_CAN_AES | SCEP_CAN_DES3,
		 CIPHER_AES256_CBC, DIGEST_SHA256},
		{"SCEPStandard", STANDARD_BITS, CIPHER_AES256_CBC, DIGEST_SHA256},
		{"scepstandard\r\n\r\n", STANDARD_BITS, CIPHER_AES256_CBC, DIGEST_SHA256},
		{"  aes \n\tPostPkiOperation\r", SCEP_CAN_AES | SCEP_CAN_POST, CIPHER_AES256_CBC,
		 DIGEST_SHA1},
		{"MD5\nDES\nAES256\nSHA-25\nSHA-2566\n", 0, CIPHER_DES_EDE3_CBC, DIGEST_SHA1},
		{"", 0, CIPHER_DES_EDE3_CBC, DIGEST_SHA1},
		{" \r\n", 0, CIPHER_DES_EDE3_CBC, DIGEST_SHA1},
		{"<html><body>\nAES\nSHA-256\n</body></html>", 0, CIPHER_DES_EDE3_CBC, DIGEST_SHA1},
		{"\n <!DOCTYPE html>\nAES", 0, CIPHER_DES_EDE3_CBC, DIGEST_SHA1},
		{"Not Found: AES Renewal", 0, CIPHER_DES_EDE3_CBC, DIGEST_SHA1},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		unsigned bits = scep_capabilities_read(span_of_text(rows[i].text));
		struct scep_algorithms chosen = scep_capabilities_choose(bits, DIGEST_SHA256);

		assert_int_equal(bits, rows[i].bits);
		assert_int_equal(chosen.cipher, rows[i].cipher);
		assert_int_equal(chosen.digest, rows[i].digest);
	}
	assert_int_equal(scep_capabilities_read((struct span){0}), 0);
	assert_int_equal(scep_capabilities_read(SPAN_LITERAL("AES\0DES3\nSHA-1")), SCEP_CAN_SHA1);
}

/* Up to what is wished; past it only where nothing below was told. */
static void test_digest_by_wish(void **state)
{
	const unsigned sha1 = SCEP_CAN_SHA1, sha256 = SCEP_CAN_SHA256, sha384 = SCEP_CAN_SHA384,
		       sha512 = SCEP_CAN_SHA512;
	const struct {
		unsigned told;
		enum digest wished, chosen;
	} rows[] = {
		{0, DIGEST_SHA512, DIGEST_SHA1},
		{sha1, DIGEST_SHA512, DIGEST_SHA1},
		{sha1 | sha256, DIGEST_SHA512, DIGEST_SHA256},
		{sha1 | sha256, DIGEST_SHA1, DIGEST_SHA1},
		{sha1 | sha256, DIGEST_MD5, DIGEST_SHA1},
		{sha256, DIGEST_SHA1, DIGEST_SHA256},
		{sha256 | sha512, DIGEST_MD5, DIGEST_SHA256},
		{sha256 | sha512, DIGEST_SHA384, DIGEST_SHA256},
		{sha256 | sha384 | sha512, DIGEST_SHA384, DIGEST_SHA384},
		{sha256 | sha384 | sha512, DIGEST_SHA512, DIGEST_SHA512},
		{sha512, DIGEST_SHA256, DIGEST_SHA512},
		{sha384 | sha512, DIGEST_SHA256, DIGEST_SHA384},
		{sha1 | sha512, DIGEST_SHA256, DIGEST_SHA1},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(scep_capabilities_choose(rows[i].told, rows[i].wished).digest,
				 rows[i].chosen);
}

/* What our own server tells its client reads, word by word. */
static void test_names(void **state)
{
	unsigned all = 0;

	(void)state;
	for (unsigned bit = SCEP_CAN_AES; bit < SCEP_CAN_STANDARD; bit <<= 1) {
		const char *name = scep_capability_name((enum scep_capability)bit);

		assert_int_equal(scep_capabilities_read(span_of_text(name)), bit);
		all |= bit;
	}
	assert_string_equal(scep_capability_name(SCEP_CAN_STANDARD), "SCEPStandard");
	for (int strict = 0; strict < 2; strict++) {
		const struct scep_allowance allowance = {.sha1 = !strict, .des_ede3 = !strict};
		_cleanup_(buffer_done) struct buffer out = {0};
		unsigned missing = strict ? SCEP_CAN_SHA1 | SCEP_CAN_DES3 : 0;

		scep_append_capabilities(&out, &allowance);
		assert_int_equal(scep_capabilities_read(span_of_buffer(&out)),
				 (all | SCEP_CAN_STANDARD) & ~missing);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capabilities_follow_policy),
		cmocka_unit_test(test_legacy_is_not_announced),
		cmocka_unit_test(test_what_servers_tell),
		cmocka_unit_test(test_digest_by_wish),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
