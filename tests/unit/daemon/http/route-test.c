/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/route.h"
#include <string.h>

static struct conf none, one, two, chosen;

static int make_configurations(void **state)
{
	static struct conf_server first[] = {{.label = "ROOTCA"}};
	static struct conf_server both[] = {{.label = "ROOTCA"}, {.label = "other.ca_2-x"}};

	(void)state;
	one = (struct conf){.servers = first, .n_servers = 1};
	two = (struct conf){.servers = both, .n_servers = 2};
	chosen = two;
	chosen.http.default_server = both[1].label;
	return 0;
}

static const struct {
	const struct conf *conf;
	enum route_method method;
	const char *target;
	enum route_kind kind;
	const char *label; /* NULL: no server */
	int detail;	   /* the file or the refusal */
} rows[] = {
	/* A path that names the server, and anything below it. */
	{&two, ROUTE_GET, "/scep/ROOTCA?operation=GetCACaps", ROUTE_FILE, "ROOTCA", PUBLISHED_CAPS},
	{&two, ROUTE_GET, "/scep/ROOTCA/?operation=GetCACert", ROUTE_FILE, "ROOTCA",
	 PUBLISHED_CACERT},
	{&two, ROUTE_GET, "/scep/ROOTCA/pkiclient.exe?operation=GetCACert&message=ca", ROUTE_FILE,
	 "ROOTCA", PUBLISHED_CACERT},
	{&two, ROUTE_GET, "/scep/other.ca_2-x/a/b/c?operation=GetNextCACert", ROUTE_FILE,
	 "other.ca_2-x", PUBLISHED_NEXTCACERT},
	{&two, ROUTE_HEAD, "/scep/ROOTCA?operation=GetCRL", ROUTE_FILE, "ROOTCA", PUBLISHED_CRL},
	{&two, ROUTE_POST, "/scep/ROOTCA?operation=GetCACert", ROUTE_FILE, "ROOTCA",
	 PUBLISHED_CACERT},
	{&two, ROUTE_GET, "//scep//ROOTCA?operation=GetCACaps", ROUTE_FILE, "ROOTCA",
	 PUBLISHED_CAPS},
	{&two, ROUTE_GET, "/scep/ROOT%43A?operation=GetCACaps", ROUTE_FILE, "ROOTCA",
	 PUBLISHED_CAPS},
	{&two, ROUTE_GET, "http://ca:80/scep/ROOTCA?operation=GetCACaps", ROUTE_FILE, "ROOTCA",
	 PUBLISHED_CAPS},
	{&chosen, ROUTE_GET, "/scep/ROOTCA?operation=GetCACaps&message=other.ca_2-x", ROUTE_FILE,
	 "ROOTCA", PUBLISHED_CAPS},
	{&one, ROUTE_GET, "/scep/NOCA?operation=GetCACaps", ROUTE_REFUSED, NULL, ROUTE_NO_SERVER},
	{&one, ROUTE_GET, "/scep/rootca?operation=GetCACaps", ROUTE_REFUSED, NULL, ROUTE_NO_SERVER},
	{&one, ROUTE_GET, "/scep/ROOTCA%00?operation=GetCACaps", ROUTE_REFUSED, NULL,
	 ROUTE_NO_SERVER},
	{&one, ROUTE_GET, "/scep/..%2FROOTCA?operation=GetCACaps", ROUTE_REFUSED, NULL,
	 ROUTE_NO_SERVER},
	{&one, ROUTE_GET, "/scep/scep/pkiclient.exe?operation=GetCACaps", ROUTE_REFUSED, NULL,
	 ROUTE_NO_SERVER},
	{&chosen, ROUTE_GET, "/scep/NOCA?operation=GetCACaps&message=ROOTCA", ROUTE_REFUSED, NULL,
	 ROUTE_NO_SERVER},

	/* Other paths: the default, else the only one, else the one in message=. */
	{&chosen, ROUTE_GET, "/cgi-bin/pkiclient.exe?operation=GetCACert&message=ROOTCA",
	 ROUTE_FILE, "other.ca_2-x", PUBLISHED_CACERT},
	{&one, ROUTE_GET, "/cgi-bin/pkiclient.exe?operation=GetCACert&message=trustpoint",
	 ROUTE_FILE, "ROOTCA", PUBLISHED_CACERT},
	{&one, ROUTE_GET, "/certsrv/mscep/mscep.dll?operation=GetCACaps&message=ca", ROUTE_FILE,
	 "ROOTCA", PUBLISHED_CAPS},
	{&one, ROUTE_GET, "/?operation=GetCRL", ROUTE_FILE, "ROOTCA", PUBLISHED_CRL},
	{&one, ROUTE_GET, "?operation=GetCRL", ROUTE_FILE, "ROOTCA", PUBLISHED_CRL},
	{&one, ROUTE_GET, "/scep?operation=GetCRL", ROUTE_FILE, "ROOTCA", PUBLISHED_CRL},
	{&one, ROUTE_GET, "/scep/?operation=GetCRL", ROUTE_FILE, "ROOTCA", PUBLISHED_CRL},
	{&two, ROUTE_GET, "/cgi-bin/pkiclient.exe?operation=GetCACert&message=ROOTCA", ROUTE_FILE,
	 "ROOTCA", PUBLISHED_CACERT},
	{&two, ROUTE_GET, "/cgi-bin/pkiclient.exe?message=other.ca_2-x&operation=GetCACert",
	 ROUTE_FILE, "other.ca_2-x", PUBLISHED_CACERT},
	{&two, ROUTE_GET, "/cgi-bin/pkiclient.exe?operation=GetCACert&message=ca", ROUTE_REFUSED,
	 NULL, ROUTE_NO_SERVER},
	{&two, ROUTE_GET, "/cgi-bin/pkiclient.exe?operation=GetCACert", ROUTE_REFUSED, NULL,
	 ROUTE_NO_SERVER},
	{&none, ROUTE_GET, "/cgi-bin/pkiclient.exe?operation=GetCACert", ROUTE_REFUSED, NULL,
	 ROUTE_NO_SERVER},
	{&one, ROUTE_GET, "/cgi-bin/pkiclient.exe", ROUTE_REFUSED, NULL, ROUTE_NO_PLACE},
	{&one, ROUTE_GET, "/favicon.ico", ROUTE_REFUSED, NULL, ROUTE_NO_PLACE},

	/* PKIOperation goes on; by GET with a message. */
	{&one, ROUTE_POST, "/scep/ROOTCA?operation=PKIOperation", ROUTE_FORWARD, "ROOTCA", 0},
	{&one, ROUTE_POST, "/scep/ROOTCA?operation=PKIOperation&message=", ROUTE_FORWARD, "ROOTCA",
	 0},
	{&one, ROUTE_GET, "/scep/ROOTCA?operation=PKIOperation&message=MII%2B", ROUTE_FORWARD,
	 "ROOTCA", 0},
	{&one, ROUTE_GET, "/scep/ROOTCA?message=MII%2B&operation=PKIOperation", ROUTE_FORWARD,
	 "ROOTCA", 0},
	{&one, ROUTE_GET, "/x?message=MII%2B&operation=PKIOperation", ROUTE_FORWARD, "ROOTCA", 0},
	{&one, ROUTE_GET, "/scep/ROOTCA?operation=PKIOperation", ROUTE_REFUSED, "ROOTCA",
	 ROUTE_NO_MESSAGE},
	{&one, ROUTE_GET, "/scep/ROOTCA?operation=PKIOperation&message=", ROUTE_REFUSED, "ROOTCA",
	 ROUTE_NO_MESSAGE},
	{&one, ROUTE_HEAD, "/scep/ROOTCA?operation=PKIOperation&message=MII", ROUTE_REFUSED,
	 "ROOTCA", ROUTE_BAD_METHOD},

	/* Unknown operations, and none. */
	{&one, ROUTE_GET, "/scep/ROOTCA", ROUTE_REFUSED, "ROOTCA", ROUTE_NO_OPERATION},
	{&one, ROUTE_POST, "/scep/ROOTCA", ROUTE_REFUSED, "ROOTCA", ROUTE_NO_OPERATION},
	{&one, ROUTE_GET, "/scep/ROOTCA?operation=", ROUTE_REFUSED, "ROOTCA", ROUTE_NO_OPERATION},
	{&one, ROUTE_GET, "/scep/ROOTCA?operation=getcacaps", ROUTE_REFUSED, "ROOTCA",
	 ROUTE_NO_OPERATION},
	{&one, ROUTE_GET, "/scep/ROOTCA?operation=GetCACapsX", ROUTE_REFUSED, "ROOTCA",
	 ROUTE_NO_OPERATION},
	{&one, ROUTE_GET, "/x?operation=Revoke", ROUTE_REFUSED, "ROOTCA", ROUTE_NO_OPERATION},

	/* Files. */
	{&two, ROUTE_GET, "/crl/ROOTCA.crl", ROUTE_FILE, "ROOTCA", PUBLISHED_CRL},
	{&two, ROUTE_HEAD, "/crl/other.ca_2-x.crl", ROUTE_FILE, "other.ca_2-x", PUBLISHED_CRL},
	{&two, ROUTE_GET, "/ca/ROOTCA.crt", ROUTE_FILE, "ROOTCA", PUBLISHED_CA},
	{&two, ROUTE_GET, "/ca/ROOTCA.crt?x=y", ROUTE_FILE, "ROOTCA", PUBLISHED_CA},
	{&two, ROUTE_GET, "/ca/ROOTCA.crl", ROUTE_REFUSED, NULL, ROUTE_NO_SERVER},
	{&two, ROUTE_GET, "/crl/ROOTCA", ROUTE_REFUSED, NULL, ROUTE_NO_SERVER},
	{&two, ROUTE_GET, "/crl/.crl", ROUTE_REFUSED, NULL, ROUTE_NO_SERVER},
	{&two, ROUTE_GET, "/crl/..%2f..%2fsecret.crl", ROUTE_REFUSED, NULL, ROUTE_NO_SERVER},
	{&two, ROUTE_GET, "/crl/ROOTCA.crl.crl", ROUTE_REFUSED, NULL, ROUTE_NO_SERVER},
	{&two, ROUTE_GET, "/crl/%2e%2e/ROOTCA.crl", ROUTE_REFUSED, NULL, ROUTE_NO_PLACE},
	{&two, ROUTE_GET, "/crl/../../etc/passwd", ROUTE_REFUSED, NULL, ROUTE_NO_PLACE},

	/* The page for people. */
	{&none, ROUTE_GET, "/", ROUTE_STATUS, NULL, 0},
	{&two, ROUTE_HEAD, "/", ROUTE_STATUS, NULL, 0},
	{&two, ROUTE_GET, "", ROUTE_STATUS, NULL, 0},
	{&two, ROUTE_POST, "/", ROUTE_REFUSED, NULL, ROUTE_NO_PLACE},
	{&one, ROUTE_OTHER, "/scep/ROOTCA?operation=GetCACaps", ROUTE_REFUSED, NULL,
	 ROUTE_BAD_METHOD},
};

