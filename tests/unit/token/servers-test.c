/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/name.h"
#include "token/servers.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct conf_server configured[] = {
	{.label = "ROOTCA", .issuer_name = "CN=RootCA,O=Cisco", .issue_subordinates = true},
	{.label = "PLAIN"},
	{.label = "TWIN1", .issuer_name = "CN=Twin", .issue_subordinates = true},
	{.label = "TWIN2", .issuer_name = "CN=Twin", .issue_subordinates = false},
	{.label = "TWIN3", .issuer_name = "CN=Twin", .issue_subordinates = true},
	{.label = "DAMAGED", .issuer_name = "CN=x,nonsense=\\", .issue_subordinates = true},
};

static const struct {
	const char *name;
	bool known, issue_subordinates;
} rows[] = {
	{"CN=RootCA,O=Cisco", true, true},
	/* Without IssuerName= the label is the name. */
	{"CN=PLAIN", true, false},
	/* What one of several denies, none allows. */
	{"CN=Twin", true, false},
	/* Equal names are one name, however they are written. */
	{"CN=rootca,O=Cisco", true, true},
	{"CN=rootcb,O=Cisco", false, false},
	{"O=Cisco,CN=RootCA", false, false},
	{"CN=DAMAGED", false, false},
};

static void servers_are_found_by_their_issuer_name(void **state)
{
	const struct conf conf = {.servers = configured, .n_servers = ELEMENTS(configured)};
	_cleanup_(servers_freep) struct servers *servers = NULL;

	(void)state;
	assert_int_equal(servers_new(&conf, &servers), 0);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes name = {0};
		struct server_facts facts;

		assert_int_equal(x509_name_from_text(rows[i].name, &name, NULL), 0);
		facts = servers_find(servers, span_of(name));
		assert_int_equal(facts.known, rows[i].known);
		assert_int_equal(facts.issue_subordinates, rows[i].issue_subordinates);
		assert_false(facts.separate_exchange);
	}
	assert_false(servers_find(servers, (struct span){0}).known);
}

/* What opens requests in the CA's stead leaves its key nothing to open, but what a superior CA that
 * is asked by SCEP answers to it. */
static void an_exchange_key_takes_decryption_from_the_ca(void **state)
{
	static struct conf_trustpoint trustpoints[] = {
		{.name = "BELOW", .enrollment_url = "http://192.0.2.1/"},
		{.name = "BYHAND", .enrollment_url = "terminal"},
		{.name = "ROOT", .enrollment_url = "http://192.0.2.1/"},
	};
	static struct conf_server servers_of[] = {
		{.label = "ROOT", .exchange_key = "hsm"},
		{.label = "BELOW", .mode = CONF_MODE_SUBORDINATE, .exchange_key = "hsm"},
		{.label = "BYHAND", .mode = CONF_MODE_SUBORDINATE, .exchange_key = "hsm"},
		{.label = "OWN", .exchange_key = "ca"},
		{.label = "SHARED1", .issuer_name = "CN=Shared", .exchange_key = "hsm"},
		{.label = "SHARED2", .issuer_name = "CN=Shared", .exchange_key = "ca"},
	};
	static const struct {
		const char *name;
		bool separate;
	} wanted[] = {{"CN=ROOT", true},
		      {"CN=BELOW", false},
		      {"CN=BYHAND", true},
		      {"CN=OWN", false},
		      {"CN=Shared", false}};
	const struct conf conf = {.servers = servers_of,
				  .n_servers = ELEMENTS(servers_of),
				  .trustpoints = trustpoints,
				  .n_trustpoints = ELEMENTS(trustpoints)};
	_cleanup_(servers_freep) struct servers *servers = NULL;

	(void)state;
	assert_int_equal(servers_new(&conf, &servers), 0);
	for (size_t i = 0; i < ELEMENTS(wanted); i++) {
		_cleanup_(bytes_done) struct bytes name = {0};

		assert_int_equal(x509_name_from_text(wanted[i].name, &name, NULL), 0);
		assert_int_equal(servers_find(servers, span_of(name)).separate_exchange,
				 wanted[i].separate);
	}
}

static void servers_are_found_by_their_label(void **state)
{
	const struct conf conf = {.servers = configured, .n_servers = ELEMENTS(configured)};
	_cleanup_(servers_freep) struct servers *servers = NULL;
	_cleanup_(bytes_done) struct bytes name = {0};
	struct server_key_facts facts;

	(void)state;
	assert_int_equal(servers_new(&conf, &servers), 0);
	assert_int_equal(x509_name_from_text("CN=PLAIN", &name, NULL), 0);
	facts = servers_find_label(servers, SPAN_LITERAL("PLAIN"));
	assert_true(facts.known && span_equal(facts.issuer, span_of(name)));
	assert_false(servers_find_label(servers, SPAN_LITERAL("plain")).known);
	assert_false(servers_find_label(servers, SPAN_LITERAL("")).known);
}

static void no_server_is_no_fault(void **state)
{
	const struct conf conf = {0};
	_cleanup_(servers_freep) struct servers *servers = NULL;

	(void)state;
	assert_int_equal(servers_new(&conf, &servers), 0);
	assert_false(servers_find(servers, SPAN_LITERAL("\x30\x00")).known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_found_by_their_issuer_name),
		cmocka_unit_test(an_exchange_key_takes_decryption_from_the_ca),
		cmocka_unit_test(servers_are_found_by_their_label),
		cmocka_unit_test(no_server_is_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
