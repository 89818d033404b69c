/* SPDX-License-Identifier: Apache-2.0 */
/* Which key of a trustpoint a program means, before and after a renewal, and what is kept of it. */
#include "daemon/flow/key-use/key-use.h"
#include "daemon/flow/key-use/keys.h"
#include "daemon/flow/key-use/look.h"
#include "daemon/ipc/keys.h"
#include "daemon/x509/name.h"
#include "tests/unit/daemon/flow/trustpoint.h"

#include <sys/resource.h>

#define NOW_MS INT64_C(5000000)

static int open_world(void **state)
{
	(void)state;
	world.now_s = START;
	world_open("", TRUSTPOINT);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close();
	return 0;
}

static int64_t add_identity(size_t key, int usage, int64_t takes_over_s)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = turn_of("CORP");
	struct ca_identity_record identity = {
		.usage = usage,
		.key = place_of(key, "CORP"),
		.certificate = leaf_of(key, START, 365 * DAY),
		.not_before_s = START,
		.not_after_s = START + 365 * DAY,
		.takes_over_s = takes_over_s,
	};
	struct store_trustpoint_change change = {.identity = &identity};
	int64_t id;

	if (!ca_anchor_active(&turn.state, world.now_s))
		accept_ca(&turn);
	identity.anchor_id = turn.state.anchors[0].id;
	assert_int_equal(trustpoint_commit(&turn, &change, NULL), 0);
	id = identity.id;
	ca_identity_record_done(&identity);
	return id;
}

static struct bytes id_of(size_t key)
{
	_cleanup_(bytes_done) struct bytes spki = spki_of(key);
	struct bytes id;

	assert_int_equal(bytes_new(SHA256_SIZE, &id), 0);
	sha256(span_of(spki), id.data);
	return id;
}

/* The key that is found; -1: none. */
static int found_key(struct key_use_look_wish wish, int64_t now_ms, bool looked, int expected)
{
	_cleanup_(freep) char *reason = NULL;
	struct key_use_found found = {};
	int key = -1;

	assert_int_equal(key_use_keys_find(world.flow, &wish, now_ms, looked, &found, &reason),
			 expected);
	assert_int_equal(!reason, expected < KEY_USE_KEYS_LATER);
	for (int i = 0; found.key && i < 2; i++) {
		_cleanup_(bytes_done) struct bytes spki = spki_of((size_t)i);

		if (span_equal(key_spki(found.key), span_of(spki)))
			key = i;
	}
	if (found.key)
		assert_string_equal(found.token, "soft");
	key_unref(found.key);
	return key;
}

static struct key_use_look_wish wish_of(struct span id, bool opens)
{
	return (struct key_use_look_wish){
		.name = "CORP", .id = id, .opens = opens, .now_s = world.now_s};
}

static void before_and_after_a_renewal(void **state)
{
	_cleanup_(bytes_done) struct bytes old = id_of(0), new = id_of(1);
	struct key_use_look_wish wish = wish_of((struct span){}, false);

	(void)state;
	add_identity(0, KEY_USAGE_GENERAL, START);
	assert_int_equal(found_key(wish, NOW_MS, false, KEY_USE_KEYS_LOOK), -1);
	assert_int_equal(key_use_keys_look(world.flow, &wish, NOW_MS), 0);
	assert_int_equal(found_key(wish, NOW_MS, false, 0), 0);
	/* One that will take over is known at once, and in force when its time has come. */
	add_identity(1, KEY_USAGE_GENERAL, START + DAY);
	assert_int_equal(found_key(wish, NOW_MS, false, KEY_USE_KEYS_LOOK), -1);
	assert_int_equal(key_use_keys_look(world.flow, &wish, NOW_MS), 0);
	assert_int_equal(found_key(wish, NOW_MS, false, 0), 0);
	assert_int_equal(found_key(wish_of(span_of(new), false), NOW_MS, false, 0), 1);
	wish.now_s = START + DAY;
	assert_int_equal(found_key(wish, NOW_MS, false, 0), 1);
	assert_int_equal(found_key(wish_of(span_of(old), false), NOW_MS, false, 0), 0);
}