/* A server CA.2 beside CA is one of its own, whatever generations CA has. */
static const struct {
	const char *target;
	const char *label; /* NULL: no server */
	unsigned generation;
} crls[] = {
	{"/crl/ROOTCA.1.crl", "ROOTCA", 1},
	{"/crl/ROOTCA.2.crl?x=y", "ROOTCA", 2},
	{"/crl/ROOTCA%2E2.crl", "ROOTCA", 2},
	{"/crl/ROOTCA.4294967295.crl", "ROOTCA", UINT32_MAX},
	{"/crl/other.ca_2-x.7.crl", "other.ca_2-x", 7},
	{"/crl/CA.crl", "CA", 0},
	{"/crl/CA.1.crl", "CA", 1},
	{"/crl/CA.2.crl", "CA.2", 0},
	{"/crl/CA.2.2.crl", "CA.2", 2},
	{"/crl/CA.02.crl", NULL, 0},
	{"/crl/CA.0.crl", NULL, 0},
	{"/crl/CA.-1.crl", NULL, 0},
	{"/crl/CA.+1.crl", NULL, 0},
	{"/crl/CA. 1.crl", NULL, 0},
	{"/crl/CA.1 .crl", NULL, 0},
	{"/crl/CA.0x1.crl", NULL, 0},
	{"/crl/CA.4294967296.crl", NULL, 0},
	{"/crl/CA.18446744073709551617.crl", NULL, 0},
	{"/crl/CA.99999999999999999999999999999999999999999999999999999999999999999999999999999."
	 "crl",
	 NULL, 0},
	{"/crl/CA..crl", NULL, 0},
	{"/crl/CA..1.crl", NULL, 0},
	{"/crl/CA1.crl", NULL, 0},
	{"/crl/.1.crl", NULL, 0},
	{"/crl/1.crl", NULL, 0},
	{"/crl/%001.crl", NULL, 0},
	{"/crl/CA%00.1.crl", NULL, 0},
	{"/crl/CA.1%00.crl", NULL, 0},
	{"/crl/CA.1.CRL", NULL, 0},
	{"/crl/CA.1", NULL, 0},
	{"/ca/CA.1.crt", NULL, 0},
};

