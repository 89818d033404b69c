/* SPDX-License-Identifier: Apache-2.0 */
/* One option set in the text of a drop-in; and the whole read as if it stood there already. */
#include "daemon/conf/edit.h"
#include "tests/unit/daemon/conf/scratch.h"

#define HEAD "# Written by claviger config set; other files may say more, later names win.\n"
#define SOFT "[Token soft]\nModule=/m.so\nURI=pkcs11:token=ca\n"

static const struct {
	const char *before;
	enum conf_section section;
	const char *name, *option;
	const char *values[3];
	bool add;
	const char *after;
} rows[] = {
	{"", CONF_SERVER, "A", "Grant", {"auto"}, false, HEAD "[Server A]\nGrant=auto\n"},
	{"", CONF_DAEMON, NULL, "HoldFor", {"3s"}, false, HEAD "[Daemon]\nHoldFor=3s\n"},
	{"[Server A]\nGrant=none\n",
	 CONF_SERVER,
	 "A",
	 "Grant",
	 {"auto"},
	 false,
	 "[Server A]\nGrant=auto\n"},
	{"[Server A]\n Grant = none \nGrant=x\n",
	 CONF_SERVER,
	 "A",
	 "Grant",
	 {"auto"},
	 false,
	 "[Server A]\nGrant=auto\n"},
	{"[Server A]\nGrant=none",
	 CONF_SERVER,
	 "A",
	 "CDP",
	 {"http://h/?x"},
	 false,
	 "[Server A]\nGrant=none\nCDP=http://h/?x\n"},
	{"# mine\n[Server B]\nGrant=none\n[Server A]\n[HTTP]\n",
	 CONF_SERVER,
	 "A",
	 "Grant",
	 {"auto"},
	 false,
	 "# mine\n[Server B]\nGrant=none\n[Server A]\nGrant=auto\n[HTTP]\n"},
	{"[Server A]\nGrant=auto\n",
	 CONF_SERVER,
	 "A",
	 "Grant",
	 {NULL},
	 false,
	 "[Server A]\nGrant=\n"},
	{"[Server A]\n",
	 CONF_SERVER,
	 "A",
	 "AutoRollover",
	 {NULL},
	 false,
	 "[Server A]\nAutoRollover=off\n"},
	/* A list's items follow a line that empties it. */
	{"[Server A]\nAllowDNS=x\nAllowDNS=y\n",
	 CONF_SERVER,
	 "A",
	 "AllowDNS",
	 {"a", "b"},
	 false,
	 "[Server A]\nAllowDNS=\nAllowDNS=a\nAllowDNS=b\n"},
	{"[Server A]\nAllowDNS=x\n",
	 CONF_SERVER,
	 "A",
	 "AllowDNS",
	 {"y"},
	 true,
	 "[Server A]\nAllowDNS=x\nAllowDNS=y\n"},
	{"",
	 CONF_SERVER,
	 "A",
	 "GrantRollover",
	 {"ca-cert"},
	 false,
	 HEAD "[Server A]\nGrantRollover=\nGrantRollover=ca-cert\n"},
	/* What goes on in the next line goes whole, and is no header. */
	{"[Server A]\nIssuerName=CN=a,\\\n[x]\nGrant=auto\n",
	 CONF_SERVER,
	 "A",
	 "IssuerName",
	 {"CN=b"},
	 false,
	 "[Server A]\nGrant=auto\nIssuerName=CN=b\n"},
	{"[Server AB]\nGrant=none\n",
	 CONF_SERVER,
	 "A",
	 "Grant",
	 {"auto"},
	 false,
	 "[Server AB]\nGrant=none\n[Server A]\nGrant=auto\n"},
};

static void texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(buffer_done) struct buffer out = {0};
		struct conf_edit edit = {
			.option = conf_find_option(rows[i].section, span_of_text(rows[i].option)),
			.name = rows[i].name,
			.values = rows[i].values,
			.add = rows[i].add,
		};

		while (edit.n_values < 3 && rows[i].values[edit.n_values])
			edit.n_values++;
		conf_edit(span_of_text(rows[i].before), &edit, &out);
		buffer_append_byte(&out, '\0');
		assert_string_equal((const char *)out.data, rows[i].after);
	}
}

static void values_are_one_line(void **state)
{
	(void)state;
	assert_true(conf_edit_takes("a\\b"));
	assert_true(conf_edit_takes(""));
	assert_false(conf_edit_takes("a\nGrant=auto"));
	assert_false(conf_edit_takes("a\r"));
	assert_false(conf_edit_takes("a\\"));
}

/* A pending drop-in has its place among the others, and takes that of one of its name. */
static void pending(void **state)
{
	(void)state;
	static const char *const others[] = {"10.conf", "95.conf", "90-set.conf"};
	_cleanup_(scratch_done) struct scratch scratch =
		scratch_new(SPAN_LITERAL(SOFT "[Server A]\nToken=soft\n"));
	const struct conf_drop_in drop_in = {
		CONF_EDIT_NAME, SPAN_LITERAL("[Server A]\nGrant=auto\nIncludeCA=yes\n")};
	static const enum conf_grant grants[] = {CONF_GRANT_AUTO, CONF_GRANT_NONE, CONF_GRANT_NONE};

	for (size_t i = 0; i < ELEMENTS(others); i++) {
		_cleanup_(conf_unrefp) struct conf *conf = NULL;
		_cleanup_(freep) char *error = NULL;
		char name[64];

		snprintf(name, sizeof(name), "claviger.conf.d/%s", others[i]);
		scratch_write(&scratch, name, SPAN_LITERAL("[Server A]\nGrant=none\n"));
		assert_int_equal(conf_load_pending(scratch.path, &drop_in, &conf, &error), 0);
		assert_int_equal(conf->servers[0].grant, grants[i]);
		assert_true(conf->servers[0].include_ca);
	}
}

static void pending_alone(void **state)
{
	(void)state;
	_cleanup_(scratch_done) struct scratch scratch =
		scratch_new(SPAN_LITERAL(SOFT "[Server A]\nToken=soft\n"));
	const struct conf_drop_in drop_in = {CONF_EDIT_NAME,
					     SPAN_LITERAL("[Server A]\nGrant=perhaps\n")};
	_cleanup_(freep) char *error = NULL;
	struct conf *conf = NULL;

	assert_int_equal(conf_load_pending(scratch.path, &drop_in, &conf, &error), CONF_LOAD_WRONG);
	assert_non_null(strstr(error, "claviger.conf.d/90-set.conf:2: Grant=perhaps: must be"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(values_are_one_line),
		cmocka_unit_test(pending),
		cmocka_unit_test(pending_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
