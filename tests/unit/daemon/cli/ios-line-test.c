/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/ios-line.h"
#include "daemon/conf/value.h"
#include "tests/unit/daemon/cli/words.h"

#define REFUSED ((const char *)-1)

/* Each line as the documents have it. */
static const struct {
	const char *line;
	const char *option; /* NULL: no line of a server's; REFUSED */
	const char *value;
	const char *user, *password;
} rows[] = {
	/* clang-format off */
	{"issuer-name CN=RootCA,OU=TAC,O=Cisco", "IssuerName", "CN=RootCA,OU=TAC,O=Cisco"},
	{"issuer-name CN=sub CA, O=Cisco, C=us", "IssuerName", "CN=sub CA, O=Cisco, C=us"},
	{"issuer-name \"CN=sub CA\"", "IssuerName", "CN=sub CA"},
	{"issuer-name my-server", "IssuerName", "my-server"},
	{"issuer name CN=x", "IssuerName", "CN=x"},
	{"no issuer-name", "IssuerName", NULL},
	{"mode sub-cs", "Mode", "subordinate"},
	{"mode ra", "Mode", "ra"},
	{"mode ra transparent", "Mode", "ra-transparent"},
	{"no mode ra", "Mode", NULL},
	{"hash sha256", "Hash", "sha256"},
	{"hash sha384", "Hash", "sha384"},
	{"hash sha512", "Hash", "sha512"},
	{"hash md5", REFUSED},
	{"hash sha1", REFUSED},
	{"no hash", "Hash", NULL},
	{"lifetime ca-certificate 730", "CACertificateLifetime", "730d"},
	{"lifetime certificate 888", "CertificateLifetime", "888d"},
	{"lifetime crl 333", "CRLLifetime", "333h"},
	{"lifetime enrollment-request 888", "RequestLifetime", "888h"},
	{"no lifetime crl 24", "CRLLifetime", NULL},
	{"no lifetime certificate", "CertificateLifetime", NULL},
	{"no lifetime ca-certificate", "CACertificateLifetime", NULL},
	{"no lifetime enrollment-request", "RequestLifetime", NULL},
	{"grant auto", "Grant", "auto"},
	{"grant none", "Grant", "none"},
	{"grant ra-auto", "Grant", "ra-auto"},
	{"no grant auto", "Grant", NULL},
	{"grant auto rollover ca-cert", "GrantRollover", "ca-cert"},
	{"grant auto rollover ra-cert", "GrantRollover", "ra-cert"},
	{"no grant auto rollover ra-cert", "GrantRollover", NULL},
	{"auto-rollover", "AutoRollover", "30d"},
	{"auto-rollover 90", "AutoRollover", "90d"},
	{"auto-rollover 0 0 10", "AutoRollover", "0d 0h 10m"},
	{"no auto-rollover", "AutoRollover", NULL},
	{"cdp-url http://cs-addr/cgi-bin/pkiclient.exe?operation=GetCRL", "CDP", "http://cs-addr/cgi-bin/pkiclient.exe?operation=GetCRL"},
	{"cdp-url http://server.company.com/certEnroll/aaa.crl", "CDP", "http://server.company.com/certEnroll/aaa.crl"},
	{"no cdp-url", "CDP", NULL},
	{"database level minimal", "DatabaseLevel", "minimal"},
	{"database level minimum", "DatabaseLevel", "minimal"},
	{"database level names", "DatabaseLevel", "names"},
	{"database level complete", "DatabaseLevel", "complete"},
	{"no database level complete", "DatabaseLevel", NULL},
	{"database url tftp://cert-svr-db.company.com", "Store", "tftp://cert-svr-db.company.com"},
	{"database url ftp://10.1.1.1/DB/ROOTCA/", "Store", "ftp://10.1.1.1/DB/ROOTCA/"},
	{"database url nvram:", "Store", NULL},
	{"database url ser ftp://h/x", "Store.ser", "ftp://h/x"},
	{"database url crl ftp://h/x", "Store.crl", "ftp://h/x"},
	{"database url crt ftp://h/x", "Store.crt", "ftp://h/x"},
	{"database url cnm ftp://h/x", "Store.cnm", "ftp://h/x"},
	{"database url p12 ftp://h/x", "Store.p12", "ftp://h/x"},
	{"database url pem ftp://h/x", "Store.pem", "ftp://h/x"},
	{"database url crl publish tftp://csdb_specific_crl_files.company.com", "Publish.crl", "tftp://csdb_specific_crl_files.company.com"},
	{"database url crt publish http://url username user1 password secret", "Publish.crt", "http://url", "user1", "secret"},
	{"database url cnm publish http://url", "Publish.cnm", "http://url"},
	{"database url crl publish ftp://crl.company.com username myname password 7 12141C0713181F13253920", "Publish.crl", "ftp://crl.company.com", "myname", "12141C0713181F13253920"},
	{"database url ser publish ftp://h", REFUSED},
	{"no database url ser", "Store.ser", NULL},
	{"no database url crl publish ftp://h/x", "Publish.crl", NULL},
	{"no database url", "Store", NULL},
	{"no database url crl", "Store.crl", NULL},
	{"no database url crt", "Store.crt", NULL},
	{"no database url cnm", "Store.cnm", NULL},
	{"no database url p12", "Store.p12", NULL},
	{"no database url pem ftp://h/x", "Store.pem", NULL},
	{"no database url crt publish", "Publish.crt", NULL},
	{"no database url cnm publish", "Publish.cnm", NULL},
	{"no database username u password 7 00", "StoreUser", NULL},
	{"no mode", "Mode", NULL},
	{"database username user password PASSWORD", "StoreUser", "user", "user", "PASSWORD"},
	{"database username user", "StoreUser", "user", "user"},
	{"database archive pkcs12 password 7 01100F175804575D72", "Archive", "pkcs12", NULL, "01100F175804575D72"},
	{"database archive pkcs12 password 0 cisco123", "Archive", "pkcs12", NULL, "cisco123"},
	{"database archive pkcs12 password cisco123", "Archive", "pkcs12", NULL, "cisco123"},
	{"database archive pem", "Archive", "pem"},
	{"no database archive", "Archive", NULL},
	{"lifetime crl", NULL},
	{"lifetime crl 1 2", NULL},
	{"database url", NULL},
	{"database archive p12", NULL},
	{"mode ca", NULL},
	{"redundancy", NULL},
	{"", NULL},
	/* clang-format on */
};

