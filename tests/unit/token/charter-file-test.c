/* SPDX-License-Identifier: Apache-2.0 */
#include "token/charter-file.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define VALUES                                                                                     \
	"Made=yes\nRole=ca\nDecrypts=no\nIssuer=300a\nID=01ff\nPublicKey=3003\n"                   \
	"Label=ROOT CA#\nToken=0123\nNotAfter=1800000000\n"
#define FIRST_VERSION "Charter=1\n" VALUES
#define WHOLE	      "Charter=2\n" VALUES "Usage=signature\nExportable=once\nMadeAt=1700000000\n"

static int read_text(const char *text, struct charter_file *ret)
{
	return charter_file_read(span_of_text(text), ret);
}

static void what_is_written_is_read(void **state)
{
	_cleanup_(charter_file_done) struct charter_file file = {0}, copy = {0};
	_cleanup_(bytes_done) struct bytes written = {0};

	(void)state;
	assert_int_equal(read_text(WHOLE, &file), 0);
	assert_true(file.made && !file.decrypts);
	assert_int_equal(file.role, CHARTER_CA);
	assert_true(span_equal(span_of(file.issuer), SPAN_LITERAL("\x30\x0a")));
	assert_true(span_equal(span_of(file.id), SPAN_LITERAL("\x01\xff")));
	assert_true(span_equal(span_of(file.spki), SPAN_LITERAL("\x30\x03")));
	assert_string_equal(file.label, "ROOT CA#");
	assert_string_equal(file.token, "0123");
	assert_int_equal(file.not_after_s, 1800000000);
	assert_int_equal(file.usage, KEY_USAGE_SIGNATURE);
	assert_int_equal(file.exportable, KEY_EXPORTABLE_ONCE);
	assert_int_equal(file.made_s, 1700000000);
	assert_int_equal(charter_file_copy(&file, &copy), 0);
	assert_int_equal(charter_file_write(&copy, &written), 0);
	assert_true(span_equal(span_of(written), SPAN_LITERAL(WHOLE)));
}

static void the_first_version_is_read(void **state)
{
	_cleanup_(charter_file_done) struct charter_file file = {0};

	(void)state;
	assert_int_equal(read_text(FIRST_VERSION, &file), 0);
	assert_int_equal(file.usage, KEY_USAGE_GENERAL);
	assert_int_equal(file.exportable, KEY_EXPORTABLE_NEVER);
	assert_int_equal(file.made_s, 0);
	assert_int_equal(read_text(FIRST_VERSION "Usage=general\n", &file), -EBADMSG);
}

/* Every line is needed, once, in its place, and every byte of it counts. */
static void a_damaged_charter_is_none(void **state)
{
	static const char whole[] = WHOLE;
	struct charter_file file;

	(void)state;
	for (size_t size = 0; size < sizeof(whole) - 1; size++)
		assert_int_equal(charter_file_read(SPAN(whole, size), &file), -EBADMSG);
	for (const char *line = whole; *line; line = strchr(line, '\n') + 1) {
		char without[sizeof(whole)];
		size_t before = (size_t)(line - whole);

		(void)snprintf(without, sizeof(without), "%.*s%s", (int)before, whole,
			       strchr(line, '\n') + 1);
		assert_int_equal(read_text(without, &file), -EBADMSG);
	}
	assert_int_equal(read_text(WHOLE "MadeAt=1\n", &file), -EBADMSG);
	assert_int_equal(read_text(WHOLE "\n", &file), -EBADMSG);
}

static const struct {
	const char *from, *to;
} changes[] = {
	{"Charter=2", "Charter=3"},
	{"Charter=2", "Charter=1"},
	{"Usage=signature", "Usage=all"},
	{"Exportable=once", "Exportable=twice"},
	{"MadeAt=17", "MadeAt=x"},
	{"Made=yes", "Made=no"}, /* with a public key */
	{"Made=yes", "Made=YES"},
	{"PublicKey=3003", "PublicKey="},
	{"Role=ca", "Role=root"},
	{"Role=ca", "Role="},
	{"Decrypts=no", "Decrypts="},
	{"Issuer=300a", "Issuer=300"},
	{"Issuer=300a", "Issuer=30 a"},
	{"ID=01ff", "ID="},
	{"Label=ROOT CA#", "Label="},
	{"Label=ROOT CA#", "Label=a\tb"},
	{"NotAfter=1800000000", "NotAfter=-1"},
	{"NotAfter=1800000000", "NotAfter=soon"},
};

static void values_keep_to_their_ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(changes); i++) {
		_cleanup_(buffer_done) struct buffer text = {0};
		const char *at = strstr(WHOLE, changes[i].from);
		struct charter_file file;

		buffer_append(&text, SPAN(WHOLE, (size_t)(at - WHOLE)));
		buffer_append_text(&text, changes[i].to);
		buffer_append_text(&text, at + strlen(changes[i].from));
		assert_int_equal(charter_file_read(span_of_buffer(&text), &file), -EBADMSG);
	}
}

static void labels(void **state)
{
	char longest[130];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	assert_true(charter_label_is_valid(SPAN_LITERAL("ROOTCA#")));
	assert_true(charter_label_is_valid(SPAN_LITERAL("Z\xc3\xbcrich \xe2\x82\xac")));
	assert_true(charter_label_is_valid(SPAN(longest, 128)));
	assert_false(charter_label_is_valid(SPAN(longest, 129)));
	assert_false(charter_label_is_valid(SPAN_LITERAL("")));
	assert_false(charter_label_is_valid(SPAN_LITERAL("a\nb")));
	assert_false(charter_label_is_valid(SPAN_LITERAL("a\0b")));
	assert_false(charter_label_is_valid(SPAN_LITERAL("\xff")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(the_first_version_is_read),
		cmocka_unit_test(a_damaged_charter_is_none),
		cmocka_unit_test(values_keep_to_their_ranges),
		cmocka_unit_test(labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
