/* SPDX-License-Identifier: Apache-2.0 */
/* What may not change under a server, and what a reload can't do. */
#include "daemon/conf/lock.h"
#include "tests/unit/daemon/conf/scratch.h"

#define SOFT   "[Token soft]\nModule=/m.so\nURI=pkcs11:token=ca\n"
#define ROOTCA SOFT "[Server ROOTCA]\nToken=soft\n"

static struct conf_recorded recorded[] = {
	{"CACertificateLifetime", "1095d"}, {"Hash", "sha256"},
	{"IssuerName", "CN=ROOTCA"},	    {"Store", ""},
	{"Trustpoint.Key", "ms2"},	    {"Trustpoint.Token", ""},
};
#define MS2 "[Trustpoint ROOTCA]\nKey=ms2\n"

static const struct {
	const char *options;
	bool enabled;
	const char *breach; /* NULL: none */
} rows[] = {
	{"" MS2, true, NULL},
	{"Hash=sha256\nIssuerName=CN=ROOTCA\nCACertificateLifetime=1095\n" MS2, true, NULL},
	{"Grant=auto\nCDP=http://h/x\n" MS2, true, NULL},
	{"Hash=sha384\n" MS2, false, NULL},
	{"Hash=sha384\n" MS2, true,
	 "Hash=sha384: is locked while the server is enabled, with sha256: claviger server stop "
	 "ROOTCA first"},
	{"Store=/a\n" MS2, true,
	 "Store=/a: is locked while the server is enabled, with no value: claviger server stop "
	 "ROOTCA first"},
	{"IssuerName=CN=x\n" MS2, false,
	 "IssuerName=CN=x: is fixed while the server exists, with CN=ROOTCA: claviger server "
	 "delete "
	 "ROOTCA first"},
	{"IssuerName=CN=x\n" MS2, true, "IssuerName=CN=x: is fixed"},
	{"CACertificateLifetime=1096d\n" MS2, false, "CACertificateLifetime=1096d: is fixed"},
	/* Nobody recorded it. */
	{"SerialNumbers=sequential\n" MS2, true, NULL},
	{"[Trustpoint ROOTCA]\nKey=ms3\n", false,
	 "[Trustpoint ROOTCA] Key=ms3: is fixed while the server exists, with ms2: claviger server "
	 "delete ROOTCA first"},
	/* Its section is gone. */
	{"", true, "[Trustpoint ROOTCA] Key=: is fixed while the server exists, with ms2"},
	{MS2 "Token=soft\n", false, NULL},
	{MS2 "Token=soft\n", true,
	 "[Trustpoint ROOTCA] Token=soft: is locked while the server is enabled, with no value: "
	 "claviger server stop ROOTCA first"},
	{MS2 "KeySize=2048\n", true, NULL},
};

static void breaches(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char text[512];

		snprintf(text, sizeof(text), ROOTCA "%s", rows[i].options);
		_cleanup_(conf_unrefp) struct conf *conf = scratch_load(text);
		const struct conf_holding holding = {recorded, ELEMENTS(recorded), rows[i].enabled};
		_cleanup_(buffer_done) struct buffer out = {0};
		struct conf_breach breach;

		assert_int_equal(conf_find_breach(&conf->servers[0], &holding, &breach), 0);
		assert_int_equal(breach.option != NULL, rows[i].breach != NULL);
		if (!breach.option)
			continue;
		conf_write_server_breach(&conf->servers[0], &breach, &out);
		buffer_append_byte(&out, '\0');
		assert_memory_equal(out.data, rows[i].breach, strlen(rows[i].breach));
	}
}

static const char *find(const struct conf_recorded *list, size_t n, const char *option)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].option, option) == 0)
			return list[i].value;
	return NULL;
}

