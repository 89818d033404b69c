/* SPDX-License-Identifier: Apache-2.0 */
/* Trustpoints as routers show them. */
#include "daemon/cli/print-server.h"
#include "daemon/cli/print-trustpoint.h"
#include "tests/unit/daemon/cli/printed.h"

#define DATES "\"notBefore\": \"2003-08-19T07:00:00Z\", \"notAfter\": \"2020-08-19T07:00:00Z\""
#define CA                                                                                         \
	"{\"serial\": \"01\", \"status\": \"Available\", \"usage\": \"Signature\","                \
	" \"subject\": \"CN=Cisco SSL CA,O=Cisco Systems\", \"issuer\": \"CN=Root\", " DATES       \
	", \"fingerprints\": {\"md5\": \"5871FB945565D464\", \"sha1\": \"S1\", \"sha256\": "       \
	"\"S2\"}}"

/* SHOW-12, CLI-03 */
static void what_is_held_against_what_was_told(void **state)
{
	(void)state;
	print(print_trustpoint_look,
	      "{\"ca\": " CA ", \"others\": [], \"known\": false, \"pinned\": \"no\","
	      " \"replaces\": \"CN=Old\\u001b\"}");
	assert_string_equal(output, "Serial Number  : 01\n"
				    "Subject Name   :\n"
				    "    CN=Cisco SSL CA,O=Cisco Systems\n"
				    "Issued By      :\n"
				    "    CN=Root\n"
				    "Validity Start : 07:00:00 GMT Aug 19 2003\n"
				    "Validity End   : 07:00:00 GMT Aug 19 2020\n"
				    "Certificate has the following attributes:\n"
				    "       Fingerprint MD5: 5871FB94 5565D464\n"
				    "      Fingerprint SHA1: S1\n"
				    "    Fingerprint SHA256: S2\n"
				    "Trustpoint Fingerprint: does NOT match\n"
				    "% It replaces the CA certificate in force: CN=Old\\x1b\n");
	print(print_trustpoint_look,
	      "{\"ca\": " CA ", \"known\": true, \"pinned\": \"yes\","
	      " \"others\": [{\"subject\": \"CN=RA\", \"fingerprints\": {\"sha256\": \"S3\"}}]}");
	assert_true(says("% With it came:\n    CN=RA\n      Fingerprint SHA256: S3\nTrustpoint "
			 "Fingerprint: matches\n"
			 "% This CA certificate is trusted already.\n"));
	assert_false(says("replaces"));
}

/* SHOW-11 */
static void a_trustpoint_with_what_is_to_come(void **state)
{
	(void)state;
	print(print_trustpoint,
	      "{\"name\": \"vpn\", \"state\": \"enrolled\", \"ca\": " CA ", \"nextCa\": " CA
	      ", \"protocol\": \"SCEPv1, PKI Rollover\", \"url\": \"http://ca\", \"key\":"
	      " {\"label\": \"vpn\", \"token\": \"usb\", \"exportable\": \"yes\"}, \"timers\":"
	      " [{\"timer\": \"RENEW\", \"when\": \"2020-01-02T03:04:05Z\"}]}");
	assert_string_equal(output, "Trustpoint vpn:\n"
				    "    Subject Name:\n"
				    "    cn=Cisco SSL CA\n"
				    "    o=Cisco Systems\n"
				    "    Serial Number: 01\n"
				    "    Certificate configured.\n"
				    "    Rollover certificate configured.\n"
				    "    State: enrolled\n"
				    "    Enrollment URL: http://ca\n"
				    "    Enrollment Protocol:\n"
				    "      SCEPv1, PKI Rollover\n"
				    "    Key: vpn\n"
				    "    Token: usb\n"
				    "    ! RSA key pair associated with trustpoint is exportable\n"
				    "    RENEW timer: 03:04:05 GMT Jan 2 2020\n");
	print(print_trustpoint,
	      "{\"name\": \"vpn\", \"state\": \"not authenticated\", \"ca\": null,"
	      " \"nextCa\": null}");
	assert_false(says("configured."));
	assert_true(says("State: not authenticated"));
}