static void assert_maybe_equal(const char *a, const char *b)
{
	if (b)
		assert_string_equal(a, b);
	else
		assert_null(a);
}

/* The configuration's own reader takes what a line was turned into. */
static void assert_value_is_read(enum conf_section section, const char *name, const char *value)
{
	const struct conf_option *option = conf_find_option(section, span_of_text(name));
	_cleanup_(buffer_done) struct buffer why = {};
	union {
		uint64_t whole[4];
	} member = {};

	assert_non_null(option);
	if (!value)
		return;
	assert_int_equal(conf_value_read(option, span_of_text(value), &member, &why), 0);
	conf_value_done(option, &member);
}

static void assert_is_read(const struct ios_line *line)
{
	assert_value_is_read(CONF_SERVER, line->option, line->value);
}

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(ios_line_done) struct ios_line line = {};
		struct words words;
		int r;

		words_split(rows[i].line, &words);
		r = ios_line_read(IOS_BLOCK_SERVER, words.at, words.n, &line);
		if (!rows[i].option || rows[i].option == REFUSED) {
			assert_int_equal(r, rows[i].option ? IOS_LINE_REFUSED : IOS_LINE_UNKNOWN);
			continue;
		}
		assert_int_equal(r, 0);
		assert_string_equal(line.option, rows[i].option);
		assert_maybe_equal(line.value, rows[i].value);
		assert_maybe_equal(line.user, rows[i].user);
		assert_maybe_equal(line.password, rows[i].password);
		assert_is_read(&line);
	}
}

