/* SPDX-License-Identifier: Apache-2.0 */
/* Servers and certificates as IOS shows them. */
#include "daemon/cli/print-server.h"
#include "tests/unit/daemon/cli/printed.h"

#define DIGITS "CC748544A0AB7832935D8CD0214A152E"

/* SHOW-01, SHOW-04, SHOW-16, SHOW-17 */
static void a_server_that_issues(void **state)
{
	(void)state;
	print(print_server,
	      "{\"name\": \"CA\", \"state\": \"enabled\", \"reason\": \"\", \"mode\": \"root\","
	      " \"lock\": \"locked (enter \\\"shut\\\" to unlock it)\","
	      " \"issuer\": \"CN=O'Hara\", \"fingerprints\": {\"md5\": \"" DIGITS "\","
	      " \"sha1\": \"0123456789ABCDEF01234567\", \"sha256\": \"T\"},"
	      " \"grant\": \"ra-auto\", \"lastSerial\": \"6\","
	      " \"caNotAfter\": \"2003-06-01T21:29:38Z\","
	      " \"crlNextUpdate\": \"2002-07-10T09:08:07Z\","
	      " \"storage\": {\"primary\": \"ftp://db\", \"ser\": \"/var/x\"},"
	      " \"databaseLevel\": \"complete\"}");
	assert_string_equal(
		output,
		"Certificate Server CA:\n"
		"    Status: enabled\n"
		"    State: enabled\n"
		"    Server's configuration is locked (enter \"shut\" to unlock it)\n"
		"    Issuer name: CN=O'Hara\n"
		"    CA cert fingerprint: CC748544 A0AB7832 935D8CD0 214A152E\n"
		"    CA cert fingerprint SHA1: 01234567 89ABCDEF 01234567\n"
		"    CA cert fingerprint SHA256: T\n"
		"    Granting mode is: auto for RA-authorized requests, manual otherwise\n"
		"    Last certificate issued serial number (hex): 6\n"
		"    CA certificate expiration timer: 21:29:38 GMT Jun 1 2003\n"
		"    CRL NextUpdate timer: 09:08:07 GMT Jul 10 2002\n"
		"    Current primary storage dir: ftp://db\n"
		"    Current storage dir for .ser files: /var/x\n"
		"    Database Level: Complete - all issued certs written as <serialnum>.cer\n");
}

#define OTHER "5B0B1B4B3C4D5E6F708192A3B4C5D6E7"

/* SUB-08: as the documents print it, with the digests that they don't know. */
static void a_server_below_another(void **state)
{
	(void)state;
	print(print_server,
	      "{\"name\": \"sub\", \"state\": \"enabled\", \"reason\": \"\","
	      " \"mode\": \"subordinate\", \"lock\": \"locked\", \"issuer\": \"CN=sub\","
	      " \"fingerprints\": {\"md5\": \"" DIGITS "\", \"sha1\": \"S\", \"sha256\": \"T\"},"
	      " \"upperCa\": {\"subject\": \"CN=root1\", \"fingerprints\": {\"md5\": \"" OTHER "\","
	      " \"sha1\": \"U\", \"sha256\": \"V\"}}, \"grant\": \"manual\","
	      " \"lastSerial\": \"1\", \"caNotAfter\": \"2006-01-06T22:33:44Z\","
	      " \"crlNextUpdate\": \"2005-01-13T22:33:29Z\", \"storage\": {\"primary\": \"/v\"},"
	      " \"databaseLevel\": \"minimal\"}");
	assert_true(says("    Issuer name: CN=sub\n"
			 "    CA cert fingerprint: CC748544 A0AB7832 935D8CD0 214A152E\n"
			 "    CA cert fingerprint SHA1: S\n"
			 "    CA cert fingerprint SHA256: T\n"
			 "    Server configured in subordinate server mode\n"
			 "    Upper CA cert fingerprint: 5B0B1B4B 3C4D5E6F 708192A3 B4C5D6E7\n"
			 "    Upper CA cert fingerprint SHA1: U\n"
			 "    Upper CA cert fingerprint SHA256: V\n"
			 "    Granting mode is: manual\n"
			 "    Last certificate issued serial number (hex): 1\n"
			 "    CA certificate expiration timer: 22:33:44 GMT Jan 6 2006\n"
			 "    CRL NextUpdate timer: 22:33:29 GMT Jan 13 2005\n"));
}

/* It has none before it knows its CA. */
static void an_ra_without_its_ca(void **state)
{
	(void)state;
	print(print_server, "{\"name\": \"myra\", \"state\": \"check failed\", \"mode\": \"ra\","
			    " \"lock\": \"locked\", \"issuer\": \"\", \"grant\": \"auto\"}");
	assert_true(says("    Server configured in RA mode\n"));
	assert_false(says("Issuer name"));
}

