/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/peer-crls.h"
#include "tests/unit/daemon/store/fixture.h"

static uint8_t issuers[2][SHA256_SIZE] = {{1}, {2}};

static void put(struct fixture *fixture, const char *source, size_t issuer, int64_t next_update_s,
		struct span der)
{
	const struct store_peer_crl crl = {source, SPAN_ARRAY(issuers[issuer]), next_update_s, der};

	assert_int_equal(store_peer_crl_save(fixture->store, &crl, NOW), 0);
}

static bool has(struct fixture *fixture, const char *source, size_t issuer, int64_t now_s,
		const char *text)
{
	_cleanup_(bytes_done) struct bytes der = {};
	int r = store_peer_crl_load(fixture->store, source, SPAN_ARRAY(issuers[issuer]), now_s,
				    &der);

	assert_true(r == 0 || r == STORE_NOT_FOUND);
	return !r && span_equal(span_of(der), span_of_text(text));
}

static void keeps_what_is_in_force(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, "http://a/crl", 0, NOW + 10, SPAN_LITERAL("one"));
	assert_true(has(fixture, "http://a/crl", 0, NOW + 9, "one"));
	assert_false(has(fixture, "http://a/crl", 0, NOW + 10, "one"));
	/* another issuer's has another place, and so has another URL's */
	assert_false(has(fixture, "http://a/crl", 1, NOW, "one"));
	assert_false(has(fixture, "http://b/crl", 0, NOW, "one"));
	put(fixture, "http://a/crl", 1, NOW + 10, SPAN_LITERAL("two"));
	put(fixture, "http://a/crl", 0, NOW + 20, SPAN_LITERAL("three"));
	assert_true(has(fixture, "http://a/crl", 0, NOW + 19, "three"));
	assert_true(has(fixture, "http://a/crl", 1, NOW, "two"));
	fixture_reopen(fixture);
	assert_true(has(fixture, "http://a/crl", 0, NOW + 19, "three"));
}

static void is_found_by_its_issuer_alone(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(bytes_done) struct bytes der = {}, none = {};

	put(fixture, "http://a/crl", 0, NOW + 10, SPAN_LITERAL("one"));
	put(fixture, "http://b/crl", 0, NOW + 20, SPAN_LITERAL("two"));
	put(fixture, "http://c/crl", 1, NOW + 30, SPAN_LITERAL("another's"));
	assert_int_equal(store_peer_crl_find(fixture->store, SPAN_ARRAY(issuers[0]), NOW, &der), 0);
	assert_true(span_equal(span_of(der), SPAN_LITERAL("two")));
	assert_int_equal(
		store_peer_crl_find(fixture->store, SPAN_ARRAY(issuers[0]), NOW + 20, &none),
		STORE_NOT_FOUND);
}

static void their_number_is_bounded(void **state)
{
	struct fixture *fixture = *state;
	char source[32];

	for (int i = 0; i <= STORE_PEER_CRLS_MOST; i++) {
		snprintf(source, sizeof(source), "http://a/%d", i);
		put(fixture, source, 0, NOW + 100 + i, SPAN_LITERAL("crl"));
	}
	/* the one that ends first went */
	assert_false(has(fixture, "http://a/0", 0, NOW, "crl"));
	assert_true(has(fixture, "http://a/1", 0, NOW, "crl"));
	assert_true(has(fixture, source, 0, NOW, "crl"));
}

static void their_bytes_are_bounded(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(bytes_done) struct bytes large = {};
	char source[32];

	assert_int_equal(bytes_new((size_t)64 << 20, &large), 0);
	put(fixture, "small", 0, NOW + 50, SPAN_LITERAL("small"));
	for (int i = 0; i < 4; i++) {
		snprintf(source, sizeof(source), "http://a/%d", i);
		put(fixture, source, 0, NOW + 100 + i, span_of(large));
	}
	assert_false(has(fixture, "small", 0, NOW, "small"));
	put(fixture, "next", 0, NOW + 200, SPAN_LITERAL("next"));
	assert_true(has(fixture, "next", 0, NOW, "next"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_what_is_in_force, fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(is_found_by_its_issuer_alone, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(their_number_is_bounded, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(their_bytes_are_bounded, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
