/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static const struct sockaddr *address(struct sockaddr_storage *storage, const char *text,
				      int family)
{
	*storage = (struct sockaddr_storage){.ss_family = (sa_family_t)family};
	void *number = family == AF_INET ? (void *)&((struct sockaddr_in *)storage)->sin_addr
					 : (void *)&((struct sockaddr_in6 *)storage)->sin6_addr;
	assert_int_equal(inet_pton(family, text, number), 1);
	return (const struct sockaddr *)storage;
}

static const struct {
	int family;
	const char *address, *shown;
} rows[] = {
	{AF_INET, "192.0.2.1", "192.0.2.1"},
	{AF_INET6, "::ffff:192.0.2.1", "192.0.2.1"},
	{AF_INET6, "2001:DB8::1", "2001:db8::1"},
	{AF_INET6, "::1", "::1"},
};

static void shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct sockaddr_storage storage;
		char text[PEER_TEXT_SIZE];
		peer_format(address(&storage, rows[i].address, rows[i].family), text);
		assert_string_equal(text, rows[i].shown);
	}
}

static void counted(void **state)
{
	(void)state;
	struct peers peers = {0};
	struct sockaddr_storage storage;

	struct http_peer *a = peers_enter(&peers, address(&storage, "192.0.2.1", AF_INET));
	struct http_peer *b = peers_enter(&peers, address(&storage, "192.0.2.2", AF_INET));
	struct http_peer *c = peers_enter(&peers, address(&storage, "2001:db8:0:1::", AF_INET6));
	assert_ptr_not_equal(a, b);
	assert_ptr_equal(peers_enter(&peers, address(&storage, "::ffff:192.0.2.1", AF_INET6)), a);
	assert_ptr_equal(peers_enter(&peers, address(&storage, "2001:db8:0:1:ffff::1", AF_INET6)),
			 c);
	assert_int_equal(a->connections, 2);
	assert_int_equal(b->connections, 1);
	peers_leave(&peers, a);
	assert_int_equal(a->connections, 1);
	peers_leave(&peers, a);
	peers_leave(&peers, b);
	peers_leave(&peers, c);
	peers_leave(&peers, c);
	assert_null(peers.tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shown),
		cmocka_unit_test(counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