static void crls_of_generations(void **state)
{
	static struct conf_server servers[] = {
		{.label = "ROOTCA"}, {.label = "other.ca_2-x"}, {.label = "CA"}, {.label = "CA.2"}};
	const struct conf conf = {.servers = servers, .n_servers = ELEMENTS(servers)};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(crls); i++) {
		struct route route = route_find(&conf, ROUTE_GET, span_of_text(crls[i].target));

		print_message("%s\n", crls[i].target);
		assert_int_equal(route.kind, crls[i].label ? ROUTE_FILE : ROUTE_REFUSED);
		if (!crls[i].label)
			continue;
		assert_int_equal(route.file, PUBLISHED_CRL);
		assert_string_equal(route.server->label, crls[i].label);
		assert_int_equal(route.generation, crls[i].generation);
	}
}

static void routes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct route route =
			route_find(rows[i].conf, rows[i].method, span_of_text(rows[i].target));

		print_message("%s\n", rows[i].target);
		assert_int_equal(route.kind, rows[i].kind);
		assert_int_equal(route.server != NULL, rows[i].label != NULL);
		if (rows[i].label && route.server)
			assert_string_equal(route.server->label, rows[i].label);
		if (route.kind == ROUTE_FILE)
			assert_int_equal(route.file, rows[i].detail);
		if (route.kind == ROUTE_REFUSED)
			assert_int_equal(route.refusal, rows[i].detail);
	}
}

