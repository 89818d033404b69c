/* SPDX-License-Identifier: Apache-2.0 */
#include "token/charters.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char directory[32];
	struct charters *charters;
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	(void)strcpy(place->directory, "/tmp/claviger-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	assert_int_equal(charters_open(place->directory, &place->charters), 0);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	char command[64];

	charters_close(place->charters);
	(void)snprintf(command, sizeof(command), "rm -r %s", place->directory);
	assert_int_equal(system(command), 0);
	free(place);
	return 0;
}

/* As a new process finds it. */
static void open_again(struct place *place)
{
	place->charters = charters_close(place->charters);
	assert_int_equal(charters_open(place->directory, &place->charters), 0);
}

static void intend_at(struct place *place, const char *id, const char *token, int64_t made_s)
{
	struct charter_file file = {.role = CHARTER_CA,
				    .decrypts = true,
				    .usage = KEY_USAGE_GENERAL,
				    .exportable = KEY_EXPORTABLE_ONCE,
				    .made_s = made_s};

	assert_int_equal(bytes_copy(span_of_text(id), &file.id), 0);
	assert_int_equal(bytes_copy(SPAN_LITERAL("\x30\x00"), &file.issuer), 0);
	assert_int_equal(bytes_new(0, &file.spki), 0);
	file.label = strdup("label");
	file.token = strdup(token);
	assert_int_equal(charters_intend(place->charters, &file), 0);
	charter_file_done(&file);
}

static void intend(struct place *place, const char *id, const char *token)
{
	intend_at(place, id, token, 0);
}

static struct held_charter *make_on(struct place *place, const char *id, const char *token,
				    int64_t made_s)
{
	struct held_charter *held = NULL;

	intend_at(place, id, token, made_s);
	assert_int_equal(
		charters_finish(place->charters, span_of_text(id), span_of_text(id), &held), 0);
	return held;
}

static struct held_charter *make(struct place *place, const char *id, const char *spki)
{
	struct held_charter *held = NULL;

	intend(place, id, "0123");
	assert_int_equal(
		charters_finish(place->charters, span_of_text(id), span_of_text(spki), &held), 0);
	return held;
}

static struct held_charter *find(struct place *place, const char *spki)
{
	uint8_t name[SHA256_SIZE];

	sha256(span_of_text(spki), name);
	return charters_find(place->charters, SPAN_ARRAY(name));
}

static void intended_is_on_disk_and_counts_for_nothing(void **state)
{
	struct place *place = *state;
	const struct charter_file *file;
	unsigned position = 0;

	intend(place, "one", "0123");
	open_again(place);
	assert_int_equal(charters_count(place->charters), 0);
	assert_null(charters_at(place->charters, 0));
	/* Another token's intentions are not this one's to look into. */
	assert_null(charters_next_intended(place->charters, "9999", &position));
	position = 0;
	file = charters_next_intended(place->charters, "0123", &position);
	assert_true(span_equal(span_of(file->id), SPAN_LITERAL("one")));
	assert_null(charters_next_intended(place->charters, "0123", &position));
	assert_int_equal(charters_drop(place->charters, SPAN_LITERAL("one")), 0);
	open_again(place);
	position = 0;
	assert_null(charters_next_intended(place->charters, "0123", &position));
}

static void finished_is_found_by_its_public_key(void **state)
{
	struct place *place = *state;
	struct held_charter *held = make(place, "one", "first key");
	struct charter rules;

	assert_ptr_equal(find(place, "first key"), held);
	assert_true(charters_is_present(place->charters, held));
	rules = charter_rules(held);
	assert_int_equal(rules.role, CHARTER_CA);
	assert_true(rules.decrypts);
	make(place, "two", "second key");
	assert_int_equal(charters_count(place->charters), 2);
	assert_null(find(place, "third key"));
	open_again(place);
	assert_int_equal(charters_count(place->charters), 2);
	held = find(place, "first key");
	/* Whether it is on the token is to be seen. */
	assert_false(charters_is_present(place->charters, held));
	assert_true(span_equal(span_of(charter_fixed(held)->id), SPAN_LITERAL("one")));
	assert_int_equal(
		charters_finish(place->charters, SPAN_LITERAL("one"), SPAN_LITERAL("x"), &held),
		-ENOENT);
}

static void changes_are_on_disk(void **state)
{
	struct place *place = *state;
	struct held_charter *held = make(place, "one", "key");
	_cleanup_(freep) char *label = NULL;

	assert_int_equal(charters_set_label(place->charters, held, "new"), 0);
	assert_int_equal(charters_set_not_after(place->charters, held, 2000), 0);
	/* An earlier end does not shorten it. */
	assert_int_equal(charters_set_not_after(place->charters, held, 1000), 0);
	open_again(place);
	held = find(place, "key");
	assert_int_equal(charters_not_after_s(place->charters, held), 2000);
	assert_int_equal(charters_read_label(place->charters, held, &label), 0);
	assert_string_equal(label, "new");
	assert_int_equal(charters_remove(place->charters, held), 0);
	assert_null(find(place, "key"));
	/* Whoever held it still does. */
	assert_int_equal(charter_fixed(held)->role, CHARTER_CA);
	open_again(place);
	assert_int_equal(charters_count(place->charters), 0);
}

