/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of options.def against what they must be, said here a second time and by hand: a
 * default, an edge, a unit or a lock that changes by accident is noticed.
 */
#include "daemon/conf/option.h"
#include "daemon/conf/value.h"
#include "tests/unit/daemon/conf/scratch.h"

#define HOUR 3600
#define DAY  86400

static const char least[] = "[Token soft]\n"
			    "Module=/usr/lib/softhsm/libsofthsm2.so\n"
			    "URI=pkcs11:token=ca\n"
			    "[Server ROOTCA]\n"
			    "Token=soft\n";

static void defaults_of_programs(void **state)
{
	(void)state;
	_cleanup_(conf_unrefp) struct conf *conf = scratch_load(least);
	const struct conf_daemon *daemon = &conf->daemon;

	assert_string_equal(daemon->runtime_directory, "/run/claviger");
	assert_string_equal(daemon->state_directory, "/var/lib/claviger");
	assert_string_equal(daemon->token_state_directory, "/var/lib/claviger-token");
	assert_int_equal(daemon->time_source, CONF_TIME_SOURCE_NTP);
	assert_int_equal(daemon->holdover_s, 24 * HOUR);
	assert_int_equal(daemon->max_pending_requests, 10000);
	assert_int_equal(daemon->hold_for_s, 5);
	assert_int_equal(daemon->checkpoint_every_s, HOUR);
#ifdef CLAVIGER_TEST_CLOCK
	assert_null(daemon->test_clock);
#endif
	assert_int_equal(conf->http.n_listen, 0);
	assert_null(conf->http.default_server);
	assert_int_equal(conf->http.idle_exit_s, 0);
}

static void defaults_of_token(void **state)
{
	(void)state;
	_cleanup_(conf_unrefp) struct conf *conf = scratch_load(least);
	const struct conf_token *token = conf_find_token(conf, "soft");

	assert_non_null(token);
	assert_string_equal(token->name, "soft");
	assert_string_equal(token->module, "/usr/lib/softhsm/libsofthsm2.so");
	assert_string_equal(token->uri, "pkcs11:token=ca");
	assert_string_equal(token->pin, "ask");
	assert_int_equal(token->sessions, 0);
}

static void defaults_of_trustpoint(void **state)
{
	(void)state;
	_cleanup_(conf_unrefp) struct conf *conf = scratch_load("[Trustpoint vpn]\n");
	const struct conf_trustpoint *trustpoint = conf_find_trustpoint(conf, "vpn");

	assert_non_null(trustpoint);
	assert_null(conf_find_trustpoint(conf, "VPN"));
	assert_string_equal(trustpoint->name, "vpn");
	assert_null(trustpoint->enrollment_url);
	assert_null(trustpoint->fingerprint);
	assert_null(trustpoint->key);
	assert_null(trustpoint->token);
	assert_int_equal(trustpoint->key_size, 0);
	assert_false(trustpoint->usage_keys);
	assert_int_equal(trustpoint->auto_enroll, 0);
	assert_false(trustpoint->regenerate);
	assert_int_equal(trustpoint->retry_count, 999);
	assert_int_equal(trustpoint->retry_period_s, 60);
	assert_int_equal(trustpoint->revocation_check, CONF_REVOCATION_CHECK_CRL);
	assert_int_equal(trustpoint->hash, DIGEST_SHA256);
	assert_int_equal(conf->notify.n_snmp_trap, 0);
	assert_int_equal(conf->notify.snmp_auth, CONF_SNMP_AUTH_SHA256);
	assert_int_equal(conf->notify.snmp_privacy, CONF_SNMP_PRIVACY_AES);
}

static void defaults_of_use(void **state)
{
	(void)state;
	_cleanup_(conf_unrefp) struct conf *conf =
		scratch_load("[Use web]\nKey=vpn\nUser=root\nFor=tls\nUser=33 www-data\nFor=any\n");
	const struct conf_use *use = &conf->uses[0];

	assert_int_equal(conf->n_uses, 1);
	assert_string_equal(use->name, "web");
	assert_string_equal(use->key, "vpn");
	assert_int_equal(use->n_user, 3);
	assert_string_equal(use->user[2], "www-data");
	assert_int_equal(use->n_unit, 0);
	assert_int_equal(use->uses, CONF_BIT(CONF_KEY_USE_TLS) | CONF_BIT(CONF_KEY_USE_ANY));
	assert_int_equal(use->rate_limit, 1000);
}

