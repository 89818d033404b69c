/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/control.h"

#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What each role may do, written down a second time on purpose. */
static const struct {
	const char *name;
	enum control_role least;
	const char *parameters;
} contract[] = {
	{"server.create", CONTROL_ROLE_ADMIN,
	 "label:text certificate:bulk? password:secret? serialNumber:text? ipAddress:text?"},
	{"server.restore", CONTROL_ROLE_ADMIN,
	 "label:text certificate:blob ser:blob? lastSerial:number? crl:bulk? look:bool?"},
	{"server.archive", CONTROL_ROLE_ADMIN, "label:text content:blob"},
	{"server.start", CONTROL_ROLE_ADMIN, "label:text"},
	{"server.stop", CONTROL_ROLE_ADMIN, "label:text"},
	{"server.delete", CONTROL_ROLE_ADMIN, "label:text look:bool?"},
	{"server.rollover", CONTROL_ROLE_ADMIN, "label:text now:bool? generation:number?"},
	{"server.rollover-cancel", CONTROL_ROLE_ADMIN, "label:text look:bool?"},
	{"server.show", CONTROL_ROLE_AUDITOR, "label:text"},
	{"server.preview", CONTROL_ROLE_AUDITOR, "label:text until:text?"},
	{"request.list", CONTROL_ROLE_AUDITOR,
	 "server:text class:text? rollover:bool? state:text? before:number? limit:number?"},
	{"request.show", CONTROL_ROLE_AUDITOR, "server:text id:number"},
	{"request.grant", CONTROL_ROLE_OPERATOR, "server:text ids:numbers? all:bool?"},
	{"request.reject", CONTROL_ROLE_OPERATOR, "server:text ids:numbers? all:bool?"},
	{"request.add", CONTROL_ROLE_OPERATOR, "server:text csr:blob rollover:bool?"},
	{"request.remove", CONTROL_ROLE_OPERATOR, "server:text ids:numbers? all:bool?"},
	{"password.generate", CONTROL_ROLE_OPERATOR, "server:text minutes:number? subject:text?"},
	{"certificate.ca", CONTROL_ROLE_AUDITOR, "server:text?"},
	{"certificate.list", CONTROL_ROLE_AUDITOR, "server:text before:number?"},
	{"certificate.show", CONTROL_ROLE_AUDITOR, "server:text serial:text"},
	{"certificate.revoke", CONTROL_ROLE_OPERATOR, "server:text serial:text reason:text?"},
	{"certificate.release", CONTROL_ROLE_OPERATOR, "server:text serial:text"},
	{"crl.show", CONTROL_ROLE_AUDITOR, "server:text pem:bool? number:number?"},
	{"crl.issue", CONTROL_ROLE_OPERATOR, "server:text until:text?"},
	{"crl.import", CONTROL_ROLE_OPERATOR, "server:text crl:bulk"},
	{"key.list", CONTROL_ROLE_AUDITOR, "token:text?"},
	{"key.uses", CONTROL_ROLE_AUDITOR, ""},
	{"key.reference", CONTROL_ROLE_AUDITOR, "name:text"},
	{"token.list", CONTROL_ROLE_AUDITOR, ""},
	{"token.adopted", CONTROL_ROLE_ADMIN, "token:text"},
	{"token.backed-up", CONTROL_ROLE_ADMIN, "token:text key:text to:text"},
	{"token.restored", CONTROL_ROLE_ADMIN, "token:text label:text"},
	{"trustpoint.verify", CONTROL_ROLE_AUDITOR, "certificates:bulk? trustpoint:text?"},
	{"trustpoint.list", CONTROL_ROLE_AUDITOR, ""},
	{"trustpoint.show", CONTROL_ROLE_AUDITOR, "name:text"},
	{"trustpoint.look", CONTROL_ROLE_ADMIN, "name:text certificate:bulk?"},
	{"trustpoint.accept", CONTROL_ROLE_ADMIN, "name:text sha256:text certificate:bulk?"},
	{"trustpoint.enroll", CONTROL_ROLE_ADMIN,
	 "name:text password:secret? regenerate:bool? anew:bool? serialNumber:text? "
	 "ipAddress:text?"},
	{"trustpoint.import", CONTROL_ROLE_ADMIN,
	 "name:text certificates:bulk token:text? key:text? look:bool?"},
	{"trustpoint.clear", CONTROL_ROLE_ADMIN, "name:text"},
	{"timers", CONTROL_ROLE_AUDITOR, ""},
	{"config.reload", CONTROL_ROLE_ADMIN, ""},
	{"config.allows", CONTROL_ROLE_ADMIN, "label:text option:text value:text?"},
	{"status", CONTROL_ROLE_AUDITOR, ""},
	{"audit.list", CONTROL_ROLE_AUDITOR, "after:number? limit:number? server:text? type:text?"},
	{"audit.verify", CONTROL_ROLE_AUDITOR, "token:bool?"},
	{"log", CONTROL_ROLE_ADMIN, "level:text area:text?"},
};

static void table_is_the_contract(void **state)
{
	(void)state;
	assert_int_equal(CONTROL_COUNT_, ELEMENTS(contract));
	for (size_t i = 0; i < ELEMENTS(contract); i++) {
		enum control_method method = control_find(contract[i].name);

		assert_int_equal(method, i);
		assert_string_equal(control_describe(method)->name, contract[i].name);
		assert_int_equal(control_describe(method)->role, contract[i].least);
		assert_string_equal(control_describe(method)->parameters, contract[i].parameters);
		assert_true(strlen(control_describe(method)->help) > 5);
	}
	assert_int_equal(control_find("server.forget"), CONTROL_COUNT_);
	assert_int_equal(control_find("server"), CONTROL_COUNT_);
	assert_int_equal(control_find(""), CONTROL_COUNT_);
}

