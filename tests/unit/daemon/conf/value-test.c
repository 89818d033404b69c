/* SPDX-License-Identifier: Apache-2.0 */
/* Values by kind: what is taken, what is refused, and with which words. */
#include "daemon/conf/value.h"
#include "tests/unit/daemon/conf/scratch.h"

static const struct {
	enum conf_section section;
	const char *option;
	const char *text;
	const char *error; /* NULL: taken as it stands */
} texts[] = {
	{CONF_DAEMON, "StateDirectory", "/var/lib/claviger", NULL},
	{CONF_DAEMON, "StateDirectory", "/a b/c", NULL},
	{CONF_DAEMON, "StateDirectory", "state", "StateDirectory=state: must be an absolute path"},
	{CONF_DAEMON, "StateDirectory", "./state", "must be an absolute path"},
	{CONF_DAEMON, "StateDirectory", "~/state", "must be an absolute path"},
	{CONF_HTTP, "DefaultServer", "ROOTCA", NULL},
	{CONF_HTTP, "DefaultServer", "a.b_c-9", NULL},
	{CONF_HTTP, "DefaultServer", "a/b", "must be a name of 1…64 letters"},
	{CONF_HTTP, "DefaultServer", "..", "not beginning with '.'"},
	{CONF_HTTP, "DefaultServer", "\xc3\xa4", "DefaultServer=\xc3\xa4: must be a name"},
	{CONF_TOKEN, "PIN", "ask", NULL},
	{CONF_TOKEN, "PIN", "pinpad", NULL},
	{CONF_TOKEN, "PIN", "usbtoken0.pin", NULL},
	{CONF_TOKEN, "PIN", "/etc/claviger/pin", NULL},
	{CONF_TOKEN, "PIN", "etc/pin", "PIN=: must be an absolute path, a credential's name"},
	{CONF_TOKEN, "PIN", "123456", "PIN=: names where the PIN is, never the PIN itself"},
	{CONF_TOKEN, "PIN", "s3cret!", "PIN=: must be a file's path, a credential's name, ask"},
	{CONF_TOKEN, "URI", "pkcs11:token=ca;serial=0123", NULL},
	{CONF_TOKEN, "URI", "pkcs11:", "must be a PKCS#11 URI"},
	{CONF_TOKEN, "URI", "token=ca", "URI=token=ca: must be a PKCS#11 URI"},
	{CONF_TOKEN, "URI", "pkcs11:token=my ca", "must be a PKCS#11 URI"},
	{CONF_TOKEN, "URI", "pkcs11:token=a?pin-value=77", "URI=: may not hold a pin-value"},
	{CONF_SERVER, "CDP", "http://h", NULL},
	{CONF_SERVER, "CDP", "http://[2001:db8::1]:80/crl/A.crl", NULL},
	{CONF_SERVER, "CDP", "http://h/a?operation=GetCRL;x", NULL},
	{CONF_SERVER, "CDP", "ldap://h/x", "CDP=ldap://h/x: must be an http: URL"},
	{CONF_SERVER, "CDP", "https://h/x", "must be an http: URL"},
	{CONF_SERVER, "CDP", "HTTP://h/x", "must be an http: URL"},
	{CONF_SERVER, "CDP", "http://", "must be an http: URL"},
	{CONF_SERVER, "CDP", "http:///x", "must be an http: URL"},
	{CONF_SERVER, "CDP", "http://h/a b", "must be an http: URL"},
	{CONF_SERVER, "CDP", "http://u@h/x", "CDP=: may not hold a user or password"},
	{CONF_SERVER, "CDP", "http://h/crl/A.%g.crl", NULL},
	{CONF_SERVER, "CDP", "http://h/a%20b", NULL},
	{CONF_SERVER, "CDP", "http://h/%x", "'%' begins two hex digits, or %g"},
	{CONF_SERVER, "CDP", "http://h/%2", "'%' begins two hex digits, or %g"},
	{CONF_SERVER, "Store", "/srv/ca store", NULL},
	{CONF_SERVER, "Store", "file:///srv/ca", NULL},
	{CONF_SERVER, "Store", "http://h/cgi-bin/put.exe?operation=Put;x", NULL},
	{CONF_SERVER, "Store", "https://h", NULL},
	{CONF_SERVER, "Store.ser", "ftp://h:2121/a", NULL},
	{CONF_SERVER, "Publish.crt", "tftp://h/a", NULL},
	{CONF_SERVER, "Publish.cnm", "sftp://[2001:db8::1]/a", NULL},
	{CONF_SERVER, "Store", "nvram:", "Store=nvram:: must be an absolute path, or a URL that"},
	{CONF_SERVER, "Store", "ca", "Store=ca: must be an absolute path"},
	{CONF_SERVER, "Store", "gopher://h/x", "begins with file:, http:, https:, ftp:, tftp:"},
	{CONF_SERVER, "Store", "FTP://h/x", "must be an absolute path, or a URL"},
	{CONF_SERVER, "Store", "ftp:/h/x", "must be an absolute path, or a URL"},
	{CONF_SERVER, "Store", "ftp://", "must be a scheme, two slashes, a host"},
	{CONF_SERVER, "Store", "ftp://?x", "must be a scheme, two slashes, a host"},
	{CONF_SERVER, "Store", "ftp://h/a b", "must be a scheme, two slashes, a host"},
	{CONF_SERVER, "Store", "file://h/x", "must be a scheme, two slashes, a host (none"},
	{CONF_SERVER, "Store", "file://", "must be a scheme, two slashes, a host (none"},
	{CONF_SERVER, "Store", "ftp://u:secret@h/x", "Store=: may not hold a user or password"},
	{CONF_SERVER, "Store", "ftp://u@h/x", "StoreUser= and StorePassword= say those"},
	{CONF_SERVER, "Store", "ftp://h/a@b", NULL},
	{CONF_SERVER, "StorePassword", "/etc/claviger/password", NULL},
	{CONF_SERVER, "StorePassword", "store.password", NULL},
	{CONF_SERVER, "StorePassword", "s3cret!", "StorePassword=: names where the password is"},
	{CONF_SERVER, "ArchivePassword", "a b", "ArchivePassword=: names where the password is"},
	{CONF_SERVER, "IssuerName", "my-server", NULL},
	{CONF_SERVER, "IssuerName", "CN=a\\,b, O=\xe2\x82\xac", NULL},
	{CONF_TRUSTPOINT, "EnrollmentURL", "terminal", NULL},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://ca.example.org", NULL},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://ca.example.org/", NULL},
	{CONF_TRUSTPOINT, "EnrollmentURL", "https://192.0.2.1:8443/scep/ROOTCA", NULL},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://[2001:DB8:1:1::1]:80", NULL},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://[::1]:8080/scep/A", NULL},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://h/cgi-bin/pkiclient.exe", NULL},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://h/certsrv/mscep/mscep.dll", NULL},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://h/certsrv/mscep/mscep.dll?a=b",
	 "http://h/certsrv/mscep/mscep.dll?a=b: may have no query: the operation is put there"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://h/a@b", NULL},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://2001:DB8::1:80",
	 "EnrollmentURL=http://2001:DB8::1:80: an IPv6 address stands in brackets, as "
	 "http://[2001:db8::1]:80"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://[2001:DB8::1", "must be an http: or https: URL"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://[ca]/x", "must be an http: or https: URL"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://[192.0.2.1]/x", "must be an http: or https:"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://[::1]80/x", "must be an http: or https: URL"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://h:0/x", "a port is 1…65535"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://h:65536/x", "a port is 1…65535"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://h:/x", "a port is 1…65535"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://", "must be an http: or https: URL"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http:///x", "must be an http: or https: URL"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://h/a b", "must be an http: or https: URL"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://h/a#b", "must be an http: or https: URL"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "tftp://h/a", "must be an http: or https: URL, as http"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "file:///etc/passwd", "must be an http: or https: URL"},
	{CONF_TRUSTPOINT, "EnrollmentURL", "http://u:secret@h/x",
	 "EnrollmentURL=: may not hold a user or password: SCEP has a challenge"},
	{CONF_TRUSTPOINT, "Fingerprint", "0123456789ABCDEF0123456789ABCDEF", NULL},
	{CONF_TRUSTPOINT, "Fingerprint", "0123456789ABCDEF0123456789ABCDEF01234567", NULL},
	{CONF_TRUSTPOINT, "Fingerprint",
	 "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", NULL},
	{CONF_TRUSTPOINT, "Fingerprint", "0123456789ABCDEF",
	 "has 16 hex digits: an MD5 has 32, a SHA-1 40, a SHA-256 64"},
	{CONF_TRUSTPOINT, "Fingerprint", "0123456789ABCDEF0123456789ABCDEG",
	 "must be 32, 40 or 64"},
	{CONF_TRUSTPOINT, "Fingerprint",
	 "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0", "must be 32, 40"},
	{CONF_TRUSTPOINT, "IPAddress", "none", NULL},
	{CONF_TRUSTPOINT, "IPAddress", "192.0.2.1", NULL},
	{CONF_TRUSTPOINT, "IPAddress", "2001:db8::1", NULL},
	{CONF_TRUSTPOINT, "IPAddress", "Ethernet0/0",
	 "IPAddress=Ethernet0/0: must be an address, as 192.0.2.1 or 2001:db8::1, or none"},
	{CONF_TRUSTPOINT, "IPAddress", "192.0.2.0/24", "must be an address"},
	{CONF_TRUSTPOINT, "IPAddress", "[2001:db8::1]", "must be an address"},
	{CONF_TRUSTPOINT, "FQDN", "none", NULL},
	{CONF_TRUSTPOINT, "FQDN", "router20.example.com", NULL},
	{CONF_TRUSTPOINT, "FQDN", "router20", NULL},
	{CONF_TRUSTPOINT, "FQDN", "router20.example.com.", "must be a DNS name, as router.example"},
	{CONF_TRUSTPOINT, "FQDN", "router 20", "must be a DNS name"},
	{CONF_TRUSTPOINT, "FQDN", "-a.example", "must be a DNS name"},
	{CONF_TRUSTPOINT, "FQDN", "a..example", "must be a DNS name"},
	{CONF_TRUSTPOINT, "QueryURL", "ldap://directory.example.org", NULL},
	{CONF_TRUSTPOINT, "QueryURL", "ldaps://[2001:db8::1]:636/dc=example?x", NULL},
	{CONF_TRUSTPOINT, "QueryURL", "http://h/",
	 "QueryURL=http://h/: must be an ldap: or ldaps:"},
	{CONF_TRUSTPOINT, "QueryURL", "ldap:///dc=example", "must be an ldap: or ldaps: URL"},
	{CONF_TRUSTPOINT, "QueryURL", "ldap://u@h/", "QueryURL=: may not hold a user or password"},
	{CONF_TRUSTPOINT, "Key", "router20.example.com", NULL},
	{CONF_TRUSTPOINT, "Key", "a b", "must be a label without blanks"},
	{CONF_TRUSTPOINT, "Key", "gate#", "must be a label without blanks and without '#'"},
	{CONF_TRUSTPOINT, "SerialNumber", "none", NULL},
	{CONF_TRUSTPOINT, "SerialNumber", "FTX 1234-A", NULL},
	{CONF_TRUSTPOINT, "SerialNumber", "\xc3\xa4",
	 "may have letters, digits and signs of ASCII"},
	{CONF_TRUSTPOINT, "Password", "/etc/claviger/challenge", NULL},
	{CONF_TRUSTPOINT, "Password", "s3cret!", "Password=: names where the password is"},
	{CONF_TRUSTPOINT, "ExportDirectory", "export", "must be an absolute path"},
};

