/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/import.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* As the rollover guide prints it. */
static const char guide[] = "crypto pki server ROOTCA\n"
			    " database level complete\n"
			    " database archive pkcs12 password 7 01100F175804575D72\n"
			    " issuer-name CN=RootCA,OU=TAC,O=Cisco\n"
			    " grant auto\n"
			    " lifetime certificate 365\n"
			    " lifetime ca-certificate 730\n"
			    " database url ftp://10.1.1.1/DB/ROOTCA/\n"
			    " auto-rollover 90\n";
static const char guide_made[] = "[Server ROOTCA]\n"
				 "Token=usb\n"
				 "DatabaseLevel=complete\n"
				 "Archive=pkcs12\n"
				 "IssuerName=CN=RootCA,OU=TAC,O=Cisco\n"
				 "Grant=auto\n"
				 "CertificateLifetime=365d\n"
				 "CACertificateLifetime=730d\n"
				 "Store=ftp://10.1.1.1/DB/ROOTCA/\n"
				 "AutoRollover=90d\n"
				 "SerialNumbers=sequential\n"
				 "ArchivePassword=/etc/claviger/ROOTCA.archive-password\n";

static char *made_of(const struct import *import)
{
	static const struct import_style style = {"usb", "/etc/claviger", true};
	_cleanup_(buffer_done) struct buffer text = {};
	_cleanup_(freep) unsigned *lines = NULL;
	size_t n, breaks = 0;
	char *made;

	assert_int_equal(import_write(import, &style, &text, &lines, &n), 0);
	for (size_t i = 0; i < text.size; i++)
		breaks += text.data[i] == '\n';
	assert_int_equal(n, breaks);
	assert_int_equal(buffer_take_text(&text, &made), 0);
	return made;
}

static void test_guide(void **state)
{
	_cleanup_(import_done) struct import import = {};
	_cleanup_(freep) char *made = NULL;

	(void)state;
	assert_int_equal(import_read(span_of_text(guide), &import), 0);
	assert_int_equal(import.n_left, 0);
	assert_int_equal(import.sections[0].n_secrets, 1);
	assert_memory_equal(import.sections[0].secrets[0].secret.data, "cisco123", 8);
	made = made_of(&import);
	assert_string_equal(made, guide_made);
	assert_null(strstr(made, "cisco123"));
}

static void test_lines_map(void **state)
{
	static const struct import_style style = {NULL, "/etc/claviger", false};
	_cleanup_(import_done) struct import import = {};
	_cleanup_(buffer_done) struct buffer text = {};
	_cleanup_(freep) unsigned *lines = NULL;
	size_t n;

	(void)state;
	assert_int_equal(import_read(span_of_text(guide), &import), 0);
	assert_int_equal(import_write(&import, &style, &text, &lines, &n), 0);
	assert_int_equal(lines[0], 0); /* [Server ROOTCA] */
	assert_int_equal(lines[2], 2); /* DatabaseLevel= */
	assert_int_equal(lines[9], 9); /* AutoRollover= */
}

static const struct {
	const char *lines;
	const char *made; /* between Token= and SerialNumbers= */
	size_t left;
	const char *why; /* of the last one */
} rows[] = {
	/* clang-format off */
	{" lifetime crl 24\n lifetime crl 48\n", "CRLLifetime=48h\n", 0},
	{" lifetime crl 24\n no lifetime crl\n", "", 0},
	{" database url crl publish ftp://a/\n database url crl publish ftp://b/\n", "Publish.crl=ftp://a/\nPublish.crl=ftp://b/\n", 0},
	{" grant auto rollover ca-cert\n grant auto rollover ra-cert\n", "GrantRollover=ca-cert\nGrantRollover=ra-cert\n", 0},
	{" database url crt publish http://a/ username u\n database url cnm publish http://b/ username u\n", "Publish.crt=http://a/\nStoreUser=u\nPublish.cnm=http://b/\n", 0},
	{" database url crt publish http://a/ username u\n database url cnm publish http://b/ username v\n", "Publish.crt=http://a/\nStoreUser=u\nPublish.cnm=http://b/\n", 1, "one StoreUser="},
	{" lifetime crl 99999999\n", "", 1, "CRLLifetime="},
	{" cdp-url ldap://x\n", "", 1, "CDP="},
	{" database url flash:\n", "", 1, "Store="},
	{" hash md5\n", "", 1, "weak"},
	{" redundancy\n", "", 1, "no such line"},
	{" database archive pem password 7 99\n", "Archive=pem\n", 1, "type 7"},
	{" shutdown\n", "", 0},
	{"!\n ! a comment\n", "", 0},
	{"crypto pki certificate chain X\n certificate ca rollover 03\n  3082\n  quit\n certificate rollover ca 0A\n  3082\n  quit\n", "", 0},
	{"crypto pki server B/../x\n grant auto\n", "", 2, "its block was not turned"},
	/* clang-format on */
};

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(import_done) struct import import = {};
		_cleanup_(freep) char *made = NULL;
		char text[512], wanted[512];

		snprintf(text, sizeof(text), "crypto pki server A\n%s", rows[i].lines);
		snprintf(wanted, sizeof(wanted),
			 "[Server A]\nToken=usb\n%sSerialNumbers=sequential\n", rows[i].made);
		assert_int_equal(import_read(span_of_text(text), &import), 0);
		made = made_of(&import);
		assert_string_equal(made, wanted);
		assert_int_equal(import.n_left, rows[i].left);
		if (rows[i].why)
			assert_non_null(strstr(import.left[import.n_left - 1].why, rows[i].why));
	}
}