/* RA-11: its CA's fingerprint and its own; no CRL, serial or expiry. */
static void an_ra(void **state)
{
	(void)state;
	print(print_server,
	      "{\"name\": \"myra\", \"state\": \"enabled\", \"reason\": \"\", \"mode\": \"ra\","
	      " \"lock\": \"locked\", \"issuer\": \"CN=myra\", \"fingerprints\": {\"md5\": "
	      "\"" DIGITS
	      "\", \"sha1\": \"S\", \"sha256\": \"T\"}, \"upperCa\": {\"fingerprints\": {\"md5\":"
	      " \"" DIGITS
	      "\"}}, \"exchanges\": [{\"phase\": \"retired\", \"fingerprints\": {\"md5\": \"" DIGITS
	      "\"}}, {\"phase\": \"active\", \"fingerprints\": {\"md5\": \"" OTHER "\", \"sha1\":"
	      " \"U\", \"sha256\": \"V\"}}], \"grant\": \"manual\", \"lastSerial\": \"0\","
	      " \"caNotAfter\": null, \"crlNextUpdate\": null, \"storage\": {\"primary\": \"/v\"},"
	      " \"databaseLevel\": \"minimal\"}");
	assert_true(says("    Issuer name: CN=myra\n"
			 "    CA cert fingerprint: CC748544 A0AB7832 935D8CD0 214A152E\n"
			 "    CA cert fingerprint SHA1: S\n"
			 "    CA cert fingerprint SHA256: T\n"
			 "    Server configured in RA mode\n"
			 "    RA cert fingerprint: 5B0B1B4B 3C4D5E6F 708192A3 B4C5D6E7\n"
			 "    RA cert fingerprint SHA1: U\n"
			 "    RA cert fingerprint SHA256: V\n"
			 "    Granting mode is: manual\n"
			 "    Current primary storage dir: /v\n"));
	assert_false(says("CRL"));
	assert_false(says("serial"));
	assert_false(says("timer"));
	assert_false(says("Upper"));
}

static void a_transparent_ra(void **state)
{
	(void)state;
	print(print_server,
	      "{\"name\": \"t\", \"state\": \"enabled\", \"mode\": \"ra-transparent\","
	      " \"fingerprints\": {}, \"grant\": \"auto\"}");
	assert_true(says(
		"    Server configured in RA mode, transparent\n    Granting mode is: auto\n"));
	assert_false(says("ingerprint"));
	assert_false(says("CRL"));
}

#define SERVER(rollover) "{\"name\": \"CA\", \"rollover\": " rollover "}"

/* SHOW-03: before there is one. */
static void a_rollover_that_is_to_come(void **state)
{
	(void)state;
	print(print_server, SERVER("{\"status\": \"none\", \"reason\": \"\", \"overlap\": 2160000,"
				   " \"timer\": \"2008-05-26T07:49:26Z\", \"displaced\": []}"));
	assert_true(says("\n    Auto-Rollover configured, overlap period 25 days\n"
			 "    Autorollover timer: 07:49:26 GMT May 26 2008\n"));
	assert_false(says("Rollover status"));
	assert_false(says("WARNING"));
}

/* SHOW-18 */
static void without_rollover_nothing_is_said_of_it(void **state)
{
	(void)state;
	print(print_server, SERVER("{\"status\": \"none\", \"reason\": \"\", \"overlap\": 0,"
				   " \"timer\": null, \"displaced\": []}"));
	assert_false(says("ollover"));
}

#define SHADOW(status, reason)                                                                     \
	SERVER("{\"status\": \"" status "\", \"reason\": \"" reason "\", \"overlap\": 0,"          \
	       " \"timer\": null, \"displaced\": [], \"serial\": \"03\", \"token\": \"soft\","     \
	       " \"fingerprints\": {\"md5\": \"031904DCF4FAD1FD8A866373C63CE20F\","                \
	       " \"sha1\": \"S\", \"sha256\": \"T\"}, \"notBefore\": \"2017-10-08T11:14:16Z\","    \
	       " \"notAfter\": \"2019-10-08T11:14:16Z\"}")

