/* SPDX-License-Identifier: Apache-2.0 */
/* Whole configurations: what a user writes, in files and drop-ins, right and wrong. */
#include "tests/unit/daemon/conf/scratch.h"

#define SOFT                                                                                       \
	"[Token soft]\n"                                                                           \
	"Module=/usr/lib/softhsm/libsofthsm2.so\n"                                                 \
	"URI=pkcs11:token=ca\n"

static void private_ca_of_one_user(void **state)
{
	(void)state;
	_cleanup_(conf_unrefp) struct conf *conf =
		scratch_load("# A private CA, as one user.\n"
			     "[Daemon]\n"
			     "RuntimeDirectory=/tmp/d/run\n"
			     "StateDirectory=/tmp/d/state\n"
			     "TokenStateDirectory=/tmp/d/token\n"
			     "TimeSource=authoritative\n"
			     "\n"
			     "[HTTP]\n"
			     "Listen=127.0.0.1:18080\n" SOFT "PIN=/tmp/d/pin\n"
			     "[Server ROOTCA]\n"
			     "Token=soft\n"
			     "IssuerName=CN=RootCA,OU=TAC,O=Cisco\n"
			     "Grant=auto\n"
			     "CDP=http://h/cgi-bin/pkiclient.exe?operation=GetCRL\n");

	assert_string_equal(conf->daemon.runtime_directory, "/tmp/d/run");
	assert_int_equal(conf->daemon.time_source, CONF_TIME_SOURCE_AUTHORITATIVE);
	assert_int_equal(conf->http.n_listen, 1);
	assert_string_equal(conf->http.listen[0], "127.0.0.1:18080");
	assert_string_equal(conf->tokens[0].pin, "/tmp/d/pin");
	assert_string_equal(conf->servers[0].issuer_name, "CN=RootCA,OU=TAC,O=Cisco");
	assert_int_equal(conf->servers[0].grant, CONF_GRANT_AUTO);
	assert_string_equal(conf->servers[0].cdp,
			    "http://h/cgi-bin/pkiclient.exe?operation=GetCRL");
	assert_null(conf_find_server(conf, "rootca"));
	assert_null(conf_find_token(conf, "hard"));
}

static void issuers(void **state)
{
	(void)state;
	_cleanup_(conf_unrefp) struct conf *conf =
		scratch_load(SOFT "[Server A]\nToken=soft\n"
				  "[Server B]\nToken=soft\nIssuerName=my-server\n"
				  "[Server C]\nToken=soft\nIssuerName=O=x,CN=y\n");

	assert_string_equal(conf->servers[0].issuer_name, "CN=A");
	assert_string_equal(conf->servers[1].issuer_name, "CN=my-server");
	assert_string_equal(conf->servers[2].issuer_name, "O=x,CN=y");
}

static void empty_file_is_right(void **state)
{
	(void)state;
	_cleanup_(conf_unrefp) struct conf *conf = scratch_load("");

	assert_int_equal(conf->n_servers, 0);
	assert_int_equal(conf->n_tokens, 0);
	assert_string_equal(conf->daemon.runtime_directory, "/run/claviger");
}

