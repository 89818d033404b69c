/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/parameters.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
	json_t *(*make)(const struct invocation *invocation);
	const char *arguments[4];
	int n;
	const char *subject, *reason;
	const char *made; /* NULL: misuse */
} rows[] = {
	/* clang-format off */
	{parameters_none, {NULL}, 0, NULL, NULL, "{}"},
	{parameters_label, {"CA"}, 1, NULL, NULL, "{\"label\":\"CA\"}"},
	{parameters_label, {"\xff"}, 1, NULL, NULL, NULL},
	{parameters_level, {"debug"}, 1, NULL, NULL, "{\"level\":\"debug\"}"},
	{parameters_server, {"CA"}, 1, NULL, NULL, "{\"server\":\"CA\"}"},
	{parameters_server_id, {"CA", "7"}, 2, NULL, NULL, "{\"id\":7,\"server\":\"CA\"}"},
	{parameters_server_id, {"CA", "0"}, 2, NULL, NULL, NULL},
	{parameters_server_id, {"CA", "7x"}, 2, NULL, NULL, NULL},
	{parameters_server_id, {"CA", "all"}, 2, NULL, NULL, NULL},
	{parameters_server_id, {"CA", "9223372036854775808"}, 2, NULL, NULL, NULL},
	{parameters_server_ids, {"CA", "all"}, 2, NULL, NULL, "{\"all\":true,\"server\":\"CA\"}"},
	{parameters_server_ids, {"CA", "1", "3"}, 3, NULL, NULL, "{\"ids\":[1,3],\"server\":\"CA\"}"},
	{parameters_server_ids, {"CA", "1", "all"}, 3, NULL, NULL, NULL},
	{parameters_server_serial, {"CA", "0x1F"}, 2, NULL, NULL, "{\"serial\":\"0x1F\",\"server\":\"CA\"}"},
	{parameters_server_serial, {"CA", "\xff"}, 2, NULL, NULL, NULL},
	{parameters_revoke, {"CA", "2"}, 2, NULL, NULL, "{\"serial\":\"2\",\"server\":\"CA\"}"},
	{parameters_revoke, {"CA", "2"}, 2, NULL, "keyCompromise", "{\"reason\":\"keyCompromise\",\"serial\":\"2\",\"server\":\"CA\"}"},
	{parameters_password, {"CA"}, 1, NULL, NULL, "{\"server\":\"CA\"}"},
	{parameters_password, {"CA", "5"}, 2, "CN=r1", NULL, "{\"minutes\":5,\"server\":\"CA\",\"subject\":\"CN=r1\"}"},
	{parameters_password, {"CA", "soon"}, 2, "CN=r1", NULL, NULL},
	{parameters_password, {"\xff", "5"}, 2, NULL, NULL, NULL},
	/* clang-format on */
};

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct invocation invocation = {
			.arguments = (char **)rows[i].arguments,
			.n_arguments = rows[i].n,
			.subject = rows[i].subject,
			.reason = rows[i].reason,
		};
		_cleanup_(control_jsonp) json_t *made = rows[i].make(&invocation);
		_cleanup_(freep) char *text = NULL;

		if (!rows[i].made) {
			assert_null(made);
			continue;
		}
		assert_non_null(made);
		text = json_dumps(made, JSON_COMPACT | JSON_SORT_KEYS);
		assert_string_equal(text, rows[i].made);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_row)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
