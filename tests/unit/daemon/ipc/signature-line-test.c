/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/signature-line.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DIGEST_A "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define DIGEST_B "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define TIME	 "2023-11-14T22:13:20Z"
#define LINE	 "17\t" TIME "\t" DIGEST_A "\tcertificate\t1234\tCN=r1\t" DIGEST_B "\t" DIGEST_A "\n"

static void a_line_is_read_whole(void **state)
{
	struct span page = SPAN_LITERAL(LINE "18\t" TIME "\t-\thead\t-\t\t-\t" DIGEST_B "\n");
	struct signature_line line;

	(void)state;
	assert_int_equal(signature_line_next(&page, &line), 0);
	assert_int_equal(line.number, 17);
	assert_true(span_equal(line.kind, SPAN_LITERAL("certificate")));
	assert_true(span_equal(line.subject, SPAN_LITERAL("CN=r1")));
	assert_true(span_equal(line.time, SPAN_LITERAL(TIME)));
	assert_int_equal(line.serial_size, 2);
	assert_memory_equal(line.serial, "\x12\x34", 2);
	assert_int_equal(line.key[0], 0xba);
	assert_int_equal(line.signed_[0], 0xe3);
	assert_int_equal(line.head[31], 0xad);
	assert_int_equal(signature_line_next(&page, &line), 0);
	assert_int_equal(line.number, 18);
	assert_int_equal(line.serial_size, 0);
	assert_int_equal(line.key[0], 0);
	assert_int_equal(line.head[0], 0xe3);
	assert_int_equal(signature_line_next(&page, &line), -ENODATA);
}

/* Each spoils one thing; the line after it is read nevertheless. */
static void a_bad_line_is_told_and_passed(void **state)
{
	static const char *const bad[] = {
		"\n",
		"x\n",
		"0\t" TIME "\t-\thead\t-\t\t-\t-\n",
		"-1\t" TIME "\t-\thead\t-\t\t-\t-\n",
		"1\t" TIME "\t-\t\t-\t\t-\t-\n",
		"1\t" TIME "\t-\thead\t-\t\t-\n",
		"1\t" TIME "\t-\thead\t-\t\t-\t-\t-\n",
		"1\t" TIME "\t12\thead\t-\t\t-\t-\n",
		"1\t" TIME "\t-\thead\txy\t\t-\t-\n",
		"1\t" TIME "\t-\thead\t-\t\t" DIGEST_A "00\t-\n",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		char text[1024];
		struct span page;
		struct signature_line line;

		snprintf(text, sizeof(text), "%s" LINE, bad[i]);
		page = span_of_text(text);
		assert_int_equal(signature_line_next(&page, &line), -EBADMSG);
		assert_int_equal(signature_line_next(&page, &line), 0);
		assert_int_equal(line.number, 17);
	}
}

static void an_unended_line_is_none(void **state)
{
	struct span page = SPAN_LITERAL("1\t" TIME "\t-\thead\t-\t\t-\t-");
	struct signature_line line;

	(void)state;
	assert_int_equal(signature_line_next(&page, &line), -EBADMSG);
	assert_int_equal(signature_line_next(&page, &line), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_read_whole),
		cmocka_unit_test(a_bad_line_is_told_and_passed),
		cmocka_unit_test(an_unended_line_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
