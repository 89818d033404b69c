/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/log.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int real_stderr = -1;
static int captured = -1;
static char text[16384];

static void capture_begin(void)
{
	captured = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	real_stderr = dup(STDERR_FILENO);
	assert_true(captured >= 0 && real_stderr >= 0);
	dup2(captured, STDERR_FILENO);
}

/* What was written to stderr. */
static const char *capture_end(void)
{
	ssize_t n = pread(captured, text, sizeof(text) - 1, 0);

	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	close(captured);
	assert_true(n >= 0);
	text[n] = 0;
	return text;
}

static int setup(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_init("tester", LOG_LEVEL_INFO);
	return 0;
}

static void a_line_with_its_fields(void **state)
{
	char storage[129];

	(void)state;
	capture_begin();
	errno = EXDEV;
	log_notice(LOG_FIELDS(log_text("SERVER", "ROOTCA"), log_number("COUNTER", -7),
			      log_hex("KEY", SPAN_LITERAL("\x00\xfe"), storage),
			      log_text("EMPTY", NULL), log_span("NONE", (struct span){0}),
			      log_text("TWO", "a b")),
		   "it's \"%s\" of %d", "one", 2);
	assert_int_equal(errno, EXDEV);
	assert_string_equal(capture_end(),
			    "notice tester: it's \"one\" of 2 SERVER=ROOTCA COUNTER=-7 KEY=00fe "
			    "EMPTY=\"\" NONE=\"\" TWO=\"a b\"\n");
}

static void foreign_bytes_make_no_line(void **state)
{
	(void)state;
	capture_begin();
	log_error(LOG_FIELDS(log_span("SUBJECT", SPAN_LITERAL("CN=x\nerror tester: \"\xff"))),
		  "a\nb\x1b[m");
	assert_string_equal(capture_end(), "error tester: a\\x0ab\\x1b[m "
					   "SUBJECT=\"CN=x\\x0aerror tester: \\x22\\xff\"\n");
}

static void levels(void **state)
{
	enum log_level level = LOG_LEVEL_ERROR;

	(void)state;
	capture_begin();
	log_debug(LOG_PLAIN, "no");
	log_info(LOG_PLAIN, "yes");
	log_set_level(LOG_LEVEL_WARNING);
	log_notice(LOG_PLAIN, "no");
	log_warning(LOG_PLAIN, "yes");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug(LOG_PLAIN, "yes");
	log_set_level(LOG_LEVEL_INFO);
	assert_string_equal(capture_end(),
			    "info tester: yes\nwarning tester: yes\ndebug tester: yes\n");

	assert_int_equal(log_read_level("debug", &level), 0);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_int_equal(log_read_level("error", &level), 0);
	assert_int_equal(level, LOG_LEVEL_ERROR);
	assert_int_equal(log_read_level("loud", &level), -EINVAL);
	assert_int_equal(log_read_level("", &level), -EINVAL);
}

/* Each line once: where one of its areas wants it, or where it is of none. */
static void an_area_has_a_level_of_its_own(void **state)
{
	const struct log_field *of_server = LOG_FIELDS(log_text("SERVER", "s"));
	const struct log_field *of_two = LOG_FIELDS(log_text("PEER", "p"), log_text("SERVER", "s"),
						    log_text("TRANSACTION", "t"));
	enum log_area area = LOG_AREA_ALL;

	(void)state;
	capture_begin();
	log_set_level(LOG_LEVEL_WARNING);
	log_set_area_level(LOG_AREA_SERVER, LOG_LEVEL_DEBUG);
	log_debug(of_server, "1");
	log_debug(of_two, "2");
	log_notice(LOG_FIELDS(log_text("TRANSACTION", "t")), "no");
	log_notice(LOG_PLAIN, "no");
	log_set_area_level(LOG_AREA_SERVER, LOG_LEVEL_ERROR);
	log_warning(of_server, "no");
	log_warning(of_two, "3");
	log_set_area_level(LOG_AREA_ALL, LOG_LEVEL_INFO);
	log_info(of_server, "4");
	log_debug(of_two, "no");
	assert_string_equal(capture_end(), "debug tester: 1 SERVER=s\n"
					   "debug tester: 2 PEER=p SERVER=s TRANSACTION=t\n"
					   "warning tester: 3 PEER=p SERVER=s TRANSACTION=t\n"
					   "info tester: 4 SERVER=s\n");

	assert_int_equal(log_read_area("messages", &area), 0);
	assert_int_equal(area, LOG_AREA_MESSAGES);
	assert_int_equal(log_read_area("transactions", &area), 0);
	assert_int_equal(area, LOG_AREA_TRANSACTIONS);
	assert_int_equal(log_read_area("all", &area), -EINVAL);
	assert_int_equal(log_read_area("", &area), -EINVAL);
}