static void a_damaged_one_hides_no_other(void **state)
{
	struct place *place = *state;
	char path[64];
	int fd;

	make(place, "one", "key");
	(void)snprintf(path, sizeof(path), "%s/00.charter", place->directory);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "Charter=1\n", 10), 10);
	(void)close(fd);
	(void)snprintf(path, sizeof(path), "%s/01.charter.new", place->directory);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	(void)close(fd);
	open_again(place);
	assert_int_equal(charters_count(place->charters), 1);
	assert_non_null(find(place, "key"));
	/* It is left for people to look at. */
	(void)snprintf(path, sizeof(path), "%s/00.charter", place->directory);
	assert_int_equal(access(path, F_OK), 0);
}

/* What @serial's token is: NULL where it may be used, or the one that it stands in the place of. */
static void expect_known(struct place *place, const char *serial, const char *other)
{
	_cleanup_(freep) char *known = NULL;

	assert_int_equal(charters_check_token(place->charters, serial, &known),
			 other ? CHARTERS_FOREIGN : 0);
	if (other)
		assert_string_equal(known, other);
	else
		assert_null(known);
}

static void a_token_is_known_by_its_keys(void **state)
{
	struct place *place = *state;
	struct held_charter *first, *second;

	/* Without a key any token will do; a key that was only intended may be nowhere. */
	expect_known(place, "0123", NULL);
	intend(place, "intended", "4567");
	expect_known(place, "0123", NULL);
	first = make_on(place, "one", "0123", 1000);
	expect_known(place, "0123", NULL);
	expect_known(place, "4567", "0123");
	/* Serials are compared whole. */
	expect_known(place, "012", "0123");
	expect_known(place, "01234", "0123");
	/* Both are known, and of a third one the operator is told which was used last. */
	second = make_on(place, "two", "89ab", 2000);
	(void)make_on(place, "three", "0123", 500);
	expect_known(place, "0123", NULL);
	expect_known(place, "89ab", NULL);
	expect_known(place, "4567", "89ab");
	/* Keys that are destroyed vouch for nothing. */
	assert_int_equal(charters_remove(place->charters, second), 0);
	expect_known(place, "89ab", "0123");
	assert_int_equal(charters_remove(place->charters, first), 0);
	expect_known(place, "0123", NULL);
}

static void an_adopted_key_is_of_its_new_token_alone(void **state)
{
	struct place *place = *state;
	struct held_charter *one = make_on(place, "one", "0123", 1000);
	struct held_charter *two = make_on(place, "two", "0123", 2000);
	_cleanup_(freep) char *label = NULL;
	unsigned position = 0;

	assert_true(charters_is_of_token(place->charters, one, "0123"));
	assert_int_equal(charters_set_token(place->charters, one, "4567"), 0);
	assert_true(charters_is_of_token(place->charters, one, "4567"));
	assert_false(charters_is_of_token(place->charters, one, "0123"));
	assert_true(charters_is_of_token(place->charters, two, "0123"));
	/* Half of it was done when the process ended: the rest is still to be seen. */
	open_again(place);
	one = find(place, "one");
	two = find(place, "two");
	assert_true(charters_is_of_token(place->charters, one, "4567"));
	assert_true(charters_is_of_token(place->charters, two, "0123"));
	assert_int_equal(charters_set_token(place->charters, two, "4567"), 0);
	/* Once more is no harm. */
	assert_int_equal(charters_set_token(place->charters, two, "4567"), 0);
	expect_known(place, "4567", NULL);
	expect_known(place, "0123", "4567");
	/* All else of it is as it was. */
	open_again(place);
	one = find(place, "one");
	assert_int_equal(charters_count(place->charters), 2);
	assert_int_equal(charters_read_label(place->charters, one, &label), 0);
	assert_string_equal(label, "label");
	assert_int_equal(charter_fixed(one)->made_s, 1000);
	assert_int_equal(charter_rules(one).role, CHARTER_CA);
	assert_int_equal(charters_exportable(place->charters, one), KEY_EXPORTABLE_ONCE);
	assert_null(charters_next_intended(place->charters, "4567", &position));
}

/* On disk first: where that fails, the key stays where it was. */
static void an_adoption_that_can_not_be_written_is_none(void **state)
{
	struct place *place = *state;
	struct held_charter *held = make_on(place, "one", "0123", 1000);
	char elsewhere[48];

	(void)snprintf(elsewhere, sizeof(elsewhere), "%s.away", place->directory);
	assert_int_equal(rename(place->directory, elsewhere), 0);
	assert_true(charters_set_token(place->charters, held, "4567") < 0);
	assert_true(charters_is_of_token(place->charters, held, "0123"));
	assert_int_equal(rename(elsewhere, place->directory), 0);
	expect_known(place, "4567", "0123");
	open_again(place);
	expect_known(place, "4567", "0123");
}

static void a_missing_directory_is_an_error(void **state)
{
	struct charters *charters;

	(void)state;
	assert_int_equal(charters_open("/nonexistent/claviger", &charters), -ENOENT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(intended_is_on_disk_and_counts_for_nothing),
		TEST(finished_is_found_by_its_public_key),
		TEST(changes_are_on_disk),
		TEST(a_damaged_one_hides_no_other),
		TEST(a_token_is_known_by_its_keys),
		TEST(an_adopted_key_is_of_its_new_token_alone),
		TEST(an_adoption_that_can_not_be_written_is_none),
		cmocka_unit_test(a_missing_directory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