static void texts_by_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		const struct conf_option *option =
			conf_find_option(texts[i].section, span_of_text(texts[i].option));
		_cleanup_(buffer_done) struct buffer why = {0};
		char *member = strdup("before");

		print_message("%s=%s\n", texts[i].option, texts[i].text);
		int r = conf_value_read(option, span_of_text(texts[i].text), &member, &why);
		buffer_append_byte(&why, '\0');
		assert_int_equal(r, texts[i].error ? CONF_VALUE_WRONG : 0);
		assert_string_equal(member, texts[i].error ? "before" : texts[i].text);
		if (texts[i].error && !strstr((const char *)why.data, texts[i].error))
			fail_msg("%s", (const char *)why.data);
		free(member);
	}
}

/* Blanks and colons go, small letters become capitals. */
static void fingerprints_in_every_spelling(void **state)
{
	static const char *const spellings[] = {
		"01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef",
		"01234567 89abcdef 01234567 89ABCDEF",
		"0123456789abcdef0123456789abcdef",
	};
	const struct conf_option *option =
		conf_find_option(CONF_TRUSTPOINT, SPAN_LITERAL("Fingerprint"));

	(void)state;
	for (size_t i = 0; i < ELEMENTS(spellings); i++) {
		_cleanup_(buffer_done) struct buffer why = {0};
		char *member = NULL;

		assert_int_equal(conf_value_read(option, span_of_text(spellings[i]), &member, &why),
				 0);
		assert_string_equal(member, "0123456789ABCDEF0123456789ABCDEF");
		free(member);
	}
}

