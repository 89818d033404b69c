/* SPDX-License-Identifier: Apache-2.0 */
/* What each mode of a server needs, and what has no effect in it. */
#include "tests/unit/daemon/conf/scratch.h"

#define SOFT	"[Token soft]\nModule=/m.so\nURI=pkcs11:token=ca\n"
#define SUB	SOFT "[Server SUB]\nToken=soft\nMode=subordinate\n"
#define BELOW	"[Trustpoint SUB]\nEnrollmentURL=http://root/scep/ROOT\n"
#define RA	SOFT "[Server RA]\nToken=soft\nMode=ra\n"
#define FRONT	"[Trustpoint RA]\nEnrollmentURL=http://root/scep/ROOT\n"
#define THROUGH "[Server T]\nMode=ra-transparent\n"
#define BEHIND	"[Trustpoint T]\nEnrollmentURL=http://root/scep/ROOT\n"

static const struct {
	const char *text;
	const char *error;
} wrong[] = {
	/* Whom does it ask? */
	{SUB, ":6: Mode=subordinate: you must specify an enrollment URL for its CA: "
	      "EnrollmentURL= in a section [Trustpoint SUB], of the same name as the server"},
	{SUB "[Trustpoint SUB]\nKey=ms2\n", ":6: Mode=subordinate: you must specify an enrollment"},
	{SUB "[Trustpoint sub]\nToken=soft\nEnrollmentURL=http://h/\n", "section [Trustpoint SUB]"},
	{RA, ":6: Mode=ra: you must specify an enrollment URL"},
	{THROUGH "Grant=auto\n", ":2: Mode=ra-transparent: you must specify an enrollment URL"},
	{RA "[Trustpoint RA]\nEnrollmentURL=terminal\n",
	 ":6: Mode=ra: passes requests on by SCEP: EnrollmentURL= of [Trustpoint RA] must be a "
	 "URL"},
	{THROUGH "Grant=auto\n[Trustpoint T]\nEnrollmentURL=terminal\n",
	 ":2: Mode=ra-transparent: passes requests on by SCEP"},
	{SOFT "[Server SUB]\nMode=subordinate\n" BELOW, ":4: [Server SUB] needs Token="},
	{SOFT "[Server SUB]\nMode=subordinate\n" BELOW "Token=b\n",
	 "Token=b: there is no section [Token b]"},
	/* A way back to itself. */
	{SUB "[Trustpoint SUB]\nEnrollmentURL=http://localhost/scep/SUB\n",
	 ":6: Mode=subordinate: EnrollmentURL=http://localhost/scep/SUB of [Trustpoint SUB] leads "
	 "back to this server"},
	{SUB "[Trustpoint SUB]\nEnrollmentURL=http://127.0.0.1:80/scep/SUB/x\n", "leads back"},
	{SUB "[Trustpoint SUB]\nEnrollmentURL=http://[::1]:8080/scep/SUB\n"
	     "[HTTP]\nListen=192.0.2.1:80\nListen=[2001:db8::1]:8080\n",
	 "leads back"},
	{SUB "[Trustpoint SUB]\nEnrollmentURL=http://192.0.2.1/scep/SUB\n"
	     "[HTTP]\nListen=192.0.2.1:80\n",
	 "leads back"},
	{RA "[Trustpoint RA]\nEnrollmentURL=http://localhost/scep/T\n" THROUGH
	    "Grant=auto\n[Trustpoint T]\nEnrollmentURL=http://127.0.0.1/scep/RA\n",
	 ":6: Mode=ra: EnrollmentURL=http://localhost/scep/T of [Trustpoint RA] leads back"},
	/* Who decides. */
	{THROUGH BEHIND, ":1: Grant=manual: must be auto (all is passed on) or none"},
	{THROUGH "Grant=ra-auto\n" BEHIND, ":3: Grant=ra-auto: must be auto"},
	{RA "Grant=ra-auto\n" FRONT, ":7: Grant=ra-auto: is for the CA behind an RA"},
	/* Which key. */
	{SUB "ExchangeKey=b\n" BELOW, ":7: ExchangeKey=b: must be ca, or the name of a [Token]"},
	{SOFT "[Server R]\nToken=soft\nExchangeKey=b\n", ":6: ExchangeKey=b: must be ca"},
	{RA "ExchangeKey=soft\n" FRONT,
	 ":7: ExchangeKey=: has no effect with Mode=ra, so leave it out: an RA issues nothing "
	 "itself, and its one key is on the token of Token="},
	/* What has no effect. */
	{SUB "CACertificateLifetime=365\n" BELOW,
	 ":7: CACertificateLifetime=: has no effect with Mode=subordinate, so leave it out: the "
	 "superior CA decides"},
	{RA "CACertificateLifetime=365\n" FRONT, "an RA issues nothing itself"},
	{RA "CRLLifetime=24\n" FRONT, ":7: CRLLifetime=: has no effect with Mode=ra"},
	{RA "CDP=http://h/x\n" FRONT, ":7: CDP=: has no effect"},
	{RA "Hash=sha384\n" FRONT, ":7: Hash=: has no effect"},
	{RA "SerialNumbers=sequential\n" FRONT, ":7: SerialNumbers=: has no effect"},
	{RA "Publish.crl=ftp://h/x\n" FRONT, ":7: Publish.crl=: has no effect"},
	{THROUGH "Grant=auto\nCRLLifetime=24\n" BEHIND,
	 ":4: CRLLifetime=: has no effect with Mode=ra-transparent, so leave it out: it has no "
	 "key, and passes on what it can't read"},
	{THROUGH "Grant=auto\nPasswordRequired=yes\n" BEHIND, ":4: PasswordRequired=: has no"},
	{THROUGH "Grant=auto\nAutoRollover=yes\n" BEHIND, ":4: AutoRollover=: has no effect"},
	{SOFT THROUGH "Grant=auto\nToken=soft\n" BEHIND, ":7: Token=: has no effect"},
	{SUB BELOW "SubjectName=CN=x\n",
	 ":9: SubjectName=: has no effect with Mode=subordinate, so leave it out: IssuerName= of "
	 "the server is the name that it asks for"},
	{SUB BELOW "IPAddress=192.0.2.1\n", ":9: IPAddress=: has no effect"},
	{SUB BELOW "UsageKeys=yes\n", ":9: UsageKeys=: a certificate server has one key at a time"},
	{SUB BELOW "AutoEnroll=80\n", ":9: AutoEnroll=: a certificate server's own trustpoint"},
	{RA FRONT "ExportDirectory=/e\n", ":9: ExportDirectory=: a certificate server's own"},
	{RA FRONT "Hash=sha1\n", ":9: Hash=sha1: must be sha256"},
	{SOFT THROUGH "Grant=auto\n" BEHIND "Token=soft\n",
	 ":9: Token=: has no effect with Mode=ra-transparent"},
	{THROUGH "Grant=auto\n" BEHIND "RetryCount=5\n", ":6: RetryCount=: has no effect"},
	{THROUGH "Grant=auto\n" BEHIND "Password=/p\n", ":6: Password=: has no effect"},
	/* The CA's key is nobody's identity, below another CA too. */
	{SUB BELOW "[Trustpoint x]\nToken=soft\nKey=SUB\n", "Key=SUB: is the CA's key of [Server"},
};