/* At its creation what is fixed; at a start what is locked, and what was left out before. */
static void what_is_recorded(void **state)
{
	(void)state;
	_cleanup_(conf_unrefp) struct conf *conf = scratch_load(ROOTCA "Hash=sha512\n");
	struct conf_holding holding = {0};
	struct conf_recorded *list;
	size_t n;

	assert_int_equal(conf_record(&conf->servers[0], &holding, false, &list, &n), 0);
	assert_string_equal(find(list, n, "IssuerName"), "CN=ROOTCA");
	assert_string_equal(find(list, n, "KeySize"), "");
	assert_null(find(list, n, "Hash"));
	assert_null(find(list, n, "Grant"));
	assert_string_equal(find(list, n, "Trustpoint.Key"), "");
	assert_string_equal(find(list, n, "Trustpoint.KeySize"), "");
	assert_null(find(list, n, "Trustpoint.Token"));
	assert_null(find(list, n, "Trustpoint.FQDN"));
	conf_recorded_free(list, n);

	holding = (struct conf_holding){recorded, ELEMENTS(recorded), false};
	assert_int_equal(conf_record(&conf->servers[0], &holding, true, &list, &n), 0);
	assert_string_equal(find(list, n, "Hash"), "sha512");
	assert_string_equal(find(list, n, "KeySize"), "");
	assert_null(find(list, n, "IssuerName"));
	assert_null(find(list, n, "Grant"));
	conf_recorded_free(list, n);

	/* A start of what is started already is no way around the lock. */
	holding.enabled = true;
	assert_int_equal(conf_record(&conf->servers[0], &holding, true, &list, &n), 0);
	assert_null(find(list, n, "Hash"));
	assert_string_equal(find(list, n, "SerialNumbers"), "random");
	conf_recorded_free(list, n);
}

static void options_by_their_recorded_names(void **state)
{
	(void)state;
	assert_string_equal(conf_find_recorded_option("Hash")->name, "Hash");
	assert_int_equal(conf_find_recorded_option("Hash")->section, CONF_SERVER);
	assert_int_equal(conf_find_recorded_option("Grant")->section, CONF_SERVER);
	assert_string_equal(conf_find_recorded_option("Trustpoint.KeySize")->name, "KeySize");
	assert_int_equal(conf_find_recorded_option("Trustpoint.KeySize")->section, CONF_TRUSTPOINT);
	assert_null(conf_find_recorded_option("Trustpoint.Hash"));
	assert_null(conf_find_recorded_option("Trustpoint."));
	assert_null(conf_find_recorded_option("Key"));
}

static void what_waits_for_a_restart(void **state)
{
	(void)state;
	_cleanup_(conf_unrefp) struct conf *running = scratch_load(
		"[Daemon]\nStateDirectory=/a\nHoldFor=1s\n[HTTP]\nListen=127.0.0.1:8001\n" ROOTCA);
	_cleanup_(conf_unrefp) struct conf *fresh = scratch_load(
		"[Daemon]\nStateDirectory=/b\nHoldFor=2s\n[HTTP]\nListen=127.0.0.1:8002\n" ROOTCA
		"Store.crl=/c\n[Token new]\nModule=/m.so\nURI=pkcs11:token=b\n");
	_cleanup_(buffer_done) struct buffer out = {0};

	assert_int_equal(conf_keep_started(fresh, running, &out), 0);
	assert_string_equal(fresh->daemon.state_directory, "/a");
	assert_int_equal(fresh->daemon.hold_for_s, 2);
	conf_tell_changes(fresh, running, &out);
	buffer_append_byte(&out, '\0');
	const char *text = (const char *)out.data;
	assert_non_null(strstr(text, ":2: StateDirectory=: waits for a restart of all programs\n"));
	assert_non_null(strstr(text, ":5: Listen=: waits for a restart of claviger-http\n"));
	assert_non_null(strstr(text, ":11: Store.crl=: is another place now: files that exist must "
				     "be moved there by hand"));
	assert_null(strstr(text, "HoldFor"));
	assert_null(strstr(text, "Module"));
	/* One text of each of three. */
	assert_non_null(strchr(strchr(text, '\n') + 1, '\n'));
	assert_null(strchr(strchr(strchr(text, '\n') + 1, '\n') + 1, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(breaches),
		cmocka_unit_test(what_is_recorded),
		cmocka_unit_test(options_by_their_recorded_names),
		cmocka_unit_test(what_waits_for_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
