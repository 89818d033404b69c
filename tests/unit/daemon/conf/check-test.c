/* SPDX-License-Identifier: Apache-2.0 */
/* What must fit together. */
#include "tests/unit/daemon/conf/scratch.h"

#define SOFT   "[Token soft]\nModule=/m.so\nURI=pkcs11:token=ca\n"
#define ROOTCA SOFT "[Server ROOTCA]\nToken=soft\n"
#define GATE   SOFT "[Trustpoint gate]\nToken=soft\n"
/* Its Key= stands in its second line. */
#define USE(key) "[Use a]\nKey=" key "\nUser=root\nFor=any\n"
#define URL	 "EnrollmentURL=http://ca/scep/X\n"

static const struct {
	const char *text;
	const char *error;
} wrong[] = {
	{"[Token a]\nURI=pkcs11:token=ca\n", ":1: [Token a] needs Module="},
	{"[Token a]\nModule=/m.so\n", ":1: [Token a] needs URI="},
	{"[Server A]\nGrant=auto\n", ":1: [Server A] needs Token="},
	{"[Server A]\nToken=b\n", ":2: Token=b: there is no section [Token b]"},
	{ROOTCA "KeySize=1024\n", ":6: KeySize=1024: must be 2048…4096; less only with AllowWeak"},
	{ROOTCA "KeySize=2047\n", ":6: KeySize=2047: must be 2048…4096; less only with AllowWeak"},
	{ROOTCA "AllowWeak=no\nHash=md5\n", ":7: Hash=md5: must be sha256, sha384 or sha512"},
	{ROOTCA "Hash=sha1\n", ":6: Hash=sha1: must be sha256, sha384 or sha512"},
	{ROOTCA "CACertificateLifetime=1826\n", ":6: CACertificateLifetime=: must be 1d…1825d; up"},
	{ROOTCA "CRLLifetime=337\n", ":6: CRLLifetime=: must be 1h…336h; up to 8784h only with"},
	{ROOTCA "ShadowToken=b\n", ":6: ShadowToken=b: there is no section [Token b]"},
	{ROOTCA "Archive=pem\nBackup=wrapped\n",
	 ":7: Backup=wrapped: its key leaves the token under a trusted key alone"},
	{ROOTCA "RequireBackup=yes\n", ":6: RequireBackup=yes: its key would never have a backup"},
	{ROOTCA "TwoPersons=export\n", ":6: TwoPersons=export: "},
	{ROOTCA "Store=/s\n[Server B]\nToken=soft\nStore=file:///s/\n",
	 ":9: Store=file:///s/: is where [Server ROOTCA] keeps its own"},
	{ROOTCA "Store.crl=ftp://h/a\n[Server B]\nToken=soft\nStore=/s\nStore.crl=ftp://h/a\n",
	 ":10: Store.crl=ftp://h/a: is where [Server ROOTCA] keeps its own"},
	{ROOTCA "Store.ser=/a\n[Server B]\nToken=soft\nStore=/a\n",
	 ":9: Store=/a: is where [Server ROOTCA] keeps its own"},
	{ROOTCA "Store.crt=/a\n[Server B]\nToken=soft\nStore.crt=/a\n", ":9: Store.crt=/a: is"},
	{ROOTCA "Store.cnm=/a\n[Server B]\nToken=soft\nStore.cnm=/a\n", ":9: Store.cnm=/a: is"},
	{SOFT "[Server a]\nToken=soft\n[Server a.10]\nToken=soft\n",
	 ":6: [Server a.10]: its files would be mistaken for those of a generation of [Server a]"},
	{SOFT "[Server a-b.2]\nToken=soft\n[Server a-b]\nToken=soft\n",
	 ":4: [Server a-b.2]: its files would be mistaken"},
	{"[HTTP]\nDefaultServer=B\n" ROOTCA, ":2: DefaultServer=B: there is no section [Server B]"},
	{ROOTCA "AllowSubject=Example\n", ":6: AllowSubject=Example: must be attributes"},
	{ROOTCA "AllowSubject=CN=a,\n", ":6: AllowSubject=CN=a,: must be attributes"},
	{ROOTCA "AllowSubject=colour=red\n", ":6: AllowSubject=colour=red: must be attributes"},
	{ROOTCA "AllowDNS=a..b\n", ":6: AllowDNS=a..b: must be a DNS name"},
	{ROOTCA "AllowDNS=a b\n", ":6: AllowDNS=a b: must be a DNS name"},
	{ROOTCA "AllowAddress=192.0.2.1/24\n", ":6: AllowAddress=192.0.2.1/24: must be an address"},
	{ROOTCA "AllowAddress=192.0.2.0/33\n", ":6: AllowAddress=192.0.2.0/33: must be an address"},
	{ROOTCA "AllowAddress=example\n", ":6: AllowAddress=example: must be an address"},
	{SOFT "[Trustpoint a]\n" URL, ":4: [Trustpoint a] needs Token=, the name of the [Token]"},
	{SOFT "[Trustpoint a]\nUsageKeys=yes\n", ":4: [Trustpoint a] needs Token="},
	{SOFT "[Trustpoint a]\nEnrollmentURL=terminal\n", ":4: [Trustpoint a] needs Token="},
	{SOFT "[Trustpoint a]\nToken=b\n" URL, ":5: Token=b: there is no section [Token b]"},
	{GATE "AutoEnroll=90\n", ":6: AutoEnroll=: needs EnrollmentURL="},
	{GATE URL "Hash=sha1\n", ":7: Hash=sha1: must be sha256, sha384 or sha512: what is signed"},
	{GATE URL "Hash=md5\n", ":7: Hash=md5: must be sha256"},
	{GATE URL "Hash=x\n", ":7: Hash=x: must be sha256, sha384 or sha512"},
	/* Two of one key, where one makes another in its place. */
	{GATE "Key=k\n[Trustpoint b]\nToken=soft\nKey=k\nRegenerate=yes\n",
	 ":9: [Trustpoint b] shares its key with [Trustpoint gate], and Regenerate= of this one"},
	{GATE "Key=k\nRegenerate=yes\n[Trustpoint b]\nToken=soft\nKey=k\n",
	 ":10: [Trustpoint b] shares its key with [Trustpoint gate], and Regenerate= of that one"},
	{GATE "Regenerate=yes\n[Trustpoint b]\nToken=soft\nKey=gate\n",
	 ":9: [Trustpoint b] shares"},
	{GATE "UsageKeys=yes\nRegenerate=yes\n[Trustpoint b]\nToken=soft\nKey=gate-encr\n",
	 ":10: [Trustpoint b] shares its key"},
	/* A CA's key is nobody's identity. */
	{ROOTCA "[Trustpoint a]\nToken=soft\nKey=ROOTCA\n", ":8: Key=ROOTCA: is the CA's key of"},
	{ROOTCA "[Trustpoint ROOTCA]\nKey=k\n[Trustpoint a]\nToken=soft\nKey=k\n",
	 ":10: Key=k: is the CA's key of [Server ROOTCA] on this token"},
	/* A server's own. */
	{ROOTCA "[Trustpoint ROOTCA]\nAutoEnroll=90\n",
	 ":7: AutoEnroll=: a certificate server's own trustpoint never enrols by itself"},
	{ROOTCA "[Trustpoint ROOTCA]\nExportDirectory=/e\n",
	 ":7: ExportDirectory=: a certificate server's own certificate is nobody's identity"},
	{ROOTCA "[Trustpoint ROOTCA]\nReloadUnits=a.service\n", ":7: ReloadUnits=: a certificate"},
	{ROOTCA "[Trustpoint ROOTCA]\nSubjectName=CN=x\n",
	 ":7: SubjectName=: has no effect with Mode=root, so leave it out: of its "
	 "trustpoint Key=, KeySize= and Token= alone may be set; a server below another CA has "
	 "Mode=subordinate or ra"},
	{ROOTCA "[Trustpoint ROOTCA]\n" URL, ":7: EnrollmentURL=: has no effect with Mode=root"},
	{ROOTCA "[Trustpoint ROOTCA]\nToken=b\n", ":7: Token=b: there is no section [Token b]"},
	{ROOTCA "KeySize=2048\n[Trustpoint ROOTCA]\nKeySize=3072\n",
	 ":8: KeySize=3072: [Server ROOTCA] says 2048"},
	/* Uses. */
	{"[Use a]\nUser=root\nFor=tls\n", ":1: [Use a] needs Key=, a trustpoint's name or a key's"},
	{"[Use a]\nKey=k\nFor=tls\n", ":1: [Use a] needs User=, the users whose programs may"},
	{"[Use a]\nKey=k\nUser=root\nFor=\n", ":4: [Use a] needs For=, some of tls, ike, cms, any"},
	{"[Use]\nKey=k\n", ":1: [Use NAME] needs a name of"},
	{"[Use a]\nKey=k#\n", ":2: Key=k#: must be a label without blanks and without '#'"},
	{"[Use a]\nFor=tls ssh\n", ":2: For=tls ssh: must be one of tls, ike, cms, any"},
	{"[Use a]\nLimit=1\n",
	 ":2: Limit= is no option of [Use]; there are Key, User, Unit, For, Rate"},
	{ROOTCA USE("ROOTCA"), ":7: Key=ROOTCA: is the key of [Server ROOTCA], and what certifies"},
	{ROOTCA "[Trustpoint ROOTCA]\nKey=ms2\n" USE("ROOTCA"), ":9: Key=ROOTCA: is the key of"},
	{ROOTCA "[Trustpoint ROOTCA]\nKey=ms2\n" USE("ms2"), ":9: Key=ms2: is the key of [Server"},
	{"[Notify]\nSNMPTrap=v3:u@h\nSNMPPrivacy=none\n",
	 ":2: SNMPTrap=v3:u@h: needs SNMPAuthPassword="},
	{"[Notify]\nSNMPTrap=v3:u@h\nSNMPAuthPassword=/a\n",
	 ":2: SNMPTrap=v3:u@h: needs SNMPPrivacyPassword=, or SNMPPrivacy=none"},
};