static const struct {
	enum conf_section section;
	const char *option, *text;
	size_t n;	   /* items that it adds; 0: refused */
	const char *error; /* else the last of them */
} lists[] = {
	{CONF_TRUSTPOINT, "ReloadUnits", "strongswan.service", 1, "strongswan.service"},
	{CONF_TRUSTPOINT, "ReloadUnits", "a@b.service  web.socket", 2, "web.socket"},
	{CONF_TRUSTPOINT, "ReloadUnits", "strongswan", 0, "ReloadUnits=strongswan: must be a unit"},
	{CONF_TRUSTPOINT, "ReloadUnits", ".service", 0, "must be a unit's name"},
	{CONF_TRUSTPOINT, "ReloadUnits", "a/b.service", 0, "must be a unit's name"},
	{CONF_TRUSTPOINT, "ReloadUnits", "a.service;reboot", 0, "must be a unit's name"},
	{CONF_USE, "User", "www-data", 1, "www-data"},
	{CONF_USE, "User", "root  33 0\t_x.y", 4, "_x.y"},
	{CONF_USE, "User", "jo@corp.example", 1, "jo@corp.example"},
	{CONF_USE, "User", "4294967294", 1, "4294967294"},
	{CONF_USE, "User", "4294967295", 0, "User=4294967295: must be a user's name or number, as"},
	{CONF_USE, "User", "-1", 0, "must be a user's name or number"},
	{CONF_USE, "User", "a:b", 0, "must be a user's name or number"},
	{CONF_USE, "User", "root,33", 0, "must be a user's name or number"},
	{CONF_USE, "User", "j\xc3\xb6", 0, "must be a user's name or number"},
	{CONF_USE, "Unit", "nginx.service user@7.service a.scope", 3, "a.scope"},
	{CONF_USE, "Unit", "nginx", 0, "Unit=nginx: must be the name of a unit that has processes"},
	{CONF_USE, "Unit", "nginx.socket", 0, "must be the name of a unit that has processes"},
	{CONF_USE, "Unit", "../a.service", 0, "must be the name of a unit that has processes"},
	{CONF_NOTIFY, "SNMPTrap", "v2c:192.0.2.1", 1, "v2c:192.0.2.1"},
	{CONF_NOTIFY, "SNMPTrap", "v2c:nms.example.org:1162", 1, "v2c:nms.example.org:1162"},
	{CONF_NOTIFY, "SNMPTrap", "v2c:[2001:db8::1]:162", 1, "v2c:[2001:db8::1]:162"},
	{CONF_NOTIFY, "SNMPTrap", "v3:claviger@nms", 1, "v3:claviger@nms"},
	{CONF_NOTIFY, "SNMPTrap", "192.0.2.1", 0, "SNMPTrap=192.0.2.1: must be v2c:HOST[:PORT] or"},
	{CONF_NOTIFY, "SNMPTrap", "v1:192.0.2.1", 0, "must be v2c:HOST[:PORT] or"},
	{CONF_NOTIFY, "SNMPTrap", "v3:nms", 0, "must be v2c:HOST[:PORT] or v3:USER@HOST[:PORT]"},
	{CONF_NOTIFY, "SNMPTrap", "v3:@nms", 0, "must be v2c:HOST[:PORT] or v3:USER@HOST[:PORT]"},
	{CONF_NOTIFY, "SNMPTrap", "v2c:public@nms", 0, "must be v2c:HOST[:PORT] or"},
	{CONF_NOTIFY, "SNMPTrap", "v2c:2001:db8::1", 0,
	 "an IPv6 address stands in brackets, as v2c"},
	{CONF_NOTIFY, "SNMPTrap", "v2c:nms:99999", 0, "a port is 1…65535"},
};