static void defaults_of_server(void **state)
{
	(void)state;
	_cleanup_(conf_unrefp) struct conf *conf = scratch_load(least);
	const struct conf_server *server = conf_find_server(conf, "ROOTCA");

	assert_non_null(server);
	assert_string_equal(server->label, "ROOTCA");
	assert_int_equal(server->mode, CONF_MODE_ROOT);
	assert_string_equal(server->issuer_name, "CN=ROOTCA");
	assert_int_equal(server->key_size, 0);
	assert_int_equal(server->hash, DIGEST_SHA256);
	assert_false(server->allow_weak);
	assert_int_equal(server->grant, CONF_GRANT_MANUAL);
	assert_int_equal(server->grant_renewal, CONF_GRANT_RENEWAL_AUTO);
	assert_false(server->password_required);
	assert_false(server->issue_subordinates);
	assert_int_equal(server->subordinate_lifetime_s, 0);
	assert_int_equal(server->subordinate_path_length, -1);
	assert_int_equal(server->certificate_lifetime_s, 365 * DAY);
	assert_int_equal(server->ca_certificate_lifetime_s, 1095 * DAY);
	assert_int_equal(server->crl_lifetime_s, 168 * HOUR);
	assert_int_equal(server->request_lifetime_s, 168 * HOUR);
	assert_null(server->cdp);
	assert_null(server->shadow_token);
	assert_int_equal(server->grant_rollover, 0);
	assert_int_equal(server->n_allow_subject, 0);
	assert_int_equal(server->n_allow_dns, 0);
	assert_int_equal(server->n_allow_address, 0);
	assert_false(server->offline);
	assert_int_equal(server->auto_rollover_s, 0);
	assert_int_equal(server->keep_retired_s, HOUR);
	assert_int_equal(server->database_level, CONF_DATABASE_LEVEL_MINIMAL);
	assert_int_equal(server->publish_failure, CONF_PUBLISH_FAILURE_BY_TYPE);
	assert_int_equal(server->archive, CONF_ARCHIVE_OFF);
	assert_int_equal(server->backup, CONF_BACKUP_NONE);
	assert_false(server->require_backup);
	assert_string_equal(server->exchange_key, "ca");
	assert_int_equal(server->two_persons, 0);
	assert_int_equal(server->serial_numbers, CONF_SERIAL_NUMBERS_RANDOM);
	assert_false(server->include_ca);
	assert_false(server->unique_keys);
	assert_int_equal(server->clients, CONF_CLIENTS_STANDARD);
}

/* Each place is its own; none is set. */
static void defaults_of_places(void **state)
{
	(void)state;
	_cleanup_(conf_unrefp) struct conf *conf = scratch_load(least);
	const struct conf_server *server = conf_find_server(conf, "ROOTCA");

	assert_null(server->store);
	assert_null(server->store_ser);
	assert_null(server->store_crl);
	assert_null(server->store_crt);
	assert_null(server->store_cnm);
	assert_null(server->store_p12);
	assert_null(server->store_pem);
	assert_int_equal(server->n_publish_crl, 0);
	assert_null(server->publish_crt);
	assert_null(server->publish_cnm);
	assert_null(server->store_user);
	assert_null(server->store_password);
	assert_null(server->archive_password);
}

static const struct conf_option *option_of(enum conf_section section, const char *name)
{
	const struct conf_option *option = conf_find_option(section, span_of_text(name));
	assert_non_null(option);
	return option;
}

/* Reads one value into a member of its own; true where it was taken. */
static bool takes(const struct conf_option *option, const char *text, int64_t *ret)
{
	union {
		int64_t duration_s;
		unsigned number;
	} member = {0};
	_cleanup_(buffer_done) struct buffer why = {0};
	int r = conf_value_read(option, span_of_text(text), &member, &why);

	assert_true(r >= 0);
	assert_true((r == CONF_VALUE_WRONG) == (why.size > 0));
	*ret = option->unit ? member.duration_s : (int64_t)member.number;
	return r == 0;
}

