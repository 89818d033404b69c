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
	{CONF_SERVER, "IssuerName", "my-server", NULL},
	{CONF_SERVER, "IssuerName", "CN=a\\,b, O=\xe2\x82\xac", NULL},
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
		cmocka_unit_test(booleans),
		cmocka_unit_test(words_and_numbers),
		cmocka_unit_test(off_where_that_is_the_default),
		cmocka_unit_test(errors_are_safe_to_print),
		cmocka_unit_test(empty_sets_the_default),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