static void lists_by_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(lists); i++) {
		const struct conf_option *option =
			conf_find_option(lists[i].section, span_of_text(lists[i].option));
		_cleanup_(buffer_done) struct buffer why = {0};
		struct {
			char **items;
			size_t n;
		} list = {0};
		int r = conf_value_read(option, span_of_text(lists[i].text), &list, &why);

		print_message("%s=%s\n", lists[i].option, lists[i].text);
		buffer_append_byte(&why, '\0');
		assert_int_equal(r, lists[i].n ? 0 : CONF_VALUE_WRONG);
		assert_int_equal(list.n, lists[i].n);
		if (list.n)
			assert_string_equal(list.items[list.n - 1], lists[i].error);
		else if (!strstr((const char *)why.data, lists[i].error))
			fail_msg("%s", (const char *)why.data);
		conf_value_done(option, &list);
	}
}

static void booleans(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int value; /* -1: refused */
	} rows[] = {
		{"yes", 1}, {"no", 0}, {"true", 1}, {"false", 0}, {"on", 1},	{"off", 0},
		{"1", 1},   {"0", 0},  {"2", -1},   {"YES", -1},  {"yes.", -1}, {"y", -1},
	};
	const struct conf_option *option = conf_find_option(CONF_SERVER, SPAN_LITERAL("IncludeCA"));

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(buffer_done) struct buffer why = {0};
		bool before = rows[i].value != 1, member = before;
		int r = conf_value_read(option, span_of_text(rows[i].text), &member, &why);
		assert_int_equal(r, rows[i].value < 0 ? CONF_VALUE_WRONG : 0);
		assert_int_equal(member, rows[i].value < 0 ? before : rows[i].value);
	}
}