static const struct {
	enum conf_section section;
	const char *name;
	const char *below, *least, *most, *above; /* NULL: no such value */
	int64_t least_value, most_value;
} edges[] = {
	{CONF_DAEMON, "Holdover", NULL, "0", "8784", "8785", 0, 8784 * HOUR},
	{CONF_DAEMON, "Holdover", "-1s", "0s", "366d", "31622401s", 0, 366 * DAY},
	{CONF_DAEMON, "MaxPendingRequests", "0", "1", "1000000", "1000001", 1, 1000000},
	{CONF_DAEMON, "CheckpointEvery", "59s", "1m", "168", "169", 60, 168 * HOUR},
	{CONF_DAEMON, "HoldFor", NULL, "0", "20", "21", 0, 20},
	{CONF_HTTP, "IdleExit", "0", "1", "86400", "86401", 1, DAY},
	{CONF_TOKEN, "Sessions", "0", "1", "64", "65", 1, 64},
	{CONF_SERVER, "KeySize", "1023", "1024", "4096", "4097", 1024, 4096},
	{CONF_SERVER, "CertificateLifetime", "0", "1", "1825", "1826", DAY, 1825 * DAY},
	{CONF_SERVER, "CertificateLifetime", "86399s", "24h", "43800h", "43801h", DAY, 1825 * DAY},
	{CONF_SERVER, "SubordinateLifetime", "0", "1", "7305", "7306", DAY, 7305 * DAY},
	{CONF_SERVER, "SubordinatePathLength", "-1", "0", "16", "17", 0, 16},
	{CONF_SERVER, "CACertificateLifetime", "0", "1", "7305", "7306", DAY, 7305 * DAY},
	{CONF_SERVER, "CACertificateLifetime", "23h", "1d", "7305d", "631152001s", DAY, 7305 * DAY},
	{CONF_SERVER, "CRLLifetime", "0", "1", "8784", "8785", HOUR, 8784 * HOUR},
	{CONF_SERVER, "CRLLifetime", "59min", "60m", "366d", "31622401s", HOUR, 8784 * HOUR},
	{CONF_SERVER, "AutoRollover", "0", "1m", "1825", "1826", 60, 1825 * DAY},
	{CONF_SERVER, "KeepRetired", NULL, "0", "8784", "8785", 0, 8784 * HOUR},
	{CONF_SERVER, "RequestLifetime", "0", "1", "1000", "1001", HOUR, 1000 * HOUR},
	{CONF_SERVER, "RequestLifetime", "3599s", "3600s", "41d 16h", "41d 16h 1s", HOUR,
	 1000 * HOUR},
	{CONF_TRUSTPOINT, "KeySize", "2047", "2048", "4096", "4097", 2048, 4096},
	{CONF_TRUSTPOINT, "AutoEnroll", "9", "10", "100", "101", 10, 100},
	{CONF_USE, "RateLimit", "0", "1", "100000", "100001", 1, 100000},
	{CONF_TRUSTPOINT, "RetryCount", "0", "1", "999", "1000", 1, 999},
	{CONF_TRUSTPOINT, "RetryPeriod", "0", "1", "60", "61", 60, HOUR},
	{CONF_TRUSTPOINT, "RetryPeriod", "59s", "1m", "1h", "3601s", 60, HOUR},
};

static void ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(edges); i++) {
		const struct conf_option *option = option_of(edges[i].section, edges[i].name);
		int64_t value;

		print_message("%s\n", edges[i].name);
		assert_false(edges[i].below && takes(option, edges[i].below, &value));
		assert_true(takes(option, edges[i].least, &value));
		assert_int_equal(value, edges[i].least_value);
		assert_true(takes(option, edges[i].most, &value));
		assert_int_equal(value, edges[i].most_value);
		assert_false(takes(option, edges[i].above, &value));
	}
}

/* Each duration and number has its edges above. */
static void ranges_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_n_options; i++) {
		bool seen = false;
		for (size_t k = 0; k < ELEMENTS(edges); k++)
			seen |= edges[k].section == conf_options[i].section &&
				strcmp(edges[k].name, conf_options[i].name) == 0;
		bool ranged = conf_options[i].unit || conf_options[i].kind == CONF_KIND_NUMBER ||
			      conf_options[i].kind == CONF_KIND_PERCENT ||
			      conf_options[i].kind == CONF_KIND_LIMIT;
		assert_true(seen == ranged);
	}
}

