/* SPDX-License-Identifier: Apache-2.0 */
/* What keys are called, and which of them a server has. */
#include "daemon/conf/server-key.h"
#include "tests/unit/daemon/conf/scratch.h"

static const struct {
	const char *label, *plain;
} labels[] = {
	{"a", "a"}, {"a#", "a"}, {"a##", "a"}, {"a#b##", "a#b"}, {"#a", "#a"}, {"##", ""}, {"", ""},
};

static void marks_stand_behind_a_label(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(labels); i++) {
		struct span label = span_of_text(labels[i].label);
		struct span plain = span_of_text(labels[i].plain);

		print_message("%s\n", labels[i].label);
		assert_true(span_equal(conf_key_plain_label(label), plain));
		assert_int_equal(conf_key_is_marked(label), plain.size != label.size);
		assert_true(conf_key_is_called(labels[i].label, labels[i].plain));
	}
}

static void a_key_is_called_by_the_whole_of_its_name(void **state)
{
	(void)state;
	assert_false(conf_key_is_called("web", "we"));
	assert_false(conf_key_is_called("we", "web"));
	assert_false(conf_key_is_called("web2", "web"));
	assert_false(conf_key_is_called("web#2", "web"));
	assert_false(conf_key_is_called("WEB", "web"));
	assert_false(conf_key_is_called("", "web"));
}

#define SOFT   "[Token soft]\nModule=/m.so\nURI=pkcs11:token=ca\n"
#define SAFE   "[Token safe]\nModule=/m.so\nURI=pkcs11:token=safe\n"
#define SERVER "[Server S]\nToken=soft\n"

static const struct {
	const char *lines, *label, *token;
	unsigned bits;
} servers[] = {
	{"KeySize=4096\n", "S", "soft", 4096},
	{"KeySize=4096\n[Trustpoint S]\n", "S", "soft", 4096},
	{"[Trustpoint S]\nKey=ca\nToken=safe\nKeySize=4096\n", "ca", "safe", 4096},
	{"[Trustpoint T]\nKey=ca\nToken=safe\nKeySize=4096\n", "S", "soft", 0},
};

static void a_trustpoint_of_its_own_chooses_a_servers_first_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(servers); i++) {
		char text[1024];

		snprintf(text, sizeof(text), SOFT SAFE SERVER "%s", servers[i].lines);
		_cleanup_(conf_unrefp) struct conf *conf = scratch_load(text);
		const struct conf_server *server = &conf->servers[0];
		print_message("%s\n", servers[i].lines);
		assert_string_equal(conf_server_key_label(server), servers[i].label);
		assert_string_equal(conf_server_first_token(server), servers[i].token);
		assert_int_equal(conf_server_key_size(server), servers[i].bits);
		assert_ptr_equal(conf_find_server_of_key(conf, servers[i].label), server);
		assert_null(conf_find_server_of_key(conf, "other"));
	}
}

static const struct {
	const char *lines, *first, *second;
} pairs[] = {
	{"", "T", NULL},
	{"Key=tunnel\n", "tunnel", NULL},
	{"UsageKeys=yes\n", "T", "T-encr"},
	{"Key=tunnel\nUsageKeys=yes\n", "tunnel", "tunnel-encr"},
};

static void a_trustpoint_has_one_key_or_one_for_each_use(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(pairs); i++) {
		_cleanup_(freep) char *first = NULL, *second = NULL;
		char text[1024];

		snprintf(text, sizeof(text), SOFT "[Trustpoint T]\nToken=soft\n%s", pairs[i].lines);
		_cleanup_(conf_unrefp) struct conf *conf = scratch_load(text);
		print_message("%s\n", pairs[i].lines);
		assert_int_equal(conf_trustpoint_key_labels(&conf->trustpoints[0], &first, &second),
				 0);
		assert_string_equal(first, pairs[i].first);
		assert_int_equal(second == NULL, pairs[i].second == NULL);
		if (second)
			assert_string_equal(second, pairs[i].second);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_stand_behind_a_label),
		cmocka_unit_test(a_key_is_called_by_the_whole_of_its_name),
		cmocka_unit_test(a_trustpoint_of_its_own_chooses_a_servers_first_key),
		cmocka_unit_test(a_trustpoint_has_one_key_or_one_for_each_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
