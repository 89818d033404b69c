/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys a [Use] section speaks of. */
#include "daemon/conf/use.h"
#include "tests/unit/daemon/conf/scratch.h"

#define TRUSTPOINTS                                                                                \
	"[Token soft]\nModule=/m.so\nURI=pkcs11:token=ca\n"                                        \
	"[Trustpoint web]\nToken=soft\n"                                                           \
	"[Trustpoint vpn]\nToken=soft\nKey=tunnel\n"                                               \
	"[Trustpoint two]\nToken=soft\nUsageKeys=yes\n"                                            \
	"[Trustpoint other]\nToken=soft\nKey=vpn\n"

static const struct {
	const char *key, *label;
	bool is_of;
} rows[] = {
	{"web", "web", true},
	{"web", "web#", true},
	{"web", "web##", true},
	{"web", "WEB", false},
	{"web", "we", false},
	{"web", "web2", false},
	{"web", "#", false},
	{"web", "", false},
	/* the trustpoint is meant, not a key that has its name for a label */
	{"vpn", "tunnel", true},
	{"vpn", "tunnel#", true},
	{"vpn", "vpn", false},
	{"other", "vpn", true},
	{"tunnel", "tunnel", true},
	{"two", "two", true},
	{"two", "two-encr", true},
	{"two", "two-encr#", true},
	{"two-encr", "two-encr", true},
	{"two-encr", "two", false},
	{"web", "web-encr", false},
};

static void keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char text[1024];

		snprintf(text, sizeof(text), TRUSTPOINTS "[Use a]\nKey=%s\nUser=root\nFor=tls\n",
			 rows[i].key);
		_cleanup_(conf_unrefp) struct conf *conf = scratch_load(text);
		print_message("%s %s\n", rows[i].key, rows[i].label);
		assert_int_equal(conf_use_is_of(conf, &conf->uses[0], rows[i].label),
				 rows[i].is_of);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
