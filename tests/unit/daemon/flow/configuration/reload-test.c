/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot beside the running one: what goes on, what is its own, what is refused. */
#include "daemon/flow/configuration/reload.h"
#include "tests/unit/daemon/flow/world.h"

static void rewrite(const char *options)
{
	struct conf *conf = world.conf;

	write_configuration("", options);
	conf_unref(world.conf);
	world.conf = conf;
}

static int reload(const char *options, struct flow **ret, char **ret_report)
{
	rewrite(options);
	return flow_reload_files(world.flow, "test", world.now_s, ret, ret_report);
}

static void set_up(void)
{
	world_open("", "Grant=manual");
}

static void what_goes_on(void **state)
{
	_cleanup_(freep) char *report = NULL;
	struct flow *fresh = NULL;
	struct authority *authority;
	uint64_t counter, next;
	uint8_t serial[20];
	size_t size;

	(void)state;
	set_up();
	assert_int_equal(
		authority_take_serial(world.flow, world.authority, &counter, serial, &size), 0);
	assert_int_equal(reload("Grant=auto", &fresh, &report), 0);
	flow_adopted(fresh, true);
	authority = flow_find_authority(fresh, SPAN_LITERAL("CA"));
	assert_int_equal(authority->conf->grant, CONF_GRANT_AUTO);
	assert_ptr_equal(authority->shared, world.authority->shared);
	assert_ptr_equal(flow_find_token(fresh, "soft"), flow_find_token(world.flow, "soft"));
	assert_ptr_equal(fresh->store, world.flow->store);
	/* What began before sees what it began with. */
	assert_int_equal(world.authority->conf->grant, CONF_GRANT_MANUAL);
	/* Neither block is lost, nor a number given twice. */
	assert_int_equal(authority_take_serial(fresh, authority, &next, serial, &size), 0);
	assert_int_equal(next, counter + 1);
	world.flow = flow_unref(world.flow);
	assert_int_equal(authority_take_serial(fresh, authority, &next, serial, &size), 0);
	assert_int_equal(next, counter + 2);
	world.flow = fresh;
	world_close();
}

static void one_at_a_time(void **state)
{
	_cleanup_(freep) char *report = NULL, *second = NULL, *third = NULL;
	struct flow *fresh = NULL, *other = NULL;

	(void)state;
	set_up();
	assert_int_equal(reload("Grant=auto", &fresh, &report), 0);
	assert_int_equal(reload("Grant=none", &other, &second), FLOW_LATER);
	flow_adopted(fresh, false);
	flow_unref(fresh);
	assert_int_equal(reload("Grant=none", &other, &third), 0);
	flow_adopted(other, false);
	flow_unref(other);
	world_close();
}

static void enable(void)
{
	static const struct store_setting settings[] = {{"Hash", "sha256"},
							{"IssuerName", "CN=RootCA,O=Example"}};
	bool enabled = true;
	struct store_change change = {.server = "CA",
				      .now_s = world.now_s,
				      .enabled = &enabled,
				      .settings = settings,
				      .n_settings = 2};

	assert_int_equal(store_commit(world.flow->store, &change), 0);
	assert_int_equal(authority_load(world.flow, world.authority), 0);
}

static void what_is_refused(void **state)
{
	static const struct {
		const char *options, *report;
	} rows[] = {
		{"Grant=perhaps", "Grant=perhaps: must be one of"},
		{"Hash=sha384",
		 "/conf:11: Hash=sha384: is locked while the server is enabled, with "
		 "sha256: claviger server stop CA first"},
		{"Hash=sha384\nGrant=auto", "Hash=sha384: is locked"},
		{"IssuerName=CN=else",
		 "/conf:11: IssuerName=CN=else: is fixed while the server exists"},
		{"[Server", "begins with its name in brackets"},
	};

	(void)state;
	set_up();
	enable();
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(freep) char *report = NULL;
		struct flow *fresh = NULL;
		_cleanup_(freep) char *path = NULL, *text = NULL;

		assert_true(text_format(&path, "%s/conf", world.directory) >= 0);
		assert_true(text_format(&text,
					"[Daemon]\nRuntimeDirectory=%s\nStateDirectory=%s/state\n"
					"TokenStateDirectory=%s\n[Token soft]\nModule=/none.so\n"
					"URI=pkcs11:token=ca\n[Server CA]\nToken=soft\n"
					"IssuerName=CN=RootCA,O=Example\n%s\n",
					world.directory, world.directory, world.directory,
					rows[i].options) >= 0);
		write_text(path, text);
		assert_int_equal(
			flow_reload_files(world.flow, "test", world.now_s, &fresh, &report),
			FLOW_REFUSED);
		assert_null(fresh);
		if (!strstr(report, rows[i].report))
			fail_msg("%s", report);
	}
	world_close();
}

static void a_working_server_does_not_vanish(void **state)
{
	_cleanup_(freep) char *path = NULL, *report = NULL;
	struct flow *fresh = NULL;

	(void)state;
	set_up();
	enable();
	assert_true(text_format(&path, "%s/conf", world.directory) >= 0);
	write_text(path, "");
	assert_int_equal(flow_reload_files(world.flow, "test", world.now_s, &fresh, &report),
			 FLOW_REFUSED);
	assert_non_null(strstr(report, "[Server CA] is gone while the server is enabled: claviger "
				       "server stop CA first"));
	world_close();
}

/* What was written wrong before a start, and is mended while the daemon runs. */
static void a_token_that_comes_back_brings_its_keys(void **state)
{
	_cleanup_(generations_unrefp) struct generations *before = NULL, *after = NULL;
	_cleanup_(freep) char *report = NULL;
	struct flow *fresh = NULL;
	struct authority *authority;

	(void)state;
	world.token = "other";
	set_up();
	assert_int_equal(authority_load(world.flow, world.authority), 0);
	before = authority_generations(world.authority);
	assert_null(before->items[0].key);
	assert_int_equal(authority_find_keys(world.flow, world.authority), 0);
	world.token = "soft";
	assert_int_equal(reload("Grant=manual", &fresh, &report), 0);
	flow_adopted(fresh, true);
	authority = flow_find_authority(fresh, SPAN_LITERAL("CA"));
	assert_int_equal(authority_find_keys(fresh, authority), 0);
	after = authority_generations(authority);
	assert_non_null(after->items[0].key);
	assert_non_null(after->items[0].own.key);
	flow_unref(world.flow);
	world.flow = fresh;
	world_close();
	world.token = NULL;
}

static void what_one_option_may(void **state)
{
	const struct conf_option *hash = conf_find_option(CONF_SERVER, SPAN_LITERAL("Hash"));
	const struct conf_option *grant = conf_find_option(CONF_SERVER, SPAN_LITERAL("Grant"));
	_cleanup_(freep) char *reason = NULL;

	(void)state;
	set_up();
	enable();
	assert_int_equal(flow_allows(world.authority, grant, "auto", &reason), 0);
	assert_int_equal(flow_allows(world.authority, hash, "sha256", &reason), 0);
	assert_int_equal(flow_allows(world.authority, hash, "sha512", &reason), FLOW_REFUSED);
	assert_non_null(strstr(reason, "Hash=sha512: is locked"));
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_on),
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(a_working_server_does_not_vanish),
		cmocka_unit_test(a_token_that_comes_back_brings_its_keys),
		cmocka_unit_test(what_one_option_may),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
