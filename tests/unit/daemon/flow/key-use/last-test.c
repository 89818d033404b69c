/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/key-use/last.h"
#include "daemon/flow/key-use/tally.h"
#include "daemon/x509/name.h"
#include "tests/unit/daemon/flow/trustpoint.h"

static int64_t last_of(const char *trustpoint, size_t key, const char *label)
{
	_cleanup_(ca_key_place_done) struct ca_key_place place = place_of(key, label);
	int64_t last_s = -1;

	assert_int_equal(flow_key_use_last(world.flow, trustpoint, &place, world.now_s, &last_s),
			 0);
	return last_s;
}

static void use(size_t key)
{
	_cleanup_(bytes_done) struct bytes spki = spki_of(key);
	uint8_t key_sha256[SHA256_SIZE];

	sha256(span_of(spki), key_sha256);
	key_use_tally_allowed(world.flow->key_use_tally, "web", 1, SPAN_ARRAY(key_sha256),
			      world.now_s);
}

/* No section speaks of it: what is not remembered was not there. */
static void without_a_section_only_what_was_seen_counts(void **state)
{
	(void)state;
	world_open("", TRUSTPOINT "[Use web]\nKey=OTHER\nUser=root\nFor=tls\n");
	assert_int_equal(last_of("CORP", 0, "CORP"), 0);
	world.now_s += HOUR;
	use(0);
	world.now_s += HOUR;
	assert_int_equal(last_of("CORP", 0, "CORP"), START + HOUR);
	assert_int_equal(last_of("CORP", 1, "CORP#"), 0);
	world_close();
}

/* Programs may have used it a moment before this process began. */
static void with_a_section_the_beginning_counts(void **state)
{
	(void)state;
	world_open("", TRUSTPOINT "Key=router\n[Use web]\nKey=CORP\nUser=root\nFor=tls\n");
	assert_int_equal(last_of("CORP", 0, "router"), START);
	world.now_s += HOUR;
	/* Whatever it is called now. */
	assert_int_equal(last_of("CORP", 1, "once#"), START);
	assert_int_equal(last_of("R2", 1, "router##"), START);
	assert_int_equal(last_of("R2", 1, "R2"), 0);
	use(1);
	assert_int_equal(last_of("CORP", 1, "once#"), START + HOUR);
	assert_int_equal(last_of("CORP", 0, "router"), START);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_section_only_what_was_seen_counts),
		cmocka_unit_test(with_a_section_the_beginning_counts),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