static void test_passwords_stay_hidden(void **state)
{
	_cleanup_(import_done) struct import import = {};

	(void)state;
	assert_int_equal(
		import_read(SPAN_LITERAL("crypto pki trustpoint T\n password 7 Rev0\n"), &import),
		0);
	assert_int_equal(import.n_left, 1);
	assert_string_equal(import.left[0].text, "password …");
	assert_int_equal(import.sections[0].n_secrets, 0);
}

static const struct {
	const char *text;
	const char *made;
	size_t left;
	const char *why; /* of the last one */
} trustpoints[] = {
	/* clang-format off */
	{"crypto pki trustpoint Root-CA\n enrollment url http://172.16.1.1:80\n password 7 01100F175804575D72\n auto-enroll 80 regenerate\n rsakeypair k 2048 2048\n on usbtoken0:\n",
	 "[Trustpoint Root-CA]\nEnrollmentURL=http://172.16.1.1:80\nAutoEnroll=80\nRegenerate=yes\nKey=k\nKeySize=2048\nUsageKeys=yes\nToken=usbtoken0\nPassword=/etc/claviger/Root-CA.challenge-password\n", 0},
	{"crypto ca trustpoint v6\n enrollment url http://[2001:DB8:1:1::1]:80\n enrollment retry count 5\n enrollment retry period 2\n fqdn r.example.com\n ip-address none\n serial-number none\n",
	 "[Trustpoint v6]\nToken=usb\nEnrollmentURL=http://[2001:DB8:1:1::1]:80\nRetryCount=5\nRetryPeriod=2m\nFQDN=r.example.com\nIPAddress=none\nSerialNumber=none\n", 0},
	{"crypto pki trustpoint t\n enrollment terminal pem\n revocation-check none\n usage ike\n",
	 "[Trustpoint t]\nToken=usb\nEnrollmentURL=terminal\nRevocationCheck=none\n", 0},
	{"crypto pki trustpoint t\n fingerprint 01234567 89abcdef 01234567 89ABCDEF\n subject-name CN=a b, O=c\n",
	 "[Trustpoint t]\nToken=usb\nFingerprint=01234567 89abcdef 01234567 89ABCDEF\nSubjectName=CN=a b, O=c\n", 0},
	{"crypto pki trustpoint t\n ip-address Ethernet0/0\n", "[Trustpoint t]\nToken=usb\n", 1, "must be an address, as 192.0.2.1"},
	{"crypto pki trustpoint t\n auto-enroll 9\n", "[Trustpoint t]\nToken=usb\n", 1, "AutoEnroll=9: must be 10…100"},
	{"crypto pki trustpoint t\n rsakeypair t 1024\n", "[Trustpoint t]\nToken=usb\nKey=t\n", 1, "KeySize=1024: must be 2048…4096"},
	{"crypto pki trustpoint t\n rsakeypair t 2048 4096\n", "[Trustpoint t]\nToken=usb\n", 1, "both pairs are of one size"},
	{"crypto pki trustpoint t\n enrollment url http://2001:DB8::1:80\n", "[Trustpoint t]\nToken=usb\n", 1, "brackets"},
	{"crypto pki trustpoint t\n hash md5\n", "[Trustpoint t]\nToken=usb\n", 1, "weak"},
	{"crypto pki trustpoint t\n revocation-check crl none\n", "[Trustpoint t]\nToken=usb\n", 1, "say crl or none"},
	{"crypto pki trustpoint t\n vrf x\n", "[Trustpoint t]\nToken=usb\n", 1, "no such line of a trustpoint"},
	{"crypto pki trustpoint t\n auto-enroll 90\n no auto-enroll\n", "[Trustpoint t]\nToken=usb\n", 0},
	{"crypto pki trustpoint TP-self-signed-1\n enrollment selfsigned\n subject-name cn=IOS\n rsakeypair TP-self-signed-1\n", "", 1, "signed with its own key"},
	/* Beside its server a trustpoint says which key that has, or nothing. */
	{"crypto pki server A\n!\ncrypto pki trustpoint A\n rsakeypair ms2\n", "[Server A]\nToken=usb\nSerialNumbers=sequential\n\n[Trustpoint A]\nKey=ms2\n", 0},
	{"crypto pki server A\n!\ncrypto pki trustpoint A\n!\n", "[Server A]\nToken=usb\nSerialNumbers=sequential\n", 0},
	/* Below another CA, and in front of one: as the documents print them. */
	{"crypto pki trustpoint sub\n enrollment url http://192.0.2.6\n hash sha384\n rsa keypair ms2 2048\n revocation-check crl\n!\n"
	 "crypto pki server sub\n issuer-name CN=sub CA, O=Cisco, C=us\n mode sub-cs\n auto-rollover 90\n grant auto rollover ca-cert\n hash sha384\n",
	 "[Trustpoint sub]\nEnrollmentURL=http://192.0.2.6\nHash=sha384\nKey=ms2\nKeySize=2048\nRevocationCheck=crl\n\n"
	 "[Server sub]\nToken=usb\nIssuerName=CN=sub CA, O=Cisco, C=us\nMode=subordinate\nAutoRollover=90d\nGrantRollover=ca-cert\nHash=sha384\nSerialNumbers=sequential\n", 0},
	{"crypto pki trustpoint myra\n enrollment mode ra url http://myca\n subject-name cn=myra, ou=ioscs RA, o=company, c=us\n rsakeypair myra\n on usbtoken0:\n"
	 "crypto pki server myra\n mode ra\n auto-rollover\n grant auto rollover ra-cert\n",
	 "[Trustpoint myra]\nEnrollmentURL=http://myca\nSubjectName=cn=myra, ou=ioscs RA, o=company, c=us\nKey=myra\nToken=usbtoken0\n\n"
	 "[Server myra]\nToken=usb\nMode=ra\nAutoRollover=30d\nGrantRollover=ra-cert\n", 0},
	{"crypto pki trustpoint t\n enrollment url http://ca\ncrypto pki server t\n mode ra transparent\n",
	 "[Trustpoint t]\nEnrollmentURL=http://ca\n\n[Server t]\nMode=ra-transparent\n"
	 "; nobody can decide by hand on what is passed on unread: auto lets all of it through\nGrant=none\n", 0},
	{"crypto pki trustpoint t\n enrollment url http://ca\ncrypto pki server t\n mode ra transparent\n grant auto\n",
	 "[Trustpoint t]\nEnrollmentURL=http://ca\n\n[Server t]\nMode=ra-transparent\nGrant=auto\n", 0},
	/* clang-format on */
};