/* Lines beneath `crypto pki trustpoint NAME`. */
static const struct {
	const char *line;
	const char *options; /* all that it sets, a line each; REFUSED; NULL: unknown */
	const char *password;
} trustpoints[] = {
	/* clang-format off */
	{"enrollment url http://ca.example.org", "EnrollmentURL=http://ca.example.org\n"},
	{"enrollment url http://[2001:DB8:1:1::1]:80", "EnrollmentURL=http://[2001:DB8:1:1::1]:80\n"},
	{"enrollment url http://h/a/b pem", "EnrollmentURL=http://h/a/b\n"},
	{"enrollment mode ra url http://h", "EnrollmentURL=http://h\n"},
	{"enrollment mode ra url http://h pem", "EnrollmentURL=http://h\n"},
	{"enrollment retry period 5 url http://h", "EnrollmentURL=http://h\nRetryPeriod=5m\n"},
	{"enrollment retry count 7 url http://h pem", "EnrollmentURL=http://h\nRetryCount=7\n"},
	{"enrollment mode ra retry period 5 retry count 7 url http://h",
	 "EnrollmentURL=http://h\nRetryPeriod=5m\nRetryCount=7\n"},
	{"rsa keypair ms2 2048", "Key=ms2\nKeySize=2048\n"},
	{"enrollment terminal", "EnrollmentURL=terminal\n"},
	{"enrollment terminal pem", "EnrollmentURL=terminal\n"},
	{"enrollment retry count 100", "RetryCount=100\n"},
	{"enrollment retry period 60", "RetryPeriod=60m\n"},
	{"no enrollment url http://h", "EnrollmentURL=\n"},
	{"no enrollment terminal", "EnrollmentURL=\n"},
	{"no enrollment retry count", "RetryCount=\n"},
	{"no enrollment retry period 5", "RetryPeriod=\n"},
	{"enrollment profile p", REFUSED},
	{"enrollment selfsigned", REFUSED},
	{"fingerprint 0123 4567 89AB CDEF 0123 4567 89AB CDEF", "Fingerprint=0123 4567 89AB CDEF 0123 4567 89AB CDEF\n"},
	{"no fingerprint", "Fingerprint=\n"},
	{"subject-name CN=r, OU=a b", "SubjectName=CN=r, OU=a b\n"},
	{"no subject-name CN=r", "SubjectName=\n"},
	{"serial-number none", "SerialNumber=none\n"},
	{"serial-number FTX1234", "SerialNumber=FTX1234\n"},
	{"serial-number", REFUSED},
	{"no serial-number", "SerialNumber=\n"},
	{"ip-address none", "IPAddress=none\n"},
	{"ip-address 192.0.2.1", "IPAddress=192.0.2.1\n"},
	{"no ip-address", "IPAddress=\n"},
	{"fqdn none", "FQDN=none\n"},
	{"fqdn router.example.com", "FQDN=router.example.com\n"},
	{"no fqdn", "FQDN=\n"},
	{"password 7 0110", "Password=\n", "0110"},
	{"password 0 secret", "Password=\n", "secret"},
	{"password secret", "Password=\n", "secret"},
	{"no password", "Password=\n"},
	{"rsakeypair exampleCAkeys", "Key=exampleCAkeys\n"},
	{"rsakeypair exampleCAkeys 2048", "Key=exampleCAkeys\nKeySize=2048\n"},
	{"rsakeypair exampleCAkeys 2048 2048", "Key=exampleCAkeys\nKeySize=2048\nUsageKeys=yes\n"},
	{"rsakeypair exampleCAkeys 2048 4096", REFUSED},
	{"no rsakeypair", "Key=\n"},
	{"on usbtoken0:", "Token=usbtoken0\n"},
	{"no on usbtoken0:", "Token=\n"},
	{"auto-enroll", "AutoEnroll=100\n"},
	{"auto-enroll 90", "AutoEnroll=90\n"},
	{"auto-enroll 90 regenerate", "AutoEnroll=90\nRegenerate=yes\n"},
	{"auto-enroll regenerate", "AutoEnroll=100\nRegenerate=yes\n"},
	{"no auto-enroll 90 regenerate", "AutoEnroll=\n"},
	{"regenerate", "Regenerate=yes\n"},
	{"no regenerate", "Regenerate=\n"},
	{"revocation-check crl", "RevocationCheck=crl\n"},
	{"revocation-check none", "RevocationCheck=none\n"},
	{"revocation-check crl none", REFUSED},
	{"revocation-check ocsp none", REFUSED},
	{"no revocation-check", "RevocationCheck=\n"},
	{"query url ldap://another-server", "QueryURL=ldap://another-server\n"},
	{"crl query ldap://another-server", "QueryURL=ldap://another-server\n"},
	{"no query url", "QueryURL=\n"},
	{"hash sha256", "Hash=sha256\n"},
	{"hash sha384", "Hash=sha384\n"},
	{"hash sha512", "Hash=sha512\n"},
	{"no hash", "Hash=\n"},
	{"hash md5", REFUSED},
	{"lifetime crl 24", NULL},
	{"grant auto", NULL},
	/* clang-format on */
};

