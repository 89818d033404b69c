/* SPDX-License-Identifier: Apache-2.0 */
#include "token/reader-map.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LONG_NAME                                                                                  \
	"Nitrokey Nitrokey HSM (DENK01053600000         ) with a name longer than any slot's 00 "  \
	"00"

/* A slot that holds the token of this serial, described as a module does it. */
static struct hsm_slot slot(unsigned long id, const char *description, const char *serial)
{
	struct hsm_slot made = {.id = id, .removable = true, .initialised = true};

	(void)snprintf(made.description, sizeof(made.description), "%.64s", description);
	(void)snprintf(made.serial, sizeof(made.serial), "%s", serial);
	return made;
}

static void add(struct readers_view *view, const char *name, bool has_card, unsigned events)
{
	struct reader *reader = &view->items[view->n++];

	(void)snprintf(reader->name, sizeof(reader->name), "%s", name);
	reader->has_card = has_card;
	reader->events = events;
	view->service = READERS_THERE;
}

static struct readers_view two_readers(bool first, bool second)
{
	struct readers_view view = {0};

	add(&view, "Virtual PCD 00 00", first, 1);
	add(&view, "Virtual PCD 00 01", second, 1);
	return view;
}

static void a_slot_is_the_reader_that_it_is_called_after(void **state)
{
	struct readers_view view = two_readers(true, true);
	struct hsm_slot cut = slot(7, LONG_NAME, "1"), marked = cut;
	struct hsm_slot second = slot(0, "Virtual PCD 00 01", "1");
	struct hsm_slot other = slot(0, "Virtual PCD 00", "1");

	(void)state;
	add(&view, LONG_NAME, true, 1);
	memcpy(marked.description + 61, "...", 3);
	assert_ptr_equal(reader_map_of_slot(&view, &second), &view.items[1]);
	assert_ptr_equal(reader_map_of_slot(&view, &cut), &view.items[2]);
	assert_ptr_equal(reader_map_of_slot(&view, &marked), &view.items[2]);
	assert_null(reader_map_of_slot(&view, &other));
}

static void reader_leaves_its_own_slots_and_what_is_no_reader(void **state)
{
	struct readers_view view = two_readers(true, true);
	struct hsm_slot first = slot(0, "Virtual PCD 00 00", "1");
	struct hsm_slot second = slot(4, "Virtual PCD 00 01", "2");
	struct hsm_slot network = slot(8, "HSM in the cellar", "3");

	(void)state;
	assert_true(reader_map_allows(NULL, &view, &first));
	assert_true(reader_map_allows("Virtual PCD 00 00", &view, &first));
	assert_false(reader_map_allows("Virtual PCD 00 00", &view, &second));
	assert_true(reader_map_allows("Virtual PCD", &view, &second));
	assert_true(reader_map_allows("Virtual PCD", &view, &network));
}

/* Slots change their numbers, readers their order: the serial stays. */
static void the_map_follows_the_token(void **state)
{
	struct readers_view view = two_readers(true, true), turned = {0};
	struct hsm_slot here = slot(4, "Virtual PCD 00 01", "A"), moved;
	struct reader_map map = {0};

	(void)state;
	assert_null(reader_map_ours(&map, NULL, &view));
	reader_map_learn(&map, &view, &here);
	assert_string_equal(map.serial, "A");
	assert_ptr_equal(reader_map_ours(&map, NULL, &view), &view.items[1]);
	add(&turned, "Virtual PCD 00 01", true, 1);
	add(&turned, "Virtual PCD 00 00", true, 1);
	assert_ptr_equal(reader_map_ours(&map, NULL, &turned), &turned.items[0]);
	moved = slot(0, "Virtual PCD 00 00", "A");
	reader_map_learn(&map, &turned, &moved);
	assert_ptr_equal(reader_map_ours(&map, NULL, &turned), &turned.items[1]);
}

static void without_pcscd_the_map_stays(void **state)
{
	struct readers_view view = two_readers(true, false), away = {.service = READERS_AWAY};
	struct hsm_slot here = slot(0, "Virtual PCD 00 00", "A");
	struct reader_map map = {0};

	(void)state;
	reader_map_learn(&map, &view, &here);
	reader_map_learn(&map, &away, &here);
	assert_string_equal(map.reader, "Virtual PCD 00 00");
	assert_null(reader_map_ours(&map, NULL, &away));
}

/* A name that begins several readers' names leaves the choice to the token. */
static void reader_goes_before_what_was_learnt(void **state)
{
	struct readers_view view = two_readers(true, true);
	struct hsm_slot here = slot(0, "Virtual PCD 00 00", "A");
	struct reader_map map = {0};

	(void)state;
	reader_map_learn(&map, &view, &here);
	assert_ptr_equal(reader_map_ours(&map, "Virtual PCD 00 01", &view), &view.items[1]);
	assert_ptr_equal(reader_map_ours(&map, "Virtual", &view), &view.items[0]);
	assert_null(reader_map_ours(&map, "Nitrokey", &view));
}