static void each_trustpoint(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(trustpoints); i++) {
		_cleanup_(import_done) struct import import = {};
		_cleanup_(freep) char *made = NULL;

		assert_int_equal(import_read(span_of_text(trustpoints[i].text), &import),
				 *trustpoints[i].made ? 0 : IMPORT_NOTHING);
		made = made_of(&import);
		assert_string_equal(made ? made : "", trustpoints[i].made);
		assert_int_equal(import.n_left, trustpoints[i].left);
		if (trustpoints[i].why &&
		    !strstr(import.left[import.n_left - 1].why, trustpoints[i].why))
			fail_msg("%s", import.left[import.n_left - 1].why);
	}
}

static void test_shut_and_two(void **state)
{
	_cleanup_(import_done) struct import import = {};

	(void)state;
	assert_int_equal(import_read(SPAN_LITERAL("crypto pki server A\n shutdown\n"
						  "crypto pki server B\n no shutdown\n"
						  "crypto pki server A\n grant auto\n"),
				     &import),
			 0);
	assert_int_equal(import.n_sections, 2);
	assert_true(import.sections[0].is_shut);
	assert_false(import.sections[1].is_shut);
	assert_int_equal(import.sections[0].n_settings, 1);
}

static void test_none(void **state)
{
	_cleanup_(import_done) struct import import = {}, other = {};

	(void)state;
	assert_int_equal(import_read(SPAN_LITERAL("hostname x\n"), &import), IMPORT_NOTHING);
	assert_int_equal(import_read(SPAN_LITERAL("crypto pki server A\0\n"), &other),
			 IMPORT_NO_TEXT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guide),	   cmocka_unit_test(test_lines_map),
		cmocka_unit_test(each_row),	   cmocka_unit_test(test_passwords_stay_hidden),
		cmocka_unit_test(each_trustpoint), cmocka_unit_test(test_shut_and_two),
		cmocka_unit_test(test_none),
	};

	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