static void message_comes_as_it_is(void **state)
{
	(void)state;
	struct route route = route_find(
		&one, ROUTE_GET,
		SPAN_LITERAL("/scep/ROOTCA?message=MII+/%2B%0A==&operation=PKIOperation"));

	assert_true(span_equal(route.message, SPAN_LITERAL("MII+/%2B%0A==")));
}

static void methods(void **state)
{
	(void)state;
	assert_int_equal(route_method_of("GET"), ROUTE_GET);
	assert_int_equal(route_method_of("HEAD"), ROUTE_HEAD);
	assert_int_equal(route_method_of("POST"), ROUTE_POST);
	assert_int_equal(route_method_of("get"), ROUTE_OTHER);
	assert_int_equal(route_method_of("PUT"), ROUTE_OTHER);
	assert_int_equal(route_method_of(""), ROUTE_OTHER);
}

static void statuses(void **state)
{
	(void)state;
	static const unsigned expected[ROUTE_REFUSALS_] = {
		[ROUTE_NO_PLACE] = 404,	  [ROUTE_NO_SERVER] = 404,  [ROUTE_NO_OPERATION] = 400,
		[ROUTE_NO_MESSAGE] = 400, [ROUTE_BAD_METHOD] = 405,
	};

	for (unsigned i = 0; i < ROUTE_REFUSALS_; i++) {
		assert_int_equal(route_refusal_status(i), expected[i]);
		assert_null(strchr(route_refusal_text(i), '\n'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes),
		cmocka_unit_test(crls_of_generations),
		cmocka_unit_test(message_comes_as_it_is),
		cmocka_unit_test(methods),
		cmocka_unit_test(statuses),
	};
	return cmocka_run_group_tests(tests, make_configurations, NULL);
}