static void usage_keys(void **state)
{
	_cleanup_(bytes_done) struct bytes signs = id_of(0), opens = id_of(1);
	struct key_use_look_wish wish = wish_of((struct span){}, false);

	(void)state;
	add_identity(0, KEY_USAGE_SIGNATURE, START);
	add_identity(1, KEY_USAGE_ENCRYPTION, START);
	assert_int_equal(key_use_keys_look(world.flow, &wish, NOW_MS), 0);
	assert_int_equal(found_key(wish, NOW_MS, false, 0), 0);
	assert_int_equal(found_key(wish_of((struct span){}, true), NOW_MS, false, 0), 1);
	/* By its id: one that encrypts signs its own request, one that signs opens nothing. */
	assert_int_equal(found_key(wish_of(span_of(opens), true), NOW_MS, false, 0), 1);
	assert_int_equal(found_key(wish_of(span_of(opens), false), NOW_MS, false, 0), 1);
	assert_int_equal(
		found_key(wish_of(span_of(signs), true), NOW_MS, false, KEY_USE_KEYS_UNFIT), -1);
}

static void looked_for_again_but_seldom(void **state)
{
	static const uint8_t foreign[SHA256_SIZE] = {9};
	struct key_use_look_wish wish = wish_of((struct span){}, false);
	struct key_use_look_wish another = wish_of(SPAN_ARRAY(foreign), false);

	(void)state;
	assert_int_equal(key_use_keys_look(world.flow, &wish, NOW_MS), 0);
	assert_int_equal(found_key(wish, NOW_MS + 999, false, KEY_USE_KEYS_NONE), -1);
	assert_int_equal(found_key(wish, NOW_MS + 1000, false, KEY_USE_KEYS_LOOK), -1);
	assert_int_equal(found_key(wish, NOW_MS + 1000, true, KEY_USE_KEYS_NONE), -1);
	add_identity(0, KEY_USAGE_GENERAL, START);
	assert_int_equal(key_use_keys_look(world.flow, &wish, NOW_MS), 0);
	assert_int_equal(found_key(wish, NOW_MS + 29999, false, 0), 0);
	assert_int_equal(found_key(wish, NOW_MS + 30000, false, KEY_USE_KEYS_LOOK), -1);
	assert_int_equal(found_key(another, NOW_MS + 999, false, KEY_USE_KEYS_NONE), -1);
	assert_int_equal(found_key(another, NOW_MS + 1000, false, KEY_USE_KEYS_LOOK), -1);
	key_use_keys_missed(world.flow, "CORP");
	assert_int_equal(found_key(wish, NOW_MS + 999, false, 0), 0);
	assert_int_equal(found_key(wish, NOW_MS + 1000, false, KEY_USE_KEYS_LOOK), -1);
}

static void a_token_that_is_away(void **state)
{
	struct key_use_look_wish wish = {.name = "web", .now_s = START};

	(void)state;
	assert_int_equal(key_use_keys_look(world.flow, &wish, NOW_MS), 0);
	assert_int_equal(found_key(wish, NOW_MS + 9999, false, KEY_USE_KEYS_LATER), -1);
	assert_int_equal(found_key(wish, NOW_MS + 10000, false, KEY_USE_KEYS_LOOK), -1);
}

static void look_at_program(struct key_use_program *program)
{
	const struct key_use_question question = {.number = IPC_KEY_PUBLIC, .name = "nobody's"};
	const struct key_use_turn turn = {
		.flow = world.flow,
		.program = program,
		.question = &question,
		.now_s = START,
		.now_ms = NOW_MS,
	};

	assert_int_equal(flow_key_use_look(&turn), 0);
}

/* Users' names may be kept elsewhere: where that can't be asked, it is asked again. Here it is for
 * want of descriptors. */
static void a_name_that_can_not_be_asked_for(void **state)
{
	struct key_use_program program = {.uid = 0};
	struct rlimit limit, none;

	(void)state;
	look_at_program(&program);
	assert_string_equal(program.user, "root");
	assert_false(program.nameless);
	key_use_program_done(&program);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	look_at_program(&program);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_string_equal(program.user, "0");
	assert_true(program.nameless);
	assert_int_equal(program.snapshot, world.flow->number);
	look_at_program(&program);
	assert_string_equal(program.user, "root");
	assert_false(program.nameless);
	key_use_program_done(&program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(before_and_after_a_renewal, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(usage_keys, open_world, close_world),
		cmocka_unit_test_setup_teardown(looked_for_again_but_seldom, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(a_token_that_is_away, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_name_that_can_not_be_asked_for, open_world,
						close_world),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