static void wrong_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(wrong); i++)
		scratch_refuses(wrong[i].text, wrong[i].error);
}

static const char *const right[] = {
	ROOTCA "AllowWeak=yes\nKeySize=1024\nHash=md5\n",
	ROOTCA "KeySize=2048\nHash=sha512\n",
	ROOTCA "[Server ROOTCA.x]\nToken=soft\n[Server ROOTCA.0]\nToken=soft\n"
	       "[Server ROOTCA.01]\nToken=soft\n[Server ROOTCA2]\nToken=soft\n"
	       "[Server ROOTCA.2.x]\nToken=soft\n[Server ROOTCB.2]\nToken=soft\n",
	ROOTCA "KeySize=4096\nHash=sha384\n",
	ROOTCA "Mode=root\n",
	"[HTTP]\nDefaultServer=ROOTCA\n" ROOTCA,
	ROOTCA "Offline=yes\nCACertificateLifetime=7305\nCRLLifetime=8784\n",
	ROOTCA "CACertificateLifetime=1825\nCRLLifetime=336\n",
	ROOTCA "Store=/a\n[Server B]\nToken=soft\nStore=/b\n",
	ROOTCA "Store=/a\nStore.crl=/c\n[Server B]\nToken=soft\nStore=/b\nStore.ser=/c\n",
	ROOTCA "[Server B]\nToken=soft\n",
	ROOTCA "Publish.crl=ftp://h/a\n[Server B]\nToken=soft\nPublish.crl=ftp://h/a\n",
	ROOTCA "AllowSubject=CN=*.b.example,O=Example\nAllowSubject=serialNumber=*, *\n",
	ROOTCA "AllowDNS=.example\nAllowDNS=**.x\nAllowAddress=::/0\nAllowAddress=192.0.2.1\n",
	/* Trustpoints alone, without a server. */
	GATE URL "AutoEnroll=90\nRegenerate=yes\nExportDirectory=/e\nReloadUnits=a.service\n",
	GATE URL "Regenerate=yes\n",
	GATE "EnrollmentURL=terminal\nRevocationCheck=none\n",
	SOFT "[Trustpoint peers]\nRevocationCheck=none\nQueryURL=ldap://h\n",
	GATE "Key=k\n[Trustpoint b]\nToken=soft\nKey=k\n",
	GATE "ExportDirectory=/e\n[Trustpoint b]\nToken=soft\nExportDirectory=/e\n",
	GATE "Key=k\nRegenerate=yes\n[Trustpoint b]\nToken=c\nKey=k\n[Token c]\nModule=/m.so\n"
	     "URI=pkcs11:token=c\n",
	ROOTCA "[Trustpoint ROOTCA]\nKey=ms2\nKeySize=2048\nToken=soft\nAutoEnroll=no\n",
	ROOTCA "[Trustpoint ROOTCA]\nKey=ms2\n[Trustpoint a]\nToken=soft\nKey=ROOTCA\n",
	USE("a-label"),
	GATE USE("gate") "[Use b]\nKey=gate\nUser=0\nUnit=nginx.service\nFor=tls ike\nFor=cms\n"
			 "RateLimit=100000\n",
	GATE "Key=k\n" USE("k"),
	/* The trustpoint is meant, whose key is another than the CA's on another token. */
	ROOTCA "[Token b]\nModule=/m.so\nURI=pkcs11:token=b\n[Trustpoint a]\nToken=b\n"
	       "Key=ROOTCA\n" USE("a"),
	ROOTCA "[Trustpoint ROOTCA]\nKey=gate\n[Token b]\nModule=/m.so\nURI=pkcs11:token=b\n"
	       "[Trustpoint gate]\nToken=b\n" USE("gate"),
	"[Notify]\nSNMPTrap=v2c:h\nSNMPTrap=v2c:[::1]\n",
	"[Notify]\nSNMPTrap=v3:u@h\nSNMPAuthPassword=/a\nSNMPPrivacyPassword=/p\n",
	/* A token may come after the server that uses it. */
	("[Server A]\nToken=soft\n" SOFT),
};

