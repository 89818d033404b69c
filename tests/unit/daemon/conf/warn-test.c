/* SPDX-License-Identifier: Apache-2.0 */
/* What is right, but unwise. */
#include "daemon/conf/lifetime.h"
#include "tests/unit/daemon/conf/scratch.h"

#define ROOTCA "[Token soft]\nModule=/m.so\nURI=pkcs11:token=ca\n[Server ROOTCA]\nToken=soft\n"
#define DAY    86400

static const struct {
	const char *options; /* from line 6 on */
	const char *warning; /* after "file:" */
	bool is_so;
} rows[] = {
	{"AllowWeak=yes\nHash=md5\n", ":7: Hash=md5: is no longer recommended", true},
	{"AllowWeak=yes\nHash=sha1\n", ":7: Hash=sha1: is no longer recommended", true},
	{"AllowWeak=yes\n", "recommended", false},
	{"AllowWeak=yes\nKeySize=2047\n", ":7: KeySize=2047: is weak", true},
	{"KeySize=2048\n", "KeySize=", false},
	{"Clients=legacy\n", ":6: Clients=legacy: lets DES, MD5", true},
	{"DatabaseLevel=complete\n", ":6: DatabaseLevel=complete: writes every", true},
	{"DatabaseLevel=complete\nStore=/srv/ca\n", "DatabaseLevel=complete", true},
	{"DatabaseLevel=complete\nStore=file:///srv/ca\n", "DatabaseLevel=complete", true},
	{"DatabaseLevel=complete\nStore=ftp://h/a\n", "DatabaseLevel=", false},
	{"DatabaseLevel=complete\nStore=/a\nStore.crt=http://h/a\n", "DatabaseLevel=", false},
	{"DatabaseLevel=complete\nStore=http://h/a\nStore.crt=/a\n", "DatabaseLevel=", true},
	{"DatabaseLevel=names\n", "DatabaseLevel=", false},
	{"", ":4: AutoRollover=off: when the CA's certificate ends after 1095 days", true},
	{"AutoRollover=30d\n", "AutoRollover=off", false},
	/* 100·(1 − 30/365) is 91.78: not before 92 % is there always a next one. */
	{"AutoRollover=30d\n", "not before 92 % of a certificate's life", true},
	{"AutoRollover=110d\n", "renew late", false}, /* 69.9 */
	{"AutoRollover=109d\n", "not before 71 %", true},
	{"AutoRollover=400d\n", "renew late", false},
	{"AutoRollover=109d\n", "is less than 10 %", true},
	{"AutoRollover=110d\n", "is less than 10 %", false},
	{"AutoRollover=1095d\n", ":6: AutoRollover=1095d: is no less than the CA's life", true},
	{"AutoRollover=1094d\n", "is no less", false},
	{"AutoRollover=off\n", "is no less", false},
	{"ShadowToken=soft\n", ":6: ShadowToken=soft: is the token of Token= too", true},
	{"ShadowToken=b\n[Token b]\nModule=/m.so\nURI=pkcs11:token=b\n", "ShadowToken=", false},
	{"CACertificateLifetime=100d\nCertificateLifetime=90d\n",
	 ":7: CertificateLifetime=90d: is longer than the CA's life less one month: certificates "
	 "get 70d",
	 true},
	{"CACertificateLifetime=100d\nCertificateLifetime=70d\n", "less one month", false},
	{"SubordinateLifetime=700d\n", "SubordinateLifetime=: has no effect without Issue", true},
	{"SubordinatePathLength=0\n", "SubordinatePathLength=: has no effect without Issue", true},
	{"SubordinatePathLength=0\nSubordinateLifetime=1d\nIssueSubordinates=yes\n",
	 "has no effect", false},
	{"Grant=ra-auto\nPasswordRequired=yes\n", ":7: PasswordRequired=yes: refuses what an RA",
	 true},
	{"Grant=ra-auto\n", "PasswordRequired", false},
	{"Grant=auto\nPasswordRequired=yes\n", "PasswordRequired", false},
	/* 100·(1 − 90/365) is 75.3. */
	{"AutoRollover=90d\n[Trustpoint a]\nToken=soft\nEnrollmentURL=http://h:80/scep/ROOTCA\n"
	 "AutoEnroll=75\n",
	 ":10: AutoEnroll=75: asks for the next CA certificate before [Server ROOTCA] always has "
	 "one: not before 76 %",
	 true},
	{"AutoRollover=90d\n[Trustpoint a]\nToken=soft\nEnrollmentURL=http://h/scep/ROOTCA/x\n"
	 "AutoEnroll=76\n",
	 "asks for the next CA", false},
	{"AutoRollover=90d\n[Trustpoint a]\nToken=soft\nEnrollmentURL=http://h/scep/ROOTCA2\n"
	 "AutoEnroll=75\n",
	 "asks for the next CA", false},
	/* Overlaps shrink downward. */
	{"AutoRollover=90d\n[Server B]\nToken=soft\nMode=subordinate\nAutoRollover=90d\n"
	 "[Trustpoint B]\nEnrollmentURL=http://h/scep/ROOTCA\n",
	 ":12: EnrollmentURL=http://h/scep/ROOTCA: AutoRollover= of [Server B] is not less than "
	 "that of [Server ROOTCA] above it",
	 true},
	{"AutoRollover=90d\n[Server B]\nToken=soft\nMode=subordinate\nAutoRollover=89d\n"
	 "[Trustpoint B]\nEnrollmentURL=http://h/scep/ROOTCA\n",
	 "is not less than that of", false},
	{"[Trustpoint a]\nToken=soft\nEnrollmentURL=http://h/\nAutoEnroll=90\n",
	 ":9: AutoEnroll=90: without Fingerprint= nothing is sent before somebody has accepted the "
	 "CA: claviger trustpoint authenticate a",
	 true},
	{"[Trustpoint a]\nToken=soft\nEnrollmentURL=http://h/\n", "Fingerprint=", false},
	{"[Trustpoint a]\nToken=soft\nEnrollmentURL=http://h/\nAutoEnroll=90\n"
	 "Fingerprint=0123456789abcdef0123456789abcdef\n",
	 "Fingerprint=", false},
	{"[Trustpoint a]\nToken=soft\nEnrollmentURL=terminal\n",
	 ":8: EnrollmentURL=terminal: is renewed by hand alone, and gets no rollover", true},
	{"[Trustpoint a]\nToken=soft\nReloadUnits=a.service\n",
	 ":8: ReloadUnits=: has no effect without ExportDirectory=", true},
	{"[Trustpoint a]\nToken=soft\nReloadUnits=a.service\nExportDirectory=/e\n",
	 "ReloadUnits=", false},
	{"[Use a]\nKey=k\nUser=root no-such-user\nFor=any\n",
	 ":8: User=no-such-user: is no user of this machine: nobody is let in by that name", true},
	{"[Use a]\nKey=k\nUser=root 4000000000\nFor=any\n", "is no user", false},
	{"[Trustpoint a]\n[Use a]\nKey=a\nUser=root\nFor=tls\n",
	 ":8: Key=a: is a trustpoint without a key of its own: nothing can be used by this rule",
	 true},
	{"[Trustpoint a]\nToken=soft\n[Use a]\nKey=a\nUser=root\nFor=tls\n", "without a key",
	 false},
	{"[Use a]\nKey=a\nUser=root\nFor=tls\n", "without a key", false},
};