static void why_it_stopped_and_what_to_do(void **state)
{
	(void)state;
	print(print_trustpoint,
	      "{\"name\": \"vpn\", \"halt\": {\"why\": \"rejected\", \"reason\": \"no\\u0007\","
	      " \"todo\": \"claviger trustpoint enroll vpn\"}, \"failure\": {\"reason\": \"away\","
	      " \"at\": \"2020-01-02T03:04:05Z\"}, \"noRollover\": \"by hand\", \"requests\":"
	      " [{\"status\": \"Pending\", \"usage\": \"General Purpose\", \"told\": \"wait\"}]}");
	assert_true(says("    Stopped: no\\x07\n    To do: claviger trustpoint enroll vpn\n"
			 "    Last try failed: away\n    Last try: 03:04:05 GMT Jan 2 2020\n"));
	assert_true(says("    No rollover: by hand\n"));
	assert_true(says("    Request: Pending, General Purpose\n      Told: wait\n"));
}

#define ROUTER                                                                                     \
	"\"name\": \"myrouter.example.com\", \"ipAddress\": \"192.0.2.1\","                        \
	" \"deviceSerial\": \"04806682\", \"usage\": \"General Purpose\", \"subject\": \"CN=r\""

/* SHOW-07: what is asked for, and the same once it is there; SHOW-08, MISC-07: the CDP. */
static void pending_and_available(void **state)
{
	(void)state;
	print(print_ca_certificates,
	      "{\"certificates\": [], \"trustpoints\": [{\"name\": \"vpn\", \"requests\": [{" ROUTER
	      ", \"status\": \"Pending\", \"fingerprints\": {\"md5\": \"428125BDA3419600\"}}],"
	      " \"ca\": " CA "}]}");
	assert_true(says("Certificate\n  Subject Name\n    Name: myrouter.example.com\n"
			 "    IP Address: 192.0.2.1\n    Serial Number: 04806682\n    CN=r\n"
			 "  Status: Pending\n  Key Usage: General Purpose\n"
			 "    Fingerprint: 428125BD A3419600\n"));
	assert_true(says("\nCA Certificate\n  Status: Available\n"));
	print(print_ca_certificates,
	      "{\"certificates\": [], \"trustpoints\": [{\"name\": \"vpn\", \"identities\": "
	      "[{" ROUTER ", \"status\": \"Available\", \"serial\": \"6E\", " DATES
	      ", \"cdp\": [\"ldap://coax-u10.cisco.com/CN=x\"]}], \"nextIdentities\": [{" ROUTER
	      ", \"status\": \"Available\", \"serial\": \"6F\"}]}]}");
	assert_false(says("Pending"));
	assert_true(says("Certificate\n  Status: Available\n"
			 "  Certificate Serial Number (hex): 6E\n"));
	assert_true(says("  CRL Distribution Points:\n    ldap://coax-u10.cisco.com/CN=x\n"));
	assert_true(says("Certificate (Rollover)\n"));
	assert_true(says("  Associated Trustpoints: vpn\n"));
}

static void a_chain_as_a_configuration_has_it(void **state)
{
	(void)state;
	print(print_chain, "{\"certificates\": [], \"trustpoints\": [{\"name\": \"mica\","
			   " \"identities\": [{\"serial\": \"06\"}], \"ca\": {\"serial\": \"01\"},"
			   " \"nextIdentities\": [{\"serial\": \"0B\"}],"
			   " \"nextCa\": {\"serial\": \"0A\"}}]}");
	assert_string_equal(output, "crypto pki certificate chain mica\n"
				    " certificate 06\n certificate ca 01\n"
				    " certificate rollover 0B\n certificate rollover ca 0A\n");
}

static void what_became_of_the_keys(void **state)
{
	(void)state;
	print(print_trustpoint_cleared, "{\"name\": \"vpn\", \"keys\": [{\"label\": \"vpn\","
					" \"done\": \"destroyed\"}]}");
	assert_string_equal(output, "% Certificates deleted: vpn\n% Key vpn destroyed\n");
	print(print_trustpoints, "{\"trustpoints\": []}");
	assert_string_equal(output, "no trustpoints\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_held_against_what_was_told),
		cmocka_unit_test(a_trustpoint_with_what_is_to_come),
		cmocka_unit_test(why_it_stopped_and_what_to_do),
		cmocka_unit_test(pending_and_available),
		cmocka_unit_test(a_chain_as_a_configuration_has_it),
		cmocka_unit_test(what_became_of_the_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