static const struct {
	const char *option;
	const char *text;
	unsigned value;
	const char *error;
} words[] = {
	{"Grant", "manual", CONF_GRANT_MANUAL, NULL},
	{"Grant", "auto", CONF_GRANT_AUTO, NULL},
	{"Grant", "ra-auto", CONF_GRANT_RA_AUTO, NULL},
	{"Grant", "none", CONF_GRANT_NONE, NULL},
	{"Grant", "Auto", 0, "Grant=Auto: must be one of manual, auto, ra-auto, none"},
	{"GrantRenewal", "auto", CONF_GRANT_RENEWAL_AUTO, NULL},
	{"GrantRenewal", "manual", CONF_GRANT_RENEWAL_MANUAL, NULL},
	{"GrantRenewal", "none", 0, "GrantRenewal=none: must be one of auto, manual"},
	{"DatabaseLevel", "minimal", CONF_DATABASE_LEVEL_MINIMAL, NULL},
	{"DatabaseLevel", "minimum", CONF_DATABASE_LEVEL_MINIMAL, NULL},
	{"DatabaseLevel", "names", CONF_DATABASE_LEVEL_NAMES, NULL},
	{"DatabaseLevel", "complete", CONF_DATABASE_LEVEL_COMPLETE, NULL},
	{"DatabaseLevel", "most", 0, "must be one of minimal, names, complete"},
	{"PublishFailure", "disable", CONF_PUBLISH_FAILURE_DISABLE, NULL},
	{"PublishFailure", "retry", CONF_PUBLISH_FAILURE_RETRY, NULL},
	{"PublishFailure", "ignore", 0, "must be one of by-type, disable, retry"},
	{"Archive", "pkcs12", CONF_ARCHIVE_PKCS12, NULL},
	{"Archive", "pem", CONF_ARCHIVE_PEM, NULL},
	{"Archive", "pem pkcs12", 0, "must be one of off, pkcs12, pem"},
	{"Backup", "wrapped", CONF_BACKUP_WRAPPED, NULL},
	{"Mode", "root", CONF_MODE_ROOT, NULL},
	{"Mode", "ra-transparent", CONF_MODE_RA_TRANSPARENT, NULL},
	{"SerialNumbers", "random", CONF_SERIAL_NUMBERS_RANDOM, NULL},
	{"SerialNumbers", "sequential", CONF_SERIAL_NUMBERS_SEQUENTIAL, NULL},
	{"Clients", "standard", CONF_CLIENTS_STANDARD, NULL},
	{"Clients", "strict", CONF_CLIENTS_STRICT, NULL},
	{"Clients", "legacy", CONF_CLIENTS_LEGACY, NULL},
	{"Hash", "sha256", DIGEST_SHA256, NULL},
	{"Hash", "sha384", DIGEST_SHA384, NULL},
	{"Hash", "sha512", DIGEST_SHA512, NULL},
	{"Hash", "sha1", DIGEST_SHA1, NULL},
	{"Hash", "md5", DIGEST_MD5, NULL},
	{"Hash", "sha-256", 0, "Hash=sha-256: must be sha256, sha384 or sha512"},
	{"Hash", "none", 0, "Hash=none: must be"},
	{"KeySize", "2048", 2048, NULL},
	{"KeySize", "2k", 0, "KeySize=2k: must be 1024…4096"},
	{"KeySize", "99999999999999999999", 0, "must be 1024…4096"},
};

