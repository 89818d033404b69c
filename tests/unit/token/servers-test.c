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
	{"CN=rootca,O=Cisco", false, false},
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
		cmocka_unit_test(no_server_is_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
