/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/ios-line.h"
#include "tests/unit/daemon/cli/words.h"

static const struct row {
	const char *option, *value;
	const char *line; /* NULL: IOS has none */
} rows[] = {
	/* clang-format off */
	{"CRLLifetime", "24h", "lifetime crl 24"},
	{"CRLLifetime", "1h 30m", NULL},
	{"CertificateLifetime", "365d", "lifetime certificate 365"},
	{"CertificateLifetime", "36h", NULL},
	{"CACertificateLifetime", "730d", "lifetime ca-certificate 730"},
	{"RequestLifetime", "888h", "lifetime enrollment-request 888"},
	{"AutoRollover", "30d", "auto-rollover"},
	{"AutoRollover", "90d", "auto-rollover 90"},
	{"AutoRollover", "0d 0h 10m", "auto-rollover 0 0 10"},
	{"IssuerName", "CN=sub CA, O=Cisco", "issuer-name CN=sub CA, O=Cisco"},
	{"Grant", "ra-auto", "grant ra-auto"},
	{"Grant", "manual", NULL},
	{"GrantRollover", "ca-cert", "grant auto rollover ca-cert"},
	{"Mode", "subordinate", "mode sub-cs"},
	{"Mode", "ra-transparent", "mode ra transparent"},
	{"Hash", "sha384", "hash sha384"},
	{"Hash", "md5", NULL},
	{"CDP", "http://h/x?operation=GetCRL", "cdp-url http://h/x?operation=GetCRL"},
	{"DatabaseLevel", "minimal", "database level minimal"},
	{"DatabaseLevel", "complete", "database level complete"},
	{"Store", "ftp://h/x", "database url ftp://h/x"},
	{"Store.ser", "/srv/ca", "database url ser /srv/ca"},
	{"Publish.crl", "ftp://h/x", "database url crl publish ftp://h/x"},
	{"StoreUser", "u", "database username u"},
	{"Archive", "pkcs12", "database archive pkcs12"},
	{"KeySize", "3072", NULL},
	/* clang-format on */
};

static const struct row trustpoints[] = {
	/* clang-format off */
	{"EnrollmentURL", "http://ca.example.org", "enrollment url http://ca.example.org"},
	{"EnrollmentURL", "http://[2001:DB8::1]:80", "enrollment url http://[2001:DB8::1]:80"},
	{"EnrollmentURL", "terminal", "enrollment terminal"},
	{"Fingerprint", "0123456789ABCDEF0123456789ABCDEF", "fingerprint 0123456789ABCDEF0123456789ABCDEF"},
	{"SubjectName", "CN=a b, O=c", "subject-name CN=a b, O=c"},
	{"SerialNumber", "none", "serial-number none"},
	{"IPAddress", "none", "ip-address none"},
	{"FQDN", "none", "fqdn none"},
	{"FQDN", "r.example.com", "fqdn r.example.com"},
	{"Token", "usbtoken0", "on usbtoken0"},
	{"RetryCount", "5", "enrollment retry count 5"},
	{"RetryPeriod", "60m", "enrollment retry period 60"},
	{"RetryPeriod", "1m 30s", NULL},
	{"RevocationCheck", "none", "revocation-check none"},
	{"QueryURL", "ldap://h", "query url ldap://h"},
	{"Hash", "sha384", "hash sha384"},
	{"Password", "/etc/p", NULL},
	{"ExportDirectory", "/e", NULL},
	/* clang-format on */
};

/* What was written is read back as what it was. */
static void check_rows(enum ios_block block, const struct row *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_(ios_line_done) struct ios_line line = {};
		_cleanup_(buffer_done) struct buffer out = {};
		struct words words;
		int r = ios_line_write(block, table[i].option, span_of_text(table[i].value), &out);

		if (!table[i].line) {
			assert_int_equal(r, IOS_LINE_NONE);
			continue;
		}
		assert_int_equal(r, 0);
		buffer_append_byte(&out, 0);
		assert_string_equal(out.data, table[i].line);
		words_split(table[i].line, &words);
		assert_int_equal(ios_line_read(block, words.at, words.n, &line), 0);
		assert_string_equal(line.option, table[i].option);
		assert_string_equal(line.value, table[i].value);
	}
}

static void each_row(void **state)
{
	(void)state;
	check_rows(IOS_BLOCK_SERVER, rows, ELEMENTS(rows));
}

static void each_of_trustpoints(void **state)
{
	(void)state;
	check_rows(IOS_BLOCK_TRUSTPOINT, trustpoints, ELEMENTS(trustpoints));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_row),
					   cmocka_unit_test(each_of_trustpoints)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