static void words_and_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(words); i++) {
		const struct conf_option *option =
			conf_find_option(CONF_SERVER, span_of_text(words[i].option));
		_cleanup_(buffer_done) struct buffer why = {0};
		unsigned member = 77;
		int r = conf_value_read(option, span_of_text(words[i].text), &member, &why);

		print_message("%s=%s\n", words[i].option, words[i].text);
		buffer_append_byte(&why, '\0');
		assert_int_equal(r, words[i].error ? CONF_VALUE_WRONG : 0);
		assert_int_equal(member, words[i].error ? 77 : words[i].value);
		if (words[i].error && !strstr((const char *)why.data, words[i].error))
			fail_msg("%s", (const char *)why.data);
	}
}

static void off_where_that_is_the_default(void **state)
{
	(void)state;
	_cleanup_(buffer_done) struct buffer why = {0};
	int64_t member = 77;

	assert_int_equal(conf_value_read(conf_find_option(CONF_HTTP, SPAN_LITERAL("IdleExit")),
					 SPAN_LITERAL("off"), &member, &why),
			 0);
	assert_int_equal(member, 0);
	assert_int_equal(conf_value_read(conf_find_option(CONF_DAEMON, SPAN_LITERAL("HoldFor")),
					 SPAN_LITERAL("off"), &member, &why),
			 CONF_VALUE_WRONG);
}

static void sets_add_up(void **state)
{
	(void)state;
	const struct conf_option *option =
		conf_find_option(CONF_SERVER, SPAN_LITERAL("GrantRollover"));
	_cleanup_(buffer_done) struct buffer why = {0};
	unsigned member = 0;

	assert_int_equal(conf_value_read(option, SPAN_LITERAL("ra-cert"), &member, &why), 0);
	assert_int_equal(member, CONF_BIT(CONF_GRANT_ROLLOVER_RA_CERT));
	assert_int_equal(conf_value_read(option, SPAN_LITERAL("ca-cert"), &member, &why), 0);
	assert_int_equal(member, 3);
	assert_int_equal(conf_value_read(option, SPAN_LITERAL(""), &member, &why), 0);
	assert_int_equal(member, 0);
	assert_int_equal(conf_value_read(option, SPAN_LITERAL("ca-cert,  ra-cert"), &member, &why),
			 0);
	assert_int_equal(member, 3);
	assert_int_equal(conf_value_read(option, SPAN_LITERAL("ca-cert id-cert"), &member, &why),
			 CONF_VALUE_WRONG);
	assert_int_equal(member, 3);
}

static const struct {
	const char *text;
	int64_t value_s; /* -1: refused */
} overlaps[] = {
	{"", 30 * 86400},   {"yes", 30 * 86400}, {"no", 0},    {"off", 0},  {"30d", 30 * 86400},
	{"90", 90 * 86400}, {"1d2h3m", 93780},	 {"10m", 600}, {"59s", -1}, {"0", -1},
	{"1825d 1s", -1},   {"later", -1},	 {"Yes", -1},
};

/* An overlap without a value is thirty days, not the default. */
static void overlaps_in_every_spelling(void **state)
{
	(void)state;
	const struct conf_option *option =
		conf_find_option(CONF_SERVER, SPAN_LITERAL("AutoRollover"));

	for (size_t i = 0; i < ELEMENTS(overlaps); i++) {
		_cleanup_(buffer_done) struct buffer why = {0};
		int64_t member = 77;
		int r = conf_value_read(option, span_of_text(overlaps[i].text), &member, &why);

		print_message("AutoRollover=%s\n", overlaps[i].text);
		assert_int_equal(r, overlaps[i].value_s < 0 ? CONF_VALUE_WRONG : 0);
		assert_int_equal(member, overlaps[i].value_s < 0 ? 77 : overlaps[i].value_s);
	}
}

