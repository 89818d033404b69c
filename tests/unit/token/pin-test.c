/* SPDX-License-Identifier: Apache-2.0 */
#include "token/pin.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[32];

static int set_up(void **state)
{
	(void)state;
	(void)strcpy(directory, "/tmp/claviger-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

static void put(const char *name, const char *content, mode_t mode)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

static const struct {
	const char *text, *credentials;
	enum pin_kind kind;
	const char *path;
} sources[] = {
	{NULL, NULL, PIN_ASK, NULL},
	{"ask", "/run/c", PIN_ASK, NULL},
	{"pinpad", "/run/c", PIN_PAD, NULL},
	{"/etc/pin", "/run/c", PIN_FILE, "/etc/pin"},
	{"./ask", NULL, PIN_FILE, "./ask"},
	{"token-pin", "/run/c", PIN_FILE, "/run/c/token-pin"},
	{"token-pin", NULL, PIN_FILE, "/run/credentials/none/token-pin"},
};

static void sources_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(sources); i++) {
		_cleanup_(pin_source_done) struct pin_source source = {0};

		assert_int_equal(pin_source_read(sources[i].text, sources[i].credentials, &source),
				 0);
		assert_int_equal(source.kind, sources[i].kind);
		assert_int_equal(!source.path, !sources[i].path);
		if (source.path)
			assert_string_equal(source.path, sources[i].path);
	}
}

static const struct {
	const char *content;
	mode_t mode;
	const char *pin;  /* NULL: none */
	const char *says; /* then */
} files[] = {
	{"1234", 0600, "1234", NULL},	  {"1234\n", 0400, "1234", NULL},
	{"1234\r\n", 0600, "1234", NULL}, {" 12 34 ", 0600, " 12 34 ", NULL},
	{"", 0600, NULL, "is empty"},	  {"\n", 0600, NULL, "is empty"},
	{"1234", 0640, NULL, "0600"},	  {"1234", 0604, NULL, "0600"},
};

static void a_file_is_read_as_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(files); i++) {
		_cleanup_(pin_source_done) struct pin_source source = {0};
		_cleanup_(secret_done) struct secret pin = {0};
		_cleanup_(freep) char *reason = NULL;
		char path[64];

		(void)snprintf(path, sizeof(path), "%s/pin", directory);
		(void)unlink(path);
		put("pin", files[i].content, files[i].mode);
		assert_int_equal(pin_source_read(path, NULL, &source), 0);
		assert_int_equal(pin_fetch(&source, &pin, &reason), files[i].pin ? 0 : PIN_MISSING);
		if (files[i].pin)
			assert_true(span_equal(span_of_secret(pin), span_of_text(files[i].pin)));
		else
			assert_non_null(strstr(reason, files[i].says));
	}
}

static void what_can_t_be_fetched_says_what_to_do(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"ask", "claviger token login"},
		{"pinpad", "on its own pad"},
		{"/nonexistent/pin", "there is no such file"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(pin_source_done) struct pin_source source = {0};
		_cleanup_(freep) char *reason = NULL;
		struct secret pin = {0};

		assert_int_equal(pin_source_read(rows[i].text, NULL, &source), 0);
		assert_int_equal(pin_fetch(&source, &pin, &reason), PIN_MISSING);
		assert_non_null(strstr(reason, rows[i].says));
	}
}

static struct pin_memory *open_memory(void)
{
	struct pin_memory *memory = NULL;

	assert_int_equal(pin_memory_open(directory, &memory), 0);
	return memory;
}

