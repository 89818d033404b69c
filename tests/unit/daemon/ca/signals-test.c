/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/signals.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void each_fact_has_its_signal(void **state)
{
	static const struct {
		struct ca_server_facts so;
		const char *begins, *ends;
	} rows[] = {
		{{.created = true}, "created", "deleted"},
		{{.wanted = true}, "no shut", "shut"},
		{{.time_good = true}, "time set", "time lost"},
		{{.storage_good = true}, "storage mended", "storage failure"},
		{{.failed = true}, "failure", "mended"},
		{{.n_generations = 2}, "cert configured", "cert gone"},
		{{.key_missing = true}, "token section gone", "token section configured"},
		{{.key_gone = true}, "key gone", "key back"},
		{{.http_missing = true}, "HTTP server stopped", "HTTP server started"},
		{{.token_ready = true}, "token ready", "token away"},
	};
	const struct ca_server_facts none = {};
	unsigned without = ca_signal_bits(&none);

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		unsigned with = ca_signal_bits(&rows[i].so);

		assert_string_equal(ca_signal_name(without, with), rows[i].begins);
		assert_string_equal(ca_signal_name(with, without), rows[i].ends);
		assert_string_equal(ca_signal_name(with, with), "");
	}
}

static void of_several_the_upper_one_is_named(void **state)
{
	const struct ca_server_facts before = {.created = true, .time_good = true};
	const struct ca_server_facts after = {.created = true, .wanted = true, .token_ready = true};

	(void)state;
	assert_string_equal(ca_signal_name(ca_signal_bits(&before), ca_signal_bits(&after)),
			    "no shut");
	assert_string_equal(ca_signal_name(ca_signal_bits(&after), ca_signal_bits(&before)),
			    "shut");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fact_has_its_signal),
		cmocka_unit_test(of_several_the_upper_one_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