/* SHOW-03, FSM-09 */
static void a_rollover_certificate(void **state)
{
	(void)state;
	print(print_server, SHADOW("available", ""));
	assert_true(says(
		"\n    Rollover status: available for rollover\n"
		"    Rollover CA certificate fingerprint: 031904DC F4FAD1FD 8A866373 C63CE20F\n"
		"    Rollover CA certificate fingerprint SHA1: S\n"
		"    Rollover CA certificate fingerprint SHA256: T\n"
		"    Rollover CA certificate start time: 11:14:16 GMT Oct 8 2017\n"
		"    Rollover CA certificate expiration time: 11:14:16 GMT Oct 8 2019\n"
		"    Rollover CA key: CA# on soft\n"));
	assert_false(says("Auto-Rollover"));
	assert_false(says("Autorollover"));
	print(print_server, SHADOW("pending", "no \\u001b archive"));
	assert_true(says("    Rollover status: pending\n    Rollover waits: no "));
	assert_false(says("\x1b"));
}

static void hours_and_minutes_of_an_overlap(void **state)
{
	static const struct {
		const char *seconds, *words;
	} rows[] = {{"7776000", "period 90 days\n"},
		    {"600", "period 10 minutes\n"},
		    {"93780", "period 1 days 2 hours 3 minutes\n"}};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char text[128];

		snprintf(text, sizeof(text), SERVER("{\"status\": \"none\", \"overlap\": %s}"),
			 rows[i].seconds);
		print(print_server, text);
		assert_true(says(rows[i].words));
	}
}

#define TROUBLE                                                                                    \
	SERVER("{\"status\": \"pending\", \"reason\": \"waiting for token\", \"overlap\": 0,"      \
	       " \"displaced\": [{\"generation\": 1, \"serial\": \"01\", \"token\": \"t\","        \
	       " \"issuedUntil\": \"2016-11-01T00:00:00Z\"}]}")

/* Also where one looks for the health of all. */
static void what_is_wrong_with_a_rollover_is_loud(void **state)
{
	static const char warning[] =
		"WARNING: CA certificate 01 of CA was displaced before its end";

	(void)state;
	print(print_server, TROUBLE);
	assert_true(says("\n    Rollover waits: waiting for token\n"));
	assert_true(says(warning));
	assert_true(says("until 00:00:00 GMT Nov 1 2016\n"));
	print(print_status, "{\"servers\": [" TROUBLE "], \"tokens\": []}");
	assert_true(says("\nRollover of CA waits: waiting for token\n"));
	assert_true(says(warning));
}

/* A router has no servers, and its trustpoints come first. */
static void how_trustpoints_stand(void **state)
{
	(void)state;
	print(print_status, "{\"servers\": [], \"trustpoints\": [{\"name\": \"CORP\", \"state\":"
			    " \"enrolled\", \"reason\": \"its key is gone\"}], \"tokens\": []}");
	assert_true(says("CORP             enrolled           its key is gone\n"));
	assert_false(says("Server "));
}

static void keys_that_are_to_have_a_backup(void **state)
{
	(void)state;
	print(print_server,
	      "{\"name\": \"CA\", \"generations\": [{\"number\": 3, \"backup\": \"wanted\","
	      " \"backedUp\": null}, {\"number\": 2, \"backup\": \"done\","
	      " \"backedUp\": \"2016-11-01T00:00:00Z\"}, {\"number\": 1,"
	      " \"backup\": \"none needed\", \"backedUp\": null}]}");
	assert_true(says("\n    Backup of the key of generation 3: wanted\n"));
	assert_true(says("generation 2: 00:00:00 GMT Nov 1 2016\n"));
	assert_false(says("generation 1"));
}

/* SHOW-02 */
static void a_server_that_has_nothing_yet(void **state)
{
	(void)state;
	print(print_server,
	      "{\"name\": \"CA\", \"state\": \"absent\", \"reason\": \"\","
	      " \"lock\": \"unlocked (enter \\\"no shut\\\" to lock it)\","
	      " \"issuer\": \"CN=CA\", \"fingerprints\": {}, \"grant\": \"manual\","
	      " \"lastSerial\": \"0\", \"caNotAfter\": null, \"crlNextUpdate\": null,"
	      " \"storage\": {\"primary\": \"/var/lib/x\"}, \"databaseLevel\": \"minimal\"}");
	assert_true(says("unlocked (enter \"no shut\" to lock it)\n"));
	assert_true(says("CA cert fingerprint: -Not found-\n"));
	assert_true(says("Granting mode is: manual\n"));
	assert_true(says("serial number (hex): 0x0\n"));
	assert_true(says("expiration timer: 00:00:00 GMT Jan 1 1970\n"));
	assert_true(says("\n    CRL not present.\n"));
	assert_true(says("Database Level: Minimum - no cert data written to storage\n"));
	assert_false(says("Reason"));
}