static void roots_and_the_daemon_are_admin(void **state)
{
	struct peer root = {.uid = 0}, daemon = {.uid = 123, .gid = 77},
		    other = {.uid = 124, .gid = 77};

	(void)state;
	assert_int_equal(control_role_of(&root, 123), CONTROL_ROLE_ADMIN);
	assert_int_equal(control_role_of(&daemon, 123), CONTROL_ROLE_ADMIN);
	assert_int_equal(control_role_of(&other, 123), CONTROL_ROLE_NONE);
	assert_true(CONTROL_ROLE_NONE < CONTROL_ROLE_AUDITOR);
	assert_true(CONTROL_ROLE_AUDITOR < CONTROL_ROLE_OPERATOR);
	assert_true(CONTROL_ROLE_OPERATOR < CONTROL_ROLE_ADMIN);
}

/* Where this machine has our groups their members have the roles; elsewhere nobody has. */
static void groups_give_roles(void **state)
{
	static const struct {
		const char *group;
		enum control_role role;
	} groups[] = {
		{"claviger-auditor", CONTROL_ROLE_AUDITOR},
		{"claviger-operator", CONTROL_ROLE_OPERATOR},
		{"claviger-admin", CONTROL_ROLE_ADMIN},
	};
	struct peer peer = {.uid = 12345, .gid = 12345};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(groups); i++) {
		const struct group *group = getgrnam(groups[i].group);

		assert_int_equal(peer_in_group(&peer, groups[i].group), false);
		if (!group)
			continue;
		/* The lower groups stay in the list: the highest counts. */
		peer.groups[peer.n_groups++] = group->gr_gid;
		assert_int_equal(control_role_of(&peer, 1), groups[i].role);
	}
	if (peer.n_groups == 0)
		assert_int_equal(control_role_of(&peer, 1), CONTROL_ROLE_NONE);
}

static void roles_have_names(void **state)
{
	(void)state;
	assert_string_equal(control_role_name(CONTROL_ROLE_ADMIN), "admin");
	assert_string_equal(control_role_name(CONTROL_ROLE_OPERATOR), "operator");
	assert_string_equal(control_role_name(CONTROL_ROLE_AUDITOR), "auditor");
	assert_string_equal(control_role_name(CONTROL_ROLE_NONE), "none");
}

static void assert_json(json_t *json, const char *expected)
{
	_cleanup_(control_jsonp) json_t *owned = json, *wanted = json_loads(expected, 0, NULL);

	assert_non_null(json);
	assert_non_null(wanted);
	assert_true(json_equal(owned, wanted));
}

static void answers_have_their_shape(void **state)
{
	(void)state;
	assert_json(control_reply_new(NULL, false), "{\"parameters\": {}}");
	assert_json(control_reply_new(json_pack("{s:i}", "id", 7), false),
		    "{\"parameters\": {\"id\": 7}}");
	assert_json(control_reply_new(NULL, true), "{\"parameters\": {}, \"continues\": true}");
	assert_json(control_error_new(CONTROL_ERROR_REFUSED, "two persons", "request %d", 7),
		    "{\"error\": \"io.claviger.Refused\", \"parameters\": {\"reason\": \"request "
		    "7\", \"rule\": \"two persons\"}}");
	assert_json(
		control_error_new(CONTROL_ERROR_LATER, NULL, "no token"),
		"{\"error\": \"io.claviger.Later\", \"parameters\": {\"reason\": \"no token\"}}");
	assert_json(control_error_new(CONTROL_ERROR_INVALID, "label", "no"),
		    "{\"error\": \"io.claviger.InvalidParameter\", \"parameters\": {\"reason\": "
		    "\"no\", \"parameter\": \"label\"}}");
}

static void errors_have_names(void **state)
{
	(void)state;
	assert_string_equal(control_error_name(CONTROL_ERROR_NOT_FOUND), "io.claviger.NotFound");
	assert_string_equal(control_error_name(CONTROL_ERROR_CONFLICT), "io.claviger.Conflict");
	assert_string_equal(control_error_name(CONTROL_ERROR_NO_METHOD),
			    "io.claviger.MethodNotFound");
	assert_string_equal(control_error_name(CONTROL_ERROR_NO_PERMISSION),
			    "io.claviger.PermissionDenied");
	assert_string_equal(control_error_name(CONTROL_ERROR_FAULT), "io.claviger.Fault");
}

/* A reason may quote what a token or a router said. */
static void reasons_are_made_clean(void **state)
{
	char many[5000];

	(void)state;
	assert_json(control_error_new(CONTROL_ERROR_FAULT, "a\xffz", "%s", "x\xc3"),
		    "{\"error\": \"io.claviger.Fault\", \"parameters\": {\"reason\": \"x?\", "
		    "\"rule\": \"a?z\"}}");
	for (size_t i = 0; i < sizeof(many) - 2; i += 2)
		memcpy(many + i, "\xc3\xa4", 2);
	many[sizeof(many) - 1] = many[sizeof(many) - 2] = '\0';
	_cleanup_(control_jsonp) json_t *error =
		control_error_new(CONTROL_ERROR_FAULT, many, "%s", many);
	assert_non_null(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_the_contract),
		cmocka_unit_test(roots_and_the_daemon_are_admin),
		cmocka_unit_test(groups_give_roles),
		cmocka_unit_test(roles_have_names),
		cmocka_unit_test(answers_have_their_shape),
		cmocka_unit_test(errors_have_names),
		cmocka_unit_test(reasons_are_made_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