static const struct {
	enum conf_section section;
	const char *name;
	const char *start;
	size_t most;
} sizes[] = {
	{CONF_TOKEN, "URI", "pkcs11:", 1024},	   {CONF_TOKEN, "PIN", "/", 1024},
	{CONF_SERVER, "IssuerName", "CN=", 4096},  {CONF_SERVER, "CDP", "http://h/", 2048},
	{CONF_SERVER, "Store", "/", 2048},	   {CONF_SERVER, "Store.ser", "/", 2048},
	{CONF_SERVER, "Store.crl", "/", 2048},	   {CONF_SERVER, "Store.crt", "/", 2048},
	{CONF_SERVER, "Store.cnm", "/", 2048},	   {CONF_SERVER, "Store.p12", "/", 2048},
	{CONF_SERVER, "Store.pem", "/", 2048},	   {CONF_SERVER, "Publish.crt", "/", 2048},
	{CONF_SERVER, "Publish.cnm", "/", 2048},   {CONF_SERVER, "StoreUser", "u", 256},
	{CONF_SERVER, "StorePassword", "/", 1024}, {CONF_SERVER, "ArchivePassword", "/", 1024},
	{CONF_TRUSTPOINT, "Password", "/", 1024},  {CONF_TRUSTPOINT, "SubjectName", "CN=", 4096},
	{CONF_TRUSTPOINT, "Key", "k", 120},	   {CONF_USE, "Key", "k", 120},
	{CONF_NOTIFY, "SNMPCommunity", "/", 1024},
};

static void sizes_of_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		const struct conf_option *option = option_of(sizes[i].section, sizes[i].name);
		_cleanup_(buffer_done) struct buffer text = {0}, why = {0};
		char *member = NULL;

		buffer_append_text(&text, sizes[i].start);
		while (text.size < sizes[i].most)
			buffer_append_byte(&text, 'a');
		assert_int_equal(conf_value_read(option, span_of_buffer(&text), &member, &why), 0);
		assert_int_equal(strlen(member), sizes[i].most);
		buffer_append_byte(&text, 'a');
		assert_int_equal(conf_value_read(option, span_of_buffer(&text), &member, &why),
				 CONF_VALUE_WRONG);
		assert_int_equal(strlen(member), sizes[i].most);
		conf_value_done(option, &member);
		assert_null(member);
	}
}

static void at_most_sixteen_listeners(void **state)
{
	(void)state;
	_cleanup_(buffer_done) struct buffer text = {0};

	buffer_append_text(&text, "[HTTP]\n");
	for (unsigned i = 1; i <= 16; i++)
		buffer_printf(&text, "Listen=127.0.0.1:%u\n", 8000 + i);
	_cleanup_(freep) char *sixteen = NULL;
	assert_int_equal(span_to_text(span_of_buffer(&text), &sixteen), 0);
	_cleanup_(conf_unrefp) struct conf *conf = scratch_load(sixteen);
	assert_int_equal(conf->http.n_listen, 16);
	assert_string_equal(conf->http.listen[0], "127.0.0.1:8001");
	assert_string_equal(conf->http.listen[15], "127.0.0.1:8016");

	_cleanup_(freep) char *seventeen = NULL;
	buffer_append_text(&text, "Listen=127.0.0.1:8017\n");
	assert_int_equal(buffer_take_text(&text, &seventeen), 0);
	scratch_refuses(seventeen, ":18: Listen=127.0.0.1:8017: is one more than the 16");
}

static const struct {
	const char *name;
	size_t most;
	const char *item;
} lists[] = {
	{"AllowSubject", 256, "O=Example"},
	{"AllowDNS", 256, "*.example.org"},
	{"AllowAddress", 256, "192.0.2.0/24"},
	{"Publish.crl", 16, "ftp://h/crl"},
};