static void write_setting(struct buffer *out, const char *option, const char *value)
{
	assert_value_is_read(CONF_TRUSTPOINT, option, value);
	buffer_printf(out, "%s=%s\n", option, value ? value : "");
}

static void each_of_trustpoints(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(trustpoints); i++) {
		_cleanup_(ios_line_done) struct ios_line line = {};
		_cleanup_(buffer_done) struct buffer text = {};
		const char *wanted = trustpoints[i].options;
		struct words words;
		int r;

		words_split(trustpoints[i].line, &words);
		r = ios_line_read(IOS_BLOCK_TRUSTPOINT, words.at, words.n, &line);
		if (!wanted || wanted == REFUSED) {
			assert_int_equal(r, wanted ? IOS_LINE_REFUSED : IOS_LINE_UNKNOWN);
			continue;
		}
		assert_int_equal(r, 0);
		write_setting(&text, line.option, line.value);
		for (size_t k = 0; k < line.n_also; k++)
			write_setting(&text, line.also[k].option, line.also[k].value);
		buffer_append_byte(&text, 0);
		assert_string_equal(text.data, wanted);
		assert_maybe_equal(line.password, trustpoints[i].password);
		assert_int_equal(line.is_secret, trustpoints[i].password != NULL);
		if (line.password)
			assert_string_equal(line.password_option, "Password");
	}
}

static void blocks(void **state)
{
	char *server[] = {"crypto", "ca", "server", "A"},
	     *trustpoint[] = {"crypto", "ca", "trustpoint", "A"};
	char *other[] = {"crypto", "pki", "certificate", "A"};
	enum ios_block block;

	(void)state;
	assert_true(ios_block_find(server, 4, &block));
	assert_int_equal(block, IOS_BLOCK_SERVER);
	assert_true(ios_block_find(trustpoint, 4, &block));
	assert_int_equal(block, IOS_BLOCK_TRUSTPOINT);
	assert_false(ios_block_find(other, 4, &block));
	assert_false(ios_block_find(trustpoint, 3, &block));
}

static void test_passwords(void **state)
{
	char *archive[] = {"database", "archive", "pem", "password", "7", "0110"};
	char *store[] = {"database", "username", "u", "password", "0", "0110"};
	_cleanup_(ios_line_done) struct ios_line a = {}, b = {};

	(void)state;
	assert_int_equal(ios_line_read(IOS_BLOCK_SERVER, archive, 6, &a), 0);
	assert_int_equal(a.password_kind, IOS_PASSWORD_OBSCURED);
	assert_string_equal(a.password_option, "ArchivePassword");
	assert_int_equal(ios_line_read(IOS_BLOCK_SERVER, store, 6, &b), 0);
	assert_int_equal(b.password_kind, IOS_PASSWORD_CLEAR);
	assert_string_equal(b.password_option, "StorePassword");
}

static void test_notes(void **state)
{
	char *words[] = {"no", "shutdown"};
	struct ios_line line;

	(void)state;
	assert_int_equal(ios_line_read(IOS_BLOCK_SERVER, words, 2, &line), 0);
	assert_null(line.option);
	assert_non_null(line.note);
	assert_int_equal(ios_line_read(IOS_BLOCK_SERVER, words + 1, 1, &line), 0);
	assert_null(line.option);
}

/* One size is both pairs'. */
static void two_sizes(void **state)
{
	char *words[] = {"rsakeypair", "k", "2048", "4096"};
	_cleanup_(ios_line_done) struct ios_line refused = {}, taken = {};

	(void)state;
	assert_int_equal(ios_line_read(IOS_BLOCK_TRUSTPOINT, words, 4, &refused), IOS_LINE_REFUSED);
	assert_non_null(strstr(refused.note, "of one size"));
	words[3] = words[2];
	assert_int_equal(ios_line_read(IOS_BLOCK_TRUSTPOINT, words, 4, &taken), 0);
	assert_null(taken.note);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),   cmocka_unit_test(each_of_trustpoints),
		cmocka_unit_test(blocks),     cmocka_unit_test(test_passwords),
		cmocka_unit_test(test_notes), cmocka_unit_test(two_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
