/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from a shadow that stands: it takes over, or is taken back. The token is nobody's.
 */
#include "daemon/flow/server/rollover.h"
#include "daemon/flow/succession/change-over.h"
#include "daemon/flow/succession/shadow.h"
#include "daemon/flow/succession/succession.h"
#include "tests/unit/daemon/flow/shadow.h"

static const struct ca_generation_record *record_of(unsigned number)
{
	return &world.authority->shared->generations->records[number - 1];
}

/* What the front end serves under this name; empty without one. */
static struct bytes file(const char *name)
{
	_cleanup_(freep) char *path = NULL;
	struct bytes content = {};

	assert_true(text_format(&path, "%s/CA/%s", world.flow->public_directory, name) >= 0);
	(void)!file_read(path, 65536, &content);
	return content;
}

static bool serves(const char *name, struct span content)
{
	_cleanup_(bytes_done) struct bytes found = file(name);

	return span_equal(span_of(found), content);
}

static void the_change_over_is_recorded_once_and_published(void **state)
{
	(void)state;
	world_open("", "");
	shadow_make();
	shadow_offer();
	world.now_s = TAKES_OVER;
	assert_int_equal(flow_change_over(world.flow, world.authority, 2, world.now_s), 0);
	assert_int_equal(record_of(2)->changed_over_s, TAKES_OVER);
	assert_true(serves("ca.crt", span_of(record_of(2)->certificate)));
	assert_true(serves("nextcacert", (struct span){}));
	assert_int_equal(flow_change_over(world.flow, world.authority, 2, world.now_s + 5), 0);
	assert_int_equal(record_of(2)->changed_over_s, TAKES_OVER);
	assert_int_equal(audited("rollover.changeover"), 1);
	assert_int_equal(flow_change_over(world.flow, world.authority, 7, world.now_s),
			 FLOW_REFUSED);
	shadow_done();
	world_close();
}

/* Where nobody answers for the token nothing is recorded, and all of it is tried again. */
static void without_its_token_all_waits(void **state)
{
	char trouble[SUCCESSION_TROUBLE_SIZE];

	(void)state;
	world_open("", "Archive=pkcs12\n");
	shadow_make();
	assert_int_equal(flow_archive_shadow(world.flow, world.authority, 2, START), FLOW_LATER);
	succession_tell_trouble(world.authority, trouble);
	assert_string_equal(trouble, "its token is away");
	assert_int_equal(flow_relabel_key(world.flow, world.authority, 2, TAKES_OVER), FLOW_LATER);
	assert_int_equal(flow_destroy_key(world.flow, world.authority, 1, TAKES_OVER + DAY),
			 FLOW_LATER);
	assert_int_equal(record_of(2)->archived_s, 0);
	assert_int_equal(record_of(2)->relabelled_s, 0);
	assert_int_equal(record_of(1)->destroyed_s, 0);
	shadow_done();
	world_close();
}

static void a_wish_is_recorded_once(void **state)
{
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};

	(void)state;
	world_open("", "");
	assert_int_equal(flow_wish_shadow(world.flow, world.authority, "uid 0", START + 1), 0);
	assert_int_equal(flow_wish_shadow(world.flow, world.authority, NULL, START + 2), 0);
	assert_int_equal(store_server_load(world.flow->store, "CA", &server), 0);
	assert_int_equal(server.rollover_wish_s, START + 1);
	assert_int_equal(audited("rollover.begin"), 1);
	world_close();
}

static void a_cancel_tells_whom_it_hurts(void **state)
{
	_cleanup_(rollover_cancel_done) struct rollover_cancel look = {}, cancel = {}, again = {};
	_cleanup_(freep) char *reason = NULL;
	struct hand hand;

	(void)state;
	world_open("", "");
	hand = by_hand();
	assert_int_equal(flow_rollover_cancel(&hand, false, &look, &reason), FLOW_REFUSED);
	assert_non_null(strstr(reason, "no rollover"));
	shadow_make();
	shadow_offer();
	assert_int_equal(flow_rollover_cancel(&hand, true, &look, &reason), 0);
	assert_true(look.available && look.generation == 2 && !look.already);
	assert_string_equal(look.token, "soft");
	assert_int_equal(record_of(2)->destroyed_s, 0);
	assert_int_equal(flow_rollover_cancel(&hand, false, &cancel, &reason), 0);
	assert_int_equal(record_of(2)->destroyed_s, world.now_s);
	assert_true(serves("nextcacert", (struct span){}));
	assert_int_equal(audited("rollover.cancel"), 1);
	/* Its key may still be there: the same again names it once more, and records nothing. */
	assert_int_equal(flow_rollover_cancel(&hand, false, &again, &reason), 0);
	assert_true(again.already);
	assert_memory_equal(again.key_sha256, cancel.key_sha256, SHA256_SIZE);
	assert_int_equal(audited("rollover.cancel"), 1);
	shadow_done();
	world_close();
}

/* --now needs the token of the key to come; what is refused changes nothing. */
static void an_emergency_without_its_token_is_refused(void **state)
{
	_cleanup_(freep) char *first = NULL, *second = NULL;
	struct rollover_stand stand;
	struct hand hand;

	(void)state;
	world_open("", "");
	hand = by_hand();
	assert_int_equal(flow_rollover_now(&hand, 0, &stand, &first), FLOW_LATER);
	assert_non_null(strstr(first, "token soft is not ready"));
	shadow_make();
	assert_int_equal(flow_rollover_now(&hand, 0, &stand, &second), FLOW_LATER);
	assert_non_null(strstr(second, "cancel the rollover"));
	assert_int_equal(record_of(2)->takes_over_s, TAKES_OVER);
	assert_int_equal(audited("rollover.emergency"), 0);
	shadow_done();
	world_close();
}

/* Of two who have seen the same generation the second is told that another is active. */
static void an_emergency_of_another_generation_is_refused(void **state)
{
	_cleanup_(freep) char *late = NULL, *early = NULL, *right = NULL;
	struct rollover_stand stand;
	struct hand hand;

	(void)state;
	world_open("", "");
	shadow_make_for(START + 5);
	world.now_s = START + 5;
	hand = by_hand();
	assert_int_equal(flow_rollover_now(&hand, 1, &stand, &late), FLOW_REFUSED);
	assert_non_null(strstr(late, "generation 2 took over meanwhile"));
	assert_int_equal(flow_rollover_now(&hand, 3, &stand, &early), FLOW_REFUSED);
	/* That of the active one gets as far as the token, which is nobody's. */
	assert_int_equal(flow_rollover_now(&hand, 2, &stand, &right), FLOW_LATER);
	assert_non_null(strstr(right, "token soft is not ready"));
	assert_int_equal(audited("rollover.emergency"), 0);
	shadow_done();
	world_close();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_change_over_is_recorded_once_and_published),
		cmocka_unit_test(without_its_token_all_waits),
		cmocka_unit_test(a_wish_is_recorded_once),
		cmocka_unit_test(a_cancel_tells_whom_it_hurts),
		cmocka_unit_test(an_emergency_without_its_token_is_refused),
		cmocka_unit_test(an_emergency_of_another_generation_is_refused),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