/* Each: two readers with or without a card, whose token the module shows or not. */
static const struct {
	const char *wanted;
	bool learnt; /* the first is ours */
	bool card[2], shown[2];
	enum reader_finding finding;
	int reader; /* -1: none told */
} findings[] = {
	{NULL, true, {false, true}, {false, true}, READER_FINDING_NO_CARD, 0},
	{NULL, true, {true, true}, {false, true}, READER_FINDING_UNREAD, 0},
	{NULL, true, {true, true}, {true, true}, READER_FINDING_OTHER, 0},
	{NULL, false, {false, false}, {false, false}, READER_FINDING_NO_CARD, -1},
	{NULL, false, {false, true}, {false, true}, READER_FINDING_NONE, -1},
	{NULL, false, {false, true}, {false, false}, READER_FINDING_UNREAD, 1},
	{NULL, false, {true, true}, {true, false}, READER_FINDING_UNREAD, 1},
	{"Virtual PCD 00 01", true, {true, false}, {true, false}, READER_FINDING_NO_CARD, 1},
	{"Virtual PCD 00 01", true, {true, true}, {false, true}, READER_FINDING_OTHER, 1},
	{"Virtual", false, {false, false}, {false, false}, READER_FINDING_NO_CARD, -1},
	{"Nitrokey", true, {true, true}, {true, true}, READER_FINDING_NO_READER, -1},
};

static void what_an_absent_token_waits_for(void **state)
{
	static const char *const names[] = {"Virtual PCD 00 00", "Virtual PCD 00 01"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(findings); i++) {
		struct readers_view view = two_readers(findings[i].card[0], findings[i].card[1]);
		struct hsm_slot items[2], here = slot(0, names[0], "A");
		struct hsm_slots slots = {.items = items};
		struct reader_map map = {0};
		const struct reader *reader;

		if (findings[i].learnt)
			reader_map_learn(&map, &view, &here);
		for (size_t j = 0; j < 2; j++)
			if (findings[i].shown[j])
				items[slots.n++] = slot(j, names[j], "B");
		assert_int_equal(reader_map_judge(&map, findings[i].wanted, &view, &slots, &reader),
				 findings[i].finding);
		assert_ptr_equal(reader,
				 findings[i].reader < 0 ? NULL : &view.items[findings[i].reader]);
	}
}

static void who_does_not_know_of_readers_says_nothing_of_them(void **state)
{
	struct readers_view away = {.service = READERS_AWAY}, none = {.service = READERS_THERE};
	struct readers_view unknown = {0};
	struct reader_map map = {0};
	struct hsm_slots slots = {0};
	const struct reader *reader;

	(void)state;
	assert_int_equal(reader_map_judge(&map, NULL, &away, &slots, &reader),
			 READER_FINDING_NO_SERVICE);
	assert_int_equal(reader_map_judge(&map, NULL, &none, &slots, &reader),
			 READER_FINDING_NO_READER);
	assert_int_equal(reader_map_judge(&map, "Virtual", &unknown, &slots, &reader),
			 READER_FINDING_NONE);
}

static bool is_news(bool open, struct readers_view before, struct readers_view after)
{
	struct readers_view view = two_readers(true, true);
	struct hsm_slot here = slot(0, "Virtual PCD 00 00", "A");
	struct reader_map map = {0};

	reader_map_learn(&map, &view, &here);
	return reader_map_is_news(&map, NULL, open, &before, &after);
}

static void only_our_readers_card_disturbs_an_open_token(void **state)
{
	struct readers_view both = two_readers(true, true), swapped = both;
	struct readers_view away = {.service = READERS_AWAY}, unknown = {0};

	(void)state;
	swapped.items[0].events += 2;
	assert_false(is_news(true, both, both));
	assert_false(is_news(true, both, two_readers(true, false)));
	assert_true(is_news(true, both, two_readers(false, true)));
	/* Out and in again, faster than anybody looked. */
	assert_true(is_news(true, both, swapped));
	assert_true(is_news(true, both, away));
	assert_false(is_news(true, unknown, both));
	assert_false(is_news(true, away, both));
}

static void a_card_in_any_reader_may_be_ours(void **state)
{
	struct readers_view none = two_readers(false, false), away = {.service = READERS_AWAY};
	struct readers_view new = two_readers(false, false), unknown = {0};

	(void)state;
	add(&new, "Nitrokey", true, 0);
	assert_false(is_news(false, none, none));
	assert_true(is_news(false, none, two_readers(false, true)));
	assert_true(is_news(false, none, two_readers(true, false)));
	assert_false(is_news(false, two_readers(true, false), none));
	assert_true(is_news(false, none, new));
	/* It says what it waits for. */
	assert_true(is_news(false, none, away));
	assert_true(is_news(false, away, none));
	assert_true(is_news(false, unknown, none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slot_is_the_reader_that_it_is_called_after),
		cmocka_unit_test(reader_leaves_its_own_slots_and_what_is_no_reader),
		cmocka_unit_test(the_map_follows_the_token),
		cmocka_unit_test(without_pcscd_the_map_stays),
		cmocka_unit_test(reader_goes_before_what_was_learnt),
		cmocka_unit_test(what_an_absent_token_waits_for),
		cmocka_unit_test(who_does_not_know_of_readers_says_nothing_of_them),
		cmocka_unit_test(only_our_readers_card_disturbs_an_open_token),
		cmocka_unit_test(a_card_in_any_reader_may_be_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