static void lists_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(lists); i++) {
		const struct conf_option *option = option_of(CONF_SERVER, lists[i].name);
		_cleanup_(buffer_done) struct buffer why = {0};
		struct {
			char **items;
			size_t n;
		} member = {0};

		for (size_t n = 0; n < lists[i].most; n++)
			assert_int_equal(
				conf_value_read(option, span_of_text(lists[i].item), &member, &why),
				0);
		assert_int_equal(
			conf_value_read(option, span_of_text(lists[i].item), &member, &why),
			CONF_VALUE_WRONG);
		assert_int_equal(member.n, lists[i].most);
		conf_value_done(option, &member);
	}
}

static const struct {
	enum conf_section section;
	const char *name;
	enum conf_lock lock;
	const char *ios;
} locks[] = {
	{CONF_DAEMON, "RuntimeDirectory", CONF_RESTART, NULL},
	{CONF_DAEMON, "StateDirectory", CONF_RESTART, NULL},
	{CONF_DAEMON, "TokenStateDirectory", CONF_RESTART, NULL},
	{CONF_DAEMON, "TimeSource", CONF_FREE, "clock calendar-valid"},
	{CONF_DAEMON, "Holdover", CONF_FREE, NULL},
	{CONF_DAEMON, "MaxPendingRequests", CONF_FREE, NULL},
	{CONF_DAEMON, "HoldFor", CONF_FREE, NULL},
	{CONF_DAEMON, "CheckpointEvery", CONF_FREE, NULL},
#ifdef CLAVIGER_TEST_CLOCK
	{CONF_DAEMON, "TestClock", CONF_RESTART, NULL},
	{CONF_DAEMON, "TestCrash", CONF_RESTART, NULL},
#endif
	{CONF_HTTP, "Listen", CONF_RESTART, "ip http port"},
	{CONF_HTTP, "DefaultServer", CONF_FREE, NULL},
	{CONF_HTTP, "IdleExit", CONF_FREE, NULL},
	{CONF_TOKEN, "Module", CONF_RESTART, NULL},
	{CONF_TOKEN, "URI", CONF_RESTART, NULL},
	{CONF_TOKEN, "PIN", CONF_RESTART, NULL},
	{CONF_TOKEN, "Sessions", CONF_RESTART, NULL},
	{CONF_TOKEN, "WrappingKey", CONF_FREE, NULL},
	{CONF_TOKEN, "Reader", CONF_RESTART, NULL},
	{CONF_SERVER, "Mode", CONF_FIXED, "mode"},
	{CONF_SERVER, "IssuerName", CONF_FIXED, "issuer-name"},
	{CONF_SERVER, "Token", CONF_LOCKED, NULL},
	{CONF_SERVER, "KeySize", CONF_FIXED, "crypto key generate rsa modulus"},
	{CONF_SERVER, "Hash", CONF_LOCKED, "hash"},
	{CONF_SERVER, "AllowWeak", CONF_LOCKED, NULL},
	{CONF_SERVER, "Grant", CONF_FREE, "grant"},
	{CONF_SERVER, "GrantRenewal", CONF_FREE, NULL},
	{CONF_SERVER, "PasswordRequired", CONF_FREE, NULL},
	{CONF_SERVER, "IssueSubordinates", CONF_LOCKED, NULL},
	{CONF_SERVER, "SubordinateLifetime", CONF_LOCKED, NULL},
	{CONF_SERVER, "SubordinatePathLength", CONF_LOCKED, NULL},
	{CONF_SERVER, "CertificateLifetime", CONF_LOCKED, "lifetime certificate"},
	{CONF_SERVER, "CACertificateLifetime", CONF_FIXED, "lifetime ca-certificate"},
	{CONF_SERVER, "CRLLifetime", CONF_LOCKED, "lifetime crl"},
	{CONF_SERVER, "RequestLifetime", CONF_FREE, "lifetime enrollment-request"},
	{CONF_SERVER, "CDP", CONF_FREE, "cdp-url"},
	{CONF_SERVER, "SerialNumbers", CONF_LOCKED, NULL},
	{CONF_SERVER, "IncludeCA", CONF_FREE, NULL},
	{CONF_SERVER, "UniqueKeys", CONF_FREE, NULL},
	{CONF_SERVER, "Clients", CONF_FREE, NULL},
	{CONF_SERVER, "ShadowToken", CONF_FREE, NULL},
	{CONF_SERVER, "GrantRollover", CONF_FREE, "grant auto rollover"},
	{CONF_SERVER, "AllowSubject", CONF_FREE, NULL},
	{CONF_SERVER, "AllowDNS", CONF_FREE, NULL},
	{CONF_SERVER, "AllowAddress", CONF_FREE, NULL},
	{CONF_SERVER, "Offline", CONF_LOCKED, NULL},
	{CONF_SERVER, "AutoRollover", CONF_FREE, "auto-rollover"},
	{CONF_SERVER, "KeepRetired", CONF_FREE, NULL},
	{CONF_SERVER, "DatabaseLevel", CONF_LOCKED, "database level"},
	{CONF_SERVER, "Store", CONF_LOCKED, "database url"},
	{CONF_SERVER, "Store.ser", CONF_LOCKED, "database url ser"},
	{CONF_SERVER, "Store.crl", CONF_LOCKED, "database url crl"},
	{CONF_SERVER, "Store.crt", CONF_LOCKED, "database url crt"},
	{CONF_SERVER, "Store.cnm", CONF_LOCKED, "database url cnm"},
	{CONF_SERVER, "Store.p12", CONF_LOCKED, "database url p12"},
	{CONF_SERVER, "Store.pem", CONF_LOCKED, "database url pem"},
	{CONF_SERVER, "Publish.crl", CONF_FREE, "database url crl publish"},
	{CONF_SERVER, "Publish.crt", CONF_FREE, "database url crt publish"},
	{CONF_SERVER, "Publish.cnm", CONF_FREE, "database url cnm publish"},
	{CONF_SERVER, "StoreUser", CONF_FREE, "database username"},
	{CONF_SERVER, "StorePassword", CONF_FREE, "database username"},
	{CONF_SERVER, "PublishFailure", CONF_FREE, NULL},
	{CONF_SERVER, "Archive", CONF_LOCKED, "database archive"},
	{CONF_SERVER, "ArchivePassword", CONF_FREE, "database archive"},
	{CONF_SERVER, "Backup", CONF_FIXED, NULL},
	{CONF_SERVER, "RequireBackup", CONF_FREE, NULL},
	{CONF_SERVER, "ExchangeKey", CONF_LOCKED, NULL},
	{CONF_SERVER, "TwoPersons", CONF_FREE, NULL},
	{CONF_TRUSTPOINT, "EnrollmentURL", CONF_FREE, "enrollment url"},
	{CONF_TRUSTPOINT, "Fingerprint", CONF_FREE, "fingerprint"},
	{CONF_TRUSTPOINT, "SubjectName", CONF_FREE, "subject-name"},
	{CONF_TRUSTPOINT, "SerialNumber", CONF_FREE, "serial-number"},
	{CONF_TRUSTPOINT, "IPAddress", CONF_FREE, "ip-address"},
	{CONF_TRUSTPOINT, "FQDN", CONF_FREE, "fqdn"},
	{CONF_TRUSTPOINT, "Password", CONF_FREE, "password"},
	{CONF_TRUSTPOINT, "Key", CONF_FREE, "rsakeypair"},
	{CONF_TRUSTPOINT, "KeySize", CONF_FREE, "rsakeypair"},
	{CONF_TRUSTPOINT, "Token", CONF_FREE, "on"},
	{CONF_TRUSTPOINT, "UsageKeys", CONF_FREE, "rsakeypair"},
	{CONF_TRUSTPOINT, "AutoEnroll", CONF_FREE, "auto-enroll"},
	{CONF_TRUSTPOINT, "Regenerate", CONF_FREE, "auto-enroll regenerate"},
	{CONF_TRUSTPOINT, "RetryCount", CONF_FREE, "enrollment retry count"},
	{CONF_TRUSTPOINT, "RetryPeriod", CONF_FREE, "enrollment retry period"},
	{CONF_TRUSTPOINT, "RevocationCheck", CONF_FREE, "revocation-check"},
	{CONF_TRUSTPOINT, "QueryURL", CONF_FREE, "query url"},
	{CONF_TRUSTPOINT, "Hash", CONF_FREE, "hash"},
	{CONF_TRUSTPOINT, "ExportDirectory", CONF_FREE, NULL},
	{CONF_TRUSTPOINT, "ReloadUnits", CONF_FREE, NULL},
	{CONF_USE, "Key", CONF_FREE, NULL},
	{CONF_USE, "User", CONF_FREE, NULL},
	{CONF_USE, "Unit", CONF_FREE, NULL},
	{CONF_USE, "For", CONF_FREE, NULL},
	{CONF_USE, "RateLimit", CONF_FREE, NULL},
	{CONF_NOTIFY, "SNMPTrap", CONF_FREE, "snmp-server host"},
	{CONF_NOTIFY, "SNMPCommunity", CONF_FREE, "snmp-server host"},
	{CONF_NOTIFY, "SNMPAuth", CONF_FREE, NULL},
	{CONF_NOTIFY, "SNMPAuthPassword", CONF_FREE, NULL},
	{CONF_NOTIFY, "SNMPPrivacy", CONF_FREE, NULL},
	{CONF_NOTIFY, "SNMPPrivacyPassword", CONF_FREE, NULL},
};