static void wrong_in_a_mode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(wrong); i++)
		scratch_refuses(wrong[i].text, wrong[i].error);
}

static const struct {
	const char *text;
	const char *warning; /* NULL: none */
} right[] = {
	{THROUGH "Grant=auto\n" BEHIND "Fingerprint=0123456789ABCDEF0123456789ABCDEF\n", NULL},
	{SUB "AutoRollover=30d\n" BELOW, NULL},
	{SUB "AutoRollover=30d\nGrantRollover=ca-cert ra-cert\nArchive=pkcs12\nHash=sha384\n"
	     "IssueSubordinates=yes\nCRLLifetime=24\nIssuerName=CN=sub CA, O=Example\n" BELOW
	     "Key=ms2\nKeySize=2048\nHash=sha512\nFingerprint=0123456789ABCDEF0123456789ABCDEF\n"
	     "RetryCount=5\nRetryPeriod=2\nPassword=/p\nRegenerate=yes\nSerialNumber=none\n"
	     "IPAddress=none\nFQDN=none\nRevocationCheck=none\n",
	 NULL},
	{SUB "AutoRollover=30d\n[Trustpoint SUB]\nEnrollmentURL=terminal\n",
	 ":9: EnrollmentURL=terminal: is renewed by hand alone"},
	{SUB "AutoRollover=30d\nExchangeKey=soft\n[Trustpoint SUB]\nEnrollmentURL=terminal\n",
	 "is renewed by hand"},
	{SUB "AutoRollover=30d\nExchangeKey=soft\n" BELOW,
	 ":8: ExchangeKey=soft: the CA's key still opens the superior's answers"},
	{SUB BELOW, ":4: AutoRollover=off: when the CA's certificate ends, every client has to be"},
	/* Its certificate's end is not known here. */
	{SUB "AutoRollover=1d\nCertificateLifetime=1825\n" BELOW, NULL},
	/* Of one name on two hosts. */
	{SUB "AutoRollover=30d\n[Trustpoint SUB]\nEnrollmentURL=http://other/scep/SUB\n",
	 "EnrollmentURL=http://other/scep/SUB: names a server of the same label"},
	{SUB "AutoRollover=30d\n[Trustpoint SUB]\nEnrollmentURL=http://127.0.0.1:8080/scep/SUB\n",
	 "names a server of the same label"},
	{SUB "AutoRollover=30d\n[Trustpoint SUB]\nEnrollmentURL=https://127.0.0.1/scep/SUB\n",
	 "names a server of the same label"},
	/* A chain of servers in one place is no way back. */
	{SUB "AutoRollover=30d\n[Trustpoint SUB]\nEnrollmentURL=http://localhost/scep/ROOT\n"
	     "[Server ROOT]\nToken=soft\nAutoRollover=400d\n",
	 NULL},
	{RA "AutoRollover=30d\nGrant=auto\nPasswordRequired=yes\nGrantRollover=ra-cert\n" FRONT,
	 NULL},
	{RA FRONT, ":4: AutoRollover=off: when the RA's certificate ends, or its CA's, it passes"},
	{RA "AutoRollover=30d\n" FRONT "SubjectName=cn=myra, ou=ioscs RA, o=company, c=us\n", NULL},
	{RA "AutoRollover=30d\n" FRONT "SubjectName=CN=ioscs RA\n", NULL},
	{RA "AutoRollover=30d\n" FRONT "SubjectName=OU=branch ioscs RA 7+CN=x\n", NULL},
	/* As a guide misprints it; in another attribute. */
	{RA "AutoRollover=30d\n" FRONT "SubjectName=ou=iosca RA\n",
	 ":10: SubjectName=: names no RA: its CA lists and grants an RA only where CN or OU holds "
	 "\"ioscs RA\""},
	{RA "AutoRollover=30d\n" FRONT "SubjectName=CN=x,O=ioscs RA\n", "names no RA"},
	{RA "AutoRollover=30d\n" FRONT "SubjectName=CN=IOSCS ra\n", NULL},
	{THROUGH "Grant=auto\n" BEHIND, NULL},
	{THROUGH "Grant=none\n" BEHIND, NULL},
	{SOFT "[Token b]\nModule=/m.so\nURI=pkcs11:token=b\n[Server R]\nToken=soft\n"
	      "ExchangeKey=b\nAutoRollover=400d\n",
	 NULL},
};

static void right_in_a_mode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(right); i++) {
		_cleanup_(conf_unrefp) struct conf *conf = scratch_load(right[i].text);
		const char *warnings = conf->warnings ? conf->warnings : "";

		print_message("%zu: %s\n", i, warnings);
		if (right[i].warning)
			assert_non_null(strstr(warnings, right[i].warning));
		else
			assert_string_equal(warnings, "");
	}
}

/* As a router is told: the trustpoint comes first, and says where the key is. */
static void the_trustpoint_says_the_token(void **state)
{
	_cleanup_(conf_unrefp) struct conf *conf =
		scratch_load(SOFT "[Server SUB]\nMode=subordinate\n" BELOW "Token=soft\n");

	(void)state;
	assert_string_equal(conf->servers[0].token, "soft");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_in_a_mode),
		cmocka_unit_test(right_in_a_mode),
		cmocka_unit_test(the_trustpoint_says_the_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