static void drop_ins_follow_by_name(void **state)
{
	(void)state;
	_cleanup_(scratch_done) struct scratch scratch =
		scratch_new(SPAN_LITERAL("[HTTP]\nListen=127.0.0.1:8001\n" SOFT
					 "[Server A]\nToken=soft\nGrant=auto\nCRLLifetime=24h\n"));
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	_cleanup_(freep) char *error = NULL;

	scratch_write(&scratch, "claviger.conf.d/20.conf",
		      SPAN_LITERAL("[Server A]\nGrant=none\nCRLLifetime=\n"));
	scratch_write(&scratch, "claviger.conf.d/10.conf",
		      SPAN_LITERAL("[Server A]\nGrant=manual\nIncludeCA=yes\n"
				   "[HTTP]\nListen=\nListen=127.0.0.1:8002\nListen=[::1]:8003\n"));
	scratch_write(&scratch, "claviger.conf.d/3.conf", SPAN_LITERAL("[HTTP]\nIdleExit=1h\n"));
	scratch_write(&scratch, "claviger.conf.d/99.conf.bak", SPAN_LITERAL("rubbish\n"));
	scratch_write(&scratch, "claviger.conf.d/.99.conf", SPAN_LITERAL("rubbish\n"));

	assert_int_equal(conf_load(scratch.path, &conf, &error), 0);
	assert_int_equal(conf->n_servers, 1);
	assert_int_equal(conf->servers[0].grant, CONF_GRANT_NONE);
	assert_int_equal(conf->servers[0].crl_lifetime_s, 168 * 3600);
	assert_true(conf->servers[0].include_ca);
	assert_int_equal(conf->http.n_listen, 2);
	assert_string_equal(conf->http.listen[0], "127.0.0.1:8002");
	assert_string_equal(conf->http.listen[1], "[::1]:8003");
	assert_int_equal(conf->http.idle_exit_s, 3600);
}

static void errors_name_the_drop_in(void **state)
{
	(void)state;
	_cleanup_(scratch_done) struct scratch scratch =
		scratch_new(SPAN_LITERAL(SOFT "[Server A]\nToken=soft\n"));
	_cleanup_(freep) char *expected = NULL;

	scratch_write(&scratch, "claviger.conf.d/1.conf",
		      SPAN_LITERAL("\n[Server A]\nToken=hard\n"));
	_cleanup_(freep) char *error = scratch_error(&scratch);
	assert_int_equal(text_format(&expected,
				     "%s.d/1.conf:3: Token=hard: there is no section [Token hard]",
				     scratch.path),
			 0);
	assert_string_equal(error, expected);
}

static void all_errors_at_once(void **state)
{
	(void)state;
	_cleanup_(scratch_done) struct scratch scratch = scratch_new(SPAN_LITERAL(
		"[Daemon]\nHoldFor=1h\nNonsense=1\n[Nowhere]\nX=1\n[HTTP]\nListen=x\n"));
	_cleanup_(freep) char *expected = NULL;
	_cleanup_(freep) char *error = scratch_error(&scratch);
	const char *p = scratch.path;

	/* What stands in a section that is wrong is not judged. */
	assert_non_null(strstr(error, ":3: Nonsense= is no option of [Daemon]; there are "
				      "RuntimeDirectory, StateDirectory,"));
	*strstr(error, "; there are RuntimeDirectory") = '\0';
	assert_int_equal(text_format(&expected,
				     "%s:2: HoldFor=1h: must be 0s…20s\n"
				     "%s:3: Nonsense= is no option of [Daemon]",
				     p, p),
			 0);
	assert_string_equal(error, expected);
	char *rest = error + strlen(error) + 1;
	assert_non_null(strstr(rest, ":4: is no section of this version"));
	assert_null(strstr(rest, ":5:"));
	assert_non_null(strstr(rest, ":7: Listen=x: must be address:port"));
}

static void missing_file(void **state)
{
	(void)state;
	_cleanup_(freep) char *error = NULL;
	struct conf *conf = NULL;

	assert_int_equal(conf_load("/nonexistent/claviger.conf", &conf, &error), CONF_LOAD_WRONG);
	assert_string_equal(error, "/nonexistent/claviger.conf: cannot be read: No such file or "
				   "directory");
}

static void assert_runtime(const char *content, int outcome, const char *directory,
			   const char *wrong)
{
	struct scratch scratch = scratch_new(span_of_text(content));
	_cleanup_(freep) char *found = NULL, *error = NULL;

	assert_int_equal(conf_load_runtime(scratch.path, &found, &error), outcome);
	if (directory)
		assert_string_equal(found, directory);
	else
		assert_null(found);
	if (wrong)
		assert_non_null(strstr(error, wrong));
	else
		assert_null(error);
	scratch_done(&scratch);
}