/* What is documented as never silent: no level and no area hides it, and none is changed by it. */
static void what_must_not_be_silenced(void **state)
{
	const struct log_field *of_area = LOG_FIELDS(log_text("TRUSTPOINT", "t"));

	(void)state;
	capture_begin();
	log_set_level(LOG_LEVEL_ERROR);
	log_set_area_level(LOG_AREA_TRUSTPOINT, LOG_LEVEL_ERROR);
	errno = EXDEV;
	log_always(LOG_LEVEL_WARNING, of_area, "%d", 1);
	assert_int_equal(errno, EXDEV);
	log_always(LOG_LEVEL_WARNING, LOG_PLAIN, "2");
	log_warning(of_area, "no");
	log_warning(LOG_PLAIN, "no");
	assert_string_equal(capture_end(), "warning tester: 1 TRUSTPOINT=t\nwarning tester: 2\n");
}

static void an_events_number_is_for_the_journal(void **state)
{
	(void)state;
	capture_begin();
	log_info(LOG_FIELDS(log_text("MESSAGE_ID", "ab"), log_text("X", "y")), "one");
	assert_string_equal(capture_end(), "info tester: one X=y\n");
}

static void what_is_too_long_is_cut(void **state)
{
	static char large[9000];
	const char *written;

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	capture_begin();
	log_info(LOG_FIELDS(log_text("A", large), log_text("B", large)), "%s", large);
	written = capture_end();
	assert_true(strlen(written) <= 4096);
	assert_int_equal(written[strlen(written) - 1], '\n');
	assert_ptr_equal(strchr(written, '\n'), written + strlen(written) - 1);
	assert_non_null(strstr(written, " A=xxx"));
}

static void hex_is_cut_at_64_bytes(void **state)
{
	uint8_t value[70];
	char storage[129];
	struct log_field field;

	(void)state;
	memset(value, 0x5a, sizeof(value));
	field = log_hex("X", SPAN_ARRAY(value), storage);
	assert_int_equal(field.value.size, 128);
	assert_int_equal(strspn(storage, "5a"), 128);
}

static void stream_name(char *ret, size_t size, unsigned more)
{
	struct stat st;

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(ret, size, "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino + more);
}

/* JOURNAL_STREAM that names another stream, or nothing, leaves the text on stderr. */
static void only_our_own_journal_stream_counts(void **state)
{
	char name[64];

	(void)state;
	capture_begin();
	stream_name(name, sizeof(name), 1);
	setenv("JOURNAL_STREAM", name, 1);
	log_init("tester", LOG_LEVEL_INFO);
	log_info(LOG_PLAIN, "one");
	setenv("JOURNAL_STREAM", "garbage", 1);
	log_init("tester", LOG_LEVEL_INFO);
	log_info(LOG_PLAIN, "two");
	assert_string_equal(capture_end(), "info tester: one\ninfo tester: two\n");
}

/* Connected to the journal nothing goes to stderr, however long the fields are. */
static void the_journal_takes_it(void **state)
{
	static char large[9000];
	char name[64];

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	capture_begin();
	stream_name(name, sizeof(name), 0);
	setenv("JOURNAL_STREAM", name, 1);
	log_init("tester", LOG_LEVEL_INFO);
	log_info(LOG_FIELDS(log_text("CLAVIGER_TEST", large), log_text("CLAVIGER_CUT", "x"),
			    log_number("CLAVIGER_NUMBER", 1)),
		 "a test of the journal");
	unsetenv("JOURNAL_STREAM");
	assert_string_equal(capture_end(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_with_its_fields, setup),
		cmocka_unit_test_setup(foreign_bytes_make_no_line, setup),
		cmocka_unit_test_setup(levels, setup),
		cmocka_unit_test_setup(an_area_has_a_level_of_its_own, setup),
		cmocka_unit_test_setup(what_must_not_be_silenced, setup),
		cmocka_unit_test_setup(an_events_number_is_for_the_journal, setup),
		cmocka_unit_test_setup(what_is_too_long_is_cut, setup),
		cmocka_unit_test_setup(hex_is_cut_at_64_bytes, setup),
		cmocka_unit_test_setup(only_our_own_journal_stream_counts, setup),
		cmocka_unit_test_setup(the_journal_takes_it, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
