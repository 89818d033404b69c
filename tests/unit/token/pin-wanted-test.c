/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/files.h"
#include "token/pin-wanted.h"
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
	bool helps, facts, locked, final, low, by_pad;
	enum token_state state;
	const char *question;
} rows[] = {
	{true, true, false, false, false, false, TOKEN_LOCKED,
	 "PIN of token soft (label c\\x07a, serial 0815)"},
	{true, true, false, false, true, false, TOKEN_FAILED,
	 "PIN of token soft (label c\\x07a, serial 0815): the one before was refused; few tries "
	 "are left"},
	{false, true, false, false, false, false, TOKEN_READY, NULL},
	{true, false, false, false, false, false, TOKEN_LOCKED, NULL},
	{true, true, true, false, false, false, TOKEN_FAILED, NULL},
	{true, true, false, true, false, false, TOKEN_FAILED, NULL},
	{true, true, false, false, false, true, TOKEN_LOCKED, NULL},
};

static void is_asked_for_where_typing_helps(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(freep) char *question = NULL;
		struct keeper_view view = {
			.state = rows[i].state,
			.pin_helps = rows[i].helps,
			.has_facts = rows[i].facts,
			.facts = {.slot = {.label = "c\aa", .serial = "0815"},
				  .pin_locked = rows[i].locked,
				  .pin_final_try = rows[i].final,
				  .pin_count_low = rows[i].low},
		};

		assert_int_equal(pin_wanted_ask("soft", &view, rows[i].by_pad, &question), 0);
		if (rows[i].question)
			assert_string_equal(question, rows[i].question);
		else
			assert_null(question);
	}
}

/* Who looks at the file: its text, and whether it is let go. */
struct looker {
	char directory[32], path[PATH_MAX];
};

static int set_up(void **state)
{
	struct looker *looker = calloc(1, sizeof(*looker));

	assert_non_null(looker);
	(void)snprintf(looker->directory, sizeof(looker->directory), "/tmp/claviger-pin-XXXXXX");
	assert_non_null(mkdtemp(looker->directory));
	(void)snprintf(looker->path, sizeof(looker->path), "%s/pin-wanted", looker->directory);
	*state = looker;
	return 0;
}

static int tear_down(void **state)
{
	struct looker *looker = *state;

	assert_int_equal(access(looker->path, F_OK), -1);
	assert_int_equal(rmdir(looker->directory), 0);
	free(looker);
	return 0;
}

static void assert_file(const struct looker *looker, const char *text)
{
	_cleanup_(bytes_done) struct bytes content = {0};

	assert_int_equal(file_read(looker->path, 256, &content), 0);
	assert_true(span_equal(span_of(content), span_of_text(text)));
}

static bool is_let_go(int fd)
{
	return flock(fd, LOCK_SH | LOCK_NB) == 0;
}

static void stands_locked_until_it_is_answered(void **state)
{
	const struct looker *looker = *state;
	struct pin_wanted *wanted = NULL;
	int first, second;

	assert_int_equal(pin_wanted_new(looker->directory, &wanted), 0);
	assert_int_equal(pin_wanted_tell(wanted, NULL), 0);
	assert_int_equal(access(looker->path, F_OK), -1);
	assert_int_equal(pin_wanted_tell(wanted, "PIN?"), 0);
	assert_file(looker, "PIN?\n");
	first = open(looker->path, O_RDONLY | O_CLOEXEC);
	assert_false(is_let_go(first));
	/* The same question is no news; another is a file of its own. */
	assert_int_equal(pin_wanted_tell(wanted, "PIN?"), 0);
	assert_false(is_let_go(first));
	assert_int_equal(pin_wanted_tell(wanted, "PIN again?"), 0);
	assert_true(is_let_go(first));
	assert_file(looker, "PIN again?\n");
	second = open(looker->path, O_RDONLY | O_CLOEXEC);
	assert_false(is_let_go(second));
	assert_int_equal(pin_wanted_tell(wanted, NULL), 0);
	assert_int_equal(access(looker->path, F_OK), -1);
	assert_true(is_let_go(second));
	assert_int_equal(pin_wanted_tell(wanted, "PIN?"), 0);
	assert_null(pin_wanted_free(wanted));
	(void)close(first);
	(void)close(second);
}

static void needs_nobody_to_look(void **state)
{
	struct pin_wanted *wanted = NULL;

	(void)state;
	assert_int_equal(pin_wanted_new(NULL, &wanted), 0);
	assert_int_equal(pin_wanted_tell(wanted, "PIN?"), 0);
	pin_wanted_free(wanted);
	assert_int_equal(pin_wanted_new("/nonexistent", &wanted), 0);
	assert_int_equal(pin_wanted_tell(wanted, "PIN?"), -ENOENT);
	assert_int_equal(pin_wanted_tell(wanted, NULL), 0);
	pin_wanted_free(wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_asked_for_where_typing_helps),
		cmocka_unit_test_setup_teardown(stands_locked_until_it_is_answered, set_up,
						tear_down),
		cmocka_unit_test(needs_nobody_to_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