static void right_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(right); i++)
		conf_unref(scratch_load(right[i]));
}

static const struct {
	const char *text;
	const char *warning; /* NULL: none */
} noted[] = {
	{ROOTCA, NULL},
	{ROOTCA "AutoRollover=\n", NULL},
	{ROOTCA "AutoRollover=off\nKeepRetired=60m\n", NULL},
	{ROOTCA "KeepRetired=2h\n", NULL},
	{ROOTCA "ShadowToken=soft\n", NULL},
};

static void let_through_and_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(noted); i++) {
		_cleanup_(conf_unrefp) struct conf *conf = scratch_load(noted[i].text);
		const char *warnings = conf->warnings ? conf->warnings : "";

		print_message("%s\n", warnings);
		if (noted[i].warning)
			assert_non_null(strstr(warnings, noted[i].warning));
		else
			assert_null(strstr(warnings, "has no effect"));
	}
}

/* 107 bytes hold RuntimeDirectory, "/token/", the token's name and ".admin" (unix(7)). */
static void socket_paths_fit(void **state)
{
	(void)state;
	char text[512];

	snprintf(text, sizeof(text), "[Daemon]\nRuntimeDirectory=/%089d\n" SOFT, 1);
	conf_unref(scratch_load(text));
	snprintf(text, sizeof(text), "[Daemon]\nRuntimeDirectory=/%090d\n" SOFT, 1);
	scratch_refuses(text, ": may have at most 90 bytes");
	/* Without a token the longest is control.sock. */
	snprintf(text, sizeof(text), "[Daemon]\nRuntimeDirectory=/%093d\n", 1);
	conf_unref(scratch_load(text));
	snprintf(text, sizeof(text), "[Daemon]\nRuntimeDirectory=/%094d\n", 1);
	scratch_refuses(text, ":2: RuntimeDirectory=/000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_together),
		cmocka_unit_test(right_together),
		cmocka_unit_test(let_through_and_said),
		cmocka_unit_test(socket_paths_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