/* A daemon that runs is within reach whatever is wrong, but not another one. */
static void where_the_sockets_are(void **state)
{
	_cleanup_(freep) char *found = NULL, *error = NULL;

	(void)state;
	assert_runtime("[Daemon]\nRuntimeDirectory=/tmp/d/run\n", 0, "/tmp/d/run", NULL);
	assert_runtime("[Server A]\nGrant=perhaps\nnonsense\n", 0, "/run/claviger",
		       ":3: is neither Name=value");
	assert_runtime("[Daemon]\nRuntimeDirectory=/tmp/d/run\nHoldFor=x\n", 0, "/tmp/d/run",
		       ":3: HoldFor=x");
	assert_runtime("[Daemon]\nRuntimeDirectory=run\n", CONF_LOAD_WRONG, NULL,
		       ":2: RuntimeDirectory=run");
	assert_int_equal(conf_load_runtime("/nonexistent/claviger.conf", &found, &error),
			 CONF_LOAD_WRONG);
	assert_non_null(strstr(error, "cannot be read"));
}

static void lines_that_are_none(void **state)
{
	(void)state;
	scratch_refuses("Grant=auto\n", ":1: stands before the first [Section]");
	scratch_refuses("[Daemon\nHoldFor=1\n", ":1: a section begins with its name in brackets");
	scratch_refuses("[Daemon]\n\nHoldFor 5\n", ":3: is neither Name=value nor a [Section]");
	scratch_refuses("[Daemon]\n=5\n", ":2: is neither Name=value nor a [Section]");
	scratch_refuses("[daemon]\n", ":1: is no section of this version");
	scratch_refuses("[Daemon x]\n", ":1: [Daemon] takes no name");
	scratch_refuses("[Server]\n", ":1: [Server NAME] needs a name");
	scratch_refuses("[Server ../x]\n", ":1: [Server NAME] needs a name");
	scratch_refuses("[Server .x]\n", ":1: [Server NAME] needs a name");
	scratch_refuses("[Token a b]\n", ":1: [Token NAME] needs a name");
	scratch_refuses("[Daemon]\nholdfor=5\n", ":2: holdfor= is no option of [Daemon]; it is "
						 "written HoldFor=");
	scratch_refuses("[Server A]\nHoldFor=5\n", ":2: HoldFor= is no option of [Server]; there "
						   "are Mode, IssuerName,");
	scratch_refuses_bytes(SPAN_LITERAL("[Daemon]\nRuntimeDirectory=/a\0b\n"),
			      ":2: holds what is no UTF-8 text");
	scratch_refuses_bytes(SPAN_LITERAL("[Daemon]\n\0\n"), ":2: holds what is no UTF-8 text");
}

static void labels_have_64_bytes_at_most(void **state)
{
	(void)state;
	char text[128];

	snprintf(text, sizeof(text), "[Server %064d]\n", 7);
	scratch_refuses(text, ":1: [Server 000000000000000000000000000000000000000000000000000000"
			      "0000000007] needs Token=");
	snprintf(text, sizeof(text), "[Server %065d]\n", 7);
	scratch_refuses(text, ":1: [Server NAME] needs a name");
}

static void counted(void **state)
{
	(void)state;
	struct conf *conf = scratch_load(SOFT);
	struct conf *other = conf_ref(conf);

	assert_ptr_equal(conf, other);
	assert_null(conf_unref(conf));
	assert_string_equal(other->tokens[0].name, "soft");
	assert_null(conf_unref(other));
	assert_null(conf_unref(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_ca_of_one_user),
		cmocka_unit_test(issuers),
		cmocka_unit_test(empty_file_is_right),
		cmocka_unit_test(drop_ins_follow_by_name),
		cmocka_unit_test(errors_name_the_drop_in),
		cmocka_unit_test(all_errors_at_once),
		cmocka_unit_test(missing_file),
		cmocka_unit_test(where_the_sockets_are),
		cmocka_unit_test(lines_that_are_none),
		cmocka_unit_test(labels_have_64_bytes_at_most),
		cmocka_unit_test(counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