static void warnings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char text[512];

		snprintf(text, sizeof(text), ROOTCA "%s", rows[i].options);
		_cleanup_(conf_unrefp) struct conf *conf = scratch_load(text);
		print_message("%zu: %s\n", i, conf->warnings ? conf->warnings : "-");
		assert_int_equal(conf->warnings && strstr(conf->warnings, rows[i].warning),
				 rows[i].is_so);
	}
}

static const struct {
	int64_t ca_d, certificate_d, lasts_s;
} lives[] = {
	{1095, 365, 365 * DAY}, {100, 90, 70 * DAY}, {100, 70, 70 * DAY}, {1825, 1825, 1795 * DAY},
	{61, 60, 31 * DAY},	{60, 60, 30 * DAY},  {10, 9, 5 * DAY},	  {1, 1, DAY / 2},
};

static void certificates_end_a_month_before_their_ca(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(lives); i++) {
		const struct conf_server server = {.ca_certificate_lifetime_s = lives[i].ca_d * DAY,
						   .certificate_lifetime_s =
							   lives[i].certificate_d * DAY};

		assert_int_equal(conf_certificate_lifetime_s(&server), lives[i].lasts_s);
	}
}

static void a_subordinate_lives_as_long_as_any(void **state)
{
	struct conf_server server = {.ca_certificate_lifetime_s = 1095 * (int64_t)DAY,
				     .certificate_lifetime_s = 365 * (int64_t)DAY};

	(void)state;
	assert_int_equal(conf_subordinate_lifetime_s(&server), 365 * (int64_t)DAY);
	server.subordinate_lifetime_s = 2000 * (int64_t)DAY;
	assert_int_equal(conf_subordinate_lifetime_s(&server), 2000 * (int64_t)DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warnings),
		cmocka_unit_test(certificates_end_a_month_before_their_ca),
		cmocka_unit_test(a_subordinate_lives_as_long_as_any),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
