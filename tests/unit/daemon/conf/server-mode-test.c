/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/server-mode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char own[] = "own", other[] = "other", ca[] = "ca";

static const struct {
	enum conf_mode mode;
	char *exchange_key;
	bool is_ca, enrolls, is_ra, is_transparent;
	const char *exchange_token;
} modes[] = {
	{CONF_MODE_ROOT, ca, .is_ca = true},
	{CONF_MODE_ROOT, other, .is_ca = true, .exchange_token = "other"},
	{CONF_MODE_SUBORDINATE, ca, .is_ca = true, .enrolls = true},
	{CONF_MODE_SUBORDINATE, other, .is_ca = true, .enrolls = true, .exchange_token = "other"},
	{CONF_MODE_RA, ca, .enrolls = true, .is_ra = true, .exchange_token = "own"},
	{CONF_MODE_RA_TRANSPARENT, ca, .is_transparent = true},
};

static void a_mode_says_whose_key_issues_and_who_is_asked(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(modes); i++) {
		char label[] = "S";
		struct conf_server server = {
			.label = label,
			.mode = modes[i].mode,
			.token = own,
			.exchange_key = modes[i].exchange_key,
		};
		struct conf conf = {.servers = &server, .n_servers = 1};
		const char *token = conf_server_exchange_token(&server);

		assert_int_equal(conf_server_is_ca(&server), modes[i].is_ca);
		assert_int_equal(conf_server_enrolls(&server), modes[i].enrolls);
		assert_int_equal(conf_server_is_ra(&server), modes[i].is_ra);
		assert_int_equal(conf_server_is_transparent(&server), modes[i].is_transparent);
		assert_int_equal(conf_server_has_exchange(&server),
				 modes[i].exchange_token != NULL);
		assert_int_equal(token == NULL, modes[i].exchange_token == NULL);
		if (token)
			assert_string_equal(token, modes[i].exchange_token);
		/* Its own trustpoint asks nobody where it has nobody above it. */
		assert_int_equal(conf_trustpoint_is_idle(&conf, "S"),
				 modes[i].mode == CONF_MODE_ROOT);
		assert_false(conf_trustpoint_is_idle(&conf, "T"));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mode_says_whose_key_issues_and_who_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