#define CERTIFICATE(phase, serial)                                                                 \
	"{\"server\": \"ROOTCA\", \"phase\": \"" phase "\", \"serial\": \"" serial                 \
	"\", \"usage\": \"Signature\", \"issuer\": \"CN=RootCA,OU=A\\\\,B,O=Cisco\","              \
	" \"subject\": \"CN=RootCA\", \"notBefore\": \"2015-10-09T11:14:16Z\","                    \
	" \"notAfter\": \"2017-10-08T11:14:16Z\", \"file\": \"RootCA#1CA.cer\","                   \
	" \"pem\": \"-----BEGIN CERTIFICATE-----\\nMAMCAQU=\\n-----END CERTIFICATE-----\\n\"}"

/* SHOW-06 */
static void the_certificate_to_come_before_the_one_in_force(void **state)
{
	(void)state;
	print(print_ca_certificates, "{\"certificates\": [" CERTIFICATE(
					     "shadow", "03") ", " CERTIFICATE("active", "01") "]}");
	assert_ptr_equal(strstr(output, "CA Certificate (Rollover)\n"), output);
	assert_true(says("\n\nCA Certificate\n"
			 "  Status: Available\n"
			 "  Certificate Serial Number (hex): 01\n"
			 "  Certificate Usage: Signature\n"
			 "  Issuer:\n"
			 "    cn=RootCA\n"));
	assert_true(says("\n    o=Cisco\n  Subject:\n    cn=RootCA\n  Validity Date:\n"
			 "    start date: 11:14:16 GMT Oct 9 2015\n"
			 "    end   date: 11:14:16 GMT Oct 8 2017\n"
			 "  Associated Trustpoints: ROOTCA\n"
			 "  Storage: RootCA#1CA.cer\n"));
}

/* TIME-06 */
static void timers_with_what_is_left(void **state)
{
	(void)state;
	print(print_timers,
	      "{\"timeSource\": \"ntp\", \"now\": \"2015-10-09T11:19:58Z\","
	      " \"timeGood\": true, \"timers\": ["
	      "{\"server\": \"CA\", \"timer\": \"CRL UPDATE\", \"inSeconds\": 469},"
	      "{\"server\": \"CA\", \"timer\": \"CERT EXPIRE\", \"inSeconds\": 63071657},"
	      "{\"server\": \"CB\", \"timer\": \"CRL UPDATE\", \"inSeconds\": -3}]}");
	assert_true(says("Time source is ntp, 11:19:58 GMT Oct 9 2015\nCS Timers\n"));
	assert_true(says(" 0:07:49  CS CRL UPDATE "));
	assert_true(says(" 729d23:54:17  CS CERT EXPIRE "));
	assert_true(says(" 0:00:00  CS CRL UPDATE "));
	assert_false(says("PKI Timers"));
	print(print_timers, "{\"timeSource\": \"ntp\", \"timers\": ["
			    "{\"server\": \"CA\", \"timer\": \"CRL UPDATE\", \"inSeconds\": 9},"
			    "{\"trustpoint\": \"vpn\", \"timer\": \"RENEW\", \"inSeconds\": 61}]}");
	assert_true(says("PKI Timers\n         0:01:01  RENEW                        vpn\n"
			 "CS Timers\n         0:00:09  CS CRL UPDATE                   CA\n"));
	print(print_timers, "{\"timeSource\": \"ntp\", \"timeGood\": false, \"timers\": []}");
	assert_true(says("no timer runs"));
}

/* SHOW-13 */
static void the_chain_of_a_configuration(void **state)
{
	(void)state;
	print(print_chain, "{\"certificates\": [" CERTIFICATE("shadow", "03") ", " CERTIFICATE(
				   "active", "01") "]}");
	assert_string_equal(output, "crypto pki certificate chain ROOTCA\n"
				    " certificate ca rollover 03\n"
				    "  30030201 05\n"
				    "  quit\n"
				    " certificate ca 01\n"
				    "  30030201 05\n"
				    "  quit\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_issues),
		cmocka_unit_test(a_server_below_another),
		cmocka_unit_test(an_ra_without_its_ca),
		cmocka_unit_test(an_ra),
		cmocka_unit_test(a_transparent_ra),
		cmocka_unit_test(a_rollover_that_is_to_come),
		cmocka_unit_test(without_rollover_nothing_is_said_of_it),
		cmocka_unit_test(a_rollover_certificate),
		cmocka_unit_test(hours_and_minutes_of_an_overlap),
		cmocka_unit_test(what_is_wrong_with_a_rollover_is_loud),
		cmocka_unit_test(how_trustpoints_stand),
		cmocka_unit_test(keys_that_are_to_have_a_backup),
		cmocka_unit_test(a_server_that_has_nothing_yet),
		cmocka_unit_test(the_certificate_to_come_before_the_one_in_force),
		cmocka_unit_test(timers_with_what_is_left),
		cmocka_unit_test(the_chain_of_a_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