static void a_refused_pin_is_known_again_by_a_new_process(void **state)
{
	struct pin_memory *memory = open_memory();
	char path[64];

	(void)state;
	assert_false(pin_memory_has(memory, "0123", SPAN_LITERAL("1234")));
	assert_int_equal(pin_memory_add(memory, "0123", SPAN_LITERAL("1234")), 0);
	assert_true(pin_memory_has(memory, "0123", SPAN_LITERAL("1234")));
	pin_memory_close(memory);

	memory = open_memory();
	assert_true(pin_memory_has(memory, "0123", SPAN_LITERAL("1234")));
	assert_false(pin_memory_has(memory, "0123", SPAN_LITERAL("12345")));
	/* Another token may well have this PIN. */
	assert_false(pin_memory_has(memory, "0124", SPAN_LITERAL("1234")));
	assert_int_equal(pin_memory_clear(memory), 0);
	assert_false(pin_memory_has(memory, "0123", SPAN_LITERAL("1234")));
	(void)snprintf(path, sizeof(path), "%s/refused-pins", directory);
	assert_int_not_equal(access(path, F_OK), 0);
	pin_memory_close(memory);
}

static void who_removes_the_file_has_them_forgotten(void **state)
{
	struct pin_memory *memory = open_memory();
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/refused-pins", directory);
	assert_int_equal(pin_memory_add(memory, "0123", SPAN_LITERAL("1234")), 0);
	assert_int_equal(unlink(path), 0);
	assert_false(pin_memory_has(memory, "0123", SPAN_LITERAL("1234")));
	assert_int_equal(pin_memory_add(memory, "0123", SPAN_LITERAL("5678")), 0);
	assert_false(pin_memory_has(memory, "0123", SPAN_LITERAL("1234")));
	assert_true(pin_memory_has(memory, "0123", SPAN_LITERAL("5678")));
	pin_memory_close(memory);
	/* One that was there before the process is removed alike. */
	memory = open_memory();
	assert_true(pin_memory_has(memory, "0123", SPAN_LITERAL("5678")));
	assert_int_equal(unlink(path), 0);
	assert_false(pin_memory_has(memory, "0123", SPAN_LITERAL("5678")));
	pin_memory_close(memory);
}

/* Nobody removed what could never be written. */
static void what_no_file_has_is_remembered_all_the_same(void **state)
{
	struct pin_memory *memory = open_memory();
	char moved[64];

	(void)state;
	(void)snprintf(moved, sizeof(moved), "%s-moved", directory);
	assert_int_equal(rename(directory, moved), 0);
	assert_true(pin_memory_add(memory, "0123", SPAN_LITERAL("1234")) < 0);
	assert_true(pin_memory_has(memory, "0123", SPAN_LITERAL("1234")));
	assert_int_equal(rename(moved, directory), 0);
	pin_memory_close(memory);
}

static void the_last_eight_are_remembered(void **state)
{
	static const char ten[] = "abcdefghij";
	struct pin_memory *memory = open_memory();

	(void)state;
	for (size_t i = 0; i < strlen(ten); i++)
		assert_int_equal(pin_memory_add(memory, "0123", SPAN(ten + i, 1)), 0);
	pin_memory_close(memory);
	memory = open_memory();
	for (size_t i = 0; i < strlen(ten); i++)
		assert_int_equal(pin_memory_has(memory, "0123", SPAN(ten + i, 1)), i >= 2);
	pin_memory_close(memory);
}

static void the_file_is_for_nobody_else_and_damage_is_noticed(void **state)
{
	struct pin_memory *memory = open_memory();
	struct stat st;
	char path[64];

	(void)state;
	assert_int_equal(pin_memory_add(memory, "0123", SPAN_LITERAL("1234")), 0);
	(void)snprintf(path, sizeof(path), "%s/refused-pins", directory);
	assert_string_equal(pin_memory_path(memory), path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	pin_memory_close(memory);
	put("refused-pins", "nonsense\n", 0600);
	/* Then rather nothing is tried than a PIN that was refused. */
	assert_int_equal(pin_memory_open(directory, &memory), -EBADMSG);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sources_are_told_apart),
		TEST(a_file_is_read_as_it_is),
		TEST(what_can_t_be_fetched_says_what_to_do),
		TEST(a_refused_pin_is_known_again_by_a_new_process),
		TEST(who_removes_the_file_has_them_forgotten),
		TEST(what_no_file_has_is_remembered_all_the_same),
		TEST(the_last_eight_are_remembered),
		TEST(the_file_is_for_nobody_else_and_damage_is_noticed),
	};

	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