static const struct {
	const char *option;
	const char *text;    /* what is read */
	const char *written; /* what comes out */
	bool is_default;
} plain[] = {
	{"CRLLifetime", "7d", "168h", true},
	{"CRLLifetime", "90m", "1h 30m", false},
	{"CertificateLifetime", "365", "365d", true},
	{"AutoRollover", "off", "off", true},
	{"AutoRollover", "yes", "30d", false},
	{"AutoRollover", "1d2h3m", "1d 2h 3m", false},
	{"KeepRetired", "0", "0h", false},
	{"KeySize", "2048", "2048", false},
	{"KeySize", "", "", true},
	{"IncludeCA", "on", "yes", false},
	{"IncludeCA", "0", "no", true},
	{"Hash", "sha384", "sha384", false},
	{"DatabaseLevel", "minimum", "minimal", true},
	{"GrantRollover", "ra-cert,ca-cert", "ca-cert ra-cert", false},
	{"GrantRollover", "", "", true},
	{"SubordinateLifetime", "", "", true},
	{"SubordinateLifetime", "48h", "2d", false},
	{"SubordinatePathLength", "none", "none", true},
	{"SubordinatePathLength", "", "none", true},
	{"SubordinatePathLength", "0", "0", false},
	{"CDP", "", "", true},
	{"CDP", "http://h/x?y", "http://h/x?y", false},
	{"AllowDNS", "*.example.org", "*.example.org", false},
};

static void values_in_their_plainest_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(plain); i++) {
		const struct conf_option *option =
			conf_find_option(CONF_SERVER, span_of_text(plain[i].option));
		_cleanup_(buffer_done) struct buffer why = {0}, out = {0};
		struct {
			char **items;
			size_t n;
		} member = {0};

		print_message("%s=%s\n", plain[i].option, plain[i].text);
		assert_int_equal(
			conf_value_read(option, span_of_text(plain[i].text), &member, &why), 0);
		conf_value_write_all(option, &member, &out);
		assert_true(span_equal(span_of_buffer(&out), span_of_text(plain[i].written)));
		assert_int_equal(conf_value_is_default(option, &member), plain[i].is_default);
		assert_int_equal(conf_value_count(option, &member), plain[i].written[0] ? 1 : 0);
		conf_value_done(option, &member);
	}
}

/* What is shown of a wrong value is short and can't move a terminal's cursor. */
static void errors_are_safe_to_print(void **state)
{
	(void)state;
	const struct conf_option *option = conf_find_option(CONF_SERVER, SPAN_LITERAL("Grant"));
	_cleanup_(buffer_done) struct buffer why = {0};
	uint8_t text[300];
	unsigned member = 0;

	memset(text, 0x1b, sizeof(text));
	assert_int_equal(conf_value_read(option, SPAN_ARRAY(text), &member, &why),
			 CONF_VALUE_WRONG);
	assert_true(why.size < 64 * 4 + 80);
	assert_null(memchr(why.data, 0x1b, why.size));
}

static void empty_sets_the_default(void **state)
{
	(void)state;
	const struct conf_option *pin = conf_find_option(CONF_TOKEN, SPAN_LITERAL("PIN"));
	const struct conf_option *cdp = conf_find_option(CONF_SERVER, SPAN_LITERAL("CDP"));
	_cleanup_(buffer_done) struct buffer why = {0};
	char *text = strdup("/pin");

	assert_int_equal(conf_value_read(pin, SPAN_LITERAL(""), &text, &why), 0);
	assert_string_equal(text, "ask");
	assert_int_equal(conf_value_read(cdp, SPAN_LITERAL(""), &text, &why), 0);
	assert_null(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_by_kind),
		cmocka_unit_test(fingerprints_in_every_spelling),
		cmocka_unit_test(lists_by_kind),
		cmocka_unit_test(booleans),
		cmocka_unit_test(words_and_numbers),
		cmocka_unit_test(off_where_that_is_the_default),
		cmocka_unit_test(sets_add_up),
		cmocka_unit_test(overlaps_in_every_spelling),
		cmocka_unit_test(values_in_their_plainest_form),
		cmocka_unit_test(errors_are_safe_to_print),
		cmocka_unit_test(empty_sets_the_default),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