static void rows(void **state)
{
	(void)state;
	assert_int_equal(conf_n_options, ELEMENTS(locks));
	for (size_t i = 0; i < ELEMENTS(locks); i++) {
		const struct conf_option *option = option_of(locks[i].section, locks[i].name);

		print_message("%s\n", option->name);
		assert_int_equal(option->lock, locks[i].lock);
		assert_true(!option->ios == !locks[i].ios);
		if (option->ios)
			assert_string_equal(option->ios, locks[i].ios);
		/* A sentence for people. */
		size_t size = strlen(option->help);
		assert_true(size > 10 && size < 160 && option->help[size - 1] == '.');
	}
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(conf_time_source_to_string(CONF_TIME_SOURCE_AUTHORITATIVE),
			    "authoritative");
	assert_string_equal(conf_mode_to_string(CONF_MODE_RA_TRANSPARENT), "ra-transparent");
	/* Their bits are those of enum key_use, which nothing here may include. */
	assert_string_equal(conf_key_use_to_string(0), "tls");
	assert_string_equal(conf_key_use_to_string(1), "ike");
	assert_string_equal(conf_key_use_to_string(2), "cms");
	assert_string_equal(conf_key_use_to_string(3), "any");
	assert_string_equal(conf_grant_to_string(CONF_GRANT_MANUAL), "manual");
	assert_string_equal(conf_grant_to_string(CONF_GRANT_AUTO), "auto");
	assert_string_equal(conf_grant_to_string(CONF_GRANT_RA_AUTO), "ra-auto");
	assert_string_equal(conf_grant_to_string(CONF_GRANT_NONE), "none");
	assert_string_equal(conf_grant_renewal_to_string(CONF_GRANT_RENEWAL_MANUAL), "manual");
	assert_string_equal(conf_serial_numbers_to_string(CONF_SERIAL_NUMBERS_SEQUENTIAL),
			    "sequential");
	assert_string_equal(conf_clients_to_string(CONF_CLIENTS_STRICT), "strict");
	assert_string_equal(conf_clients_to_string(CONF_CLIENTS_LEGACY), "legacy");
	assert_string_equal(conf_grant_rollover_to_string(CONF_GRANT_ROLLOVER_RA_CERT), "ra-cert");
	assert_string_equal(conf_database_level_to_string(CONF_DATABASE_LEVEL_NAMES), "names");
	assert_string_equal(conf_publish_failure_to_string(CONF_PUBLISH_FAILURE_RETRY), "retry");
	assert_string_equal(conf_archive_to_string(CONF_ARCHIVE_PKCS12), "pkcs12");
	assert_string_equal(conf_backup_to_string(CONF_BACKUP_WRAPPED), "wrapped");
	assert_string_equal(conf_two_persons_to_string(CONF_TWO_PERSONS_RESTORE), "restore");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_of_programs),
		cmocka_unit_test(defaults_of_token),
		cmocka_unit_test(defaults_of_use),
		cmocka_unit_test(defaults_of_server),
		cmocka_unit_test(defaults_of_trustpoint),
		cmocka_unit_test(defaults_of_places),
		cmocka_unit_test(ranges),
		cmocka_unit_test(lists_end),
		cmocka_unit_test(ranges_are_whole),
		cmocka_unit_test(sizes_of_texts),
		cmocka_unit_test(at_most_sixteen_listeners),
		cmocka_unit_test(rows),
		cmocka_unit_test(words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
