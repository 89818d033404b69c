/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/path-room.h"
#include "tests/unit/daemon/x509/made.h"

#define MOST_DEEP 4

/* A CA's certificate, @path_length -1 for none; self-issued where both names are one. */
static struct bytes authority(const char *issuer_text, const char *subject_text,
			      int64_t path_length)
{
	static const struct x509_extensions none = {.path_length = -1};
	_cleanup_(bytes_done) struct bytes issuer = made_name(issuer_text);
	_cleanup_(bytes_done) struct bytes subject = made_name(subject_text);
	_cleanup_(bytes_done) struct bytes spki = made_spki(made_key());
	_cleanup_(bytes_done) struct bytes tbs = {};
	const struct x509_authority says = {.path_length = path_length, .key_usage = 0x0600};
	const struct x509_client_certificate from = {
		.serial = SPAN_LITERAL("\x01"),
		.issuer = span_of(issuer),
		.subject = span_of(subject),
		.not_before_s = MADE_2015_S,
		.not_after_s = MADE_2019_S,
		.spki = span_of(spki),
		.authority = &says,
		.requested = &none,
		.authority_key_identifier = SPAN_LITERAL("abcdefghijklmnopqrst"),
		.digest = DIGEST_SHA256,
	};

	assert_int_equal(x509_build_client_certificate(&from, &tbs), 0);
	return made_sealed(span_of(tbs), DIGEST_SHA256);
}

/* Of the chain whose path lengths these are, the issuer first; the last is a root. */
static int64_t room(const int64_t *lengths, size_t n)
{
	static const char *const names[] = {"CN=A", "CN=B", "CN=C", "CN=D", "CN=E"};
	_cleanup_(bytes_done) struct bytes first = {};
	_cleanup_(buffer_done) struct buffer above = {};
	struct x509_certificate ca;
	int64_t found;

	for (size_t i = 0; i < n; i++) {
		_cleanup_(bytes_done) struct bytes der =
			authority(names[i + 1 < n ? i + 1 : i], names[i], lengths[i]);

		if (i)
			buffer_append(&above, span_of(der));
		else
			first = TAKE_STRUCT(der);
	}
	assert_int_equal(x509_certificate_read(span_of(first), &ca), 0);
	assert_int_equal(x509_path_room(&ca, span_of_buffer(&above), &found), 0);
	return found;
}

static void the_closest_bound_counts(void **state)
{
	static const struct {
		int64_t lengths[MOST_DEEP];
		size_t n;
		int64_t room;
	} rows[] = {
		{{-1}, 1, -1},	{{0}, 1, 0},	     {{2}, 1, 2},	  {{-1, -1}, 2, -1},
		{{0, 1}, 2, 0}, {{-1, 1}, 2, 0},     {{-1, 0}, 2, 0},	  {{5, 2}, 2, 1},
		{{1, 9}, 2, 1}, {{-1, -1, 3}, 3, 1}, {{-1, 1, -1}, 3, 0}, {{-1, -1, -1, 3}, 4, 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(room(rows[i].lengths, rows[i].n), rows[i].room);
}

/* A root's next certificate by its former key is no step of a path. */
static void what_is_self_issued_counts_for_nothing(void **state)
{
	_cleanup_(bytes_done) struct bytes ca = authority("CN=R", "CN=A", -1);
	_cleanup_(bytes_done) struct bytes link = authority("CN=R", "CN=R", -1);
	_cleanup_(bytes_done) struct bytes root = authority("CN=R", "CN=R", 2);
	_cleanup_(buffer_done) struct buffer above = {};
	struct x509_certificate read;
	int64_t found;

	(void)state;
	buffer_append(&above, span_of(link));
	buffer_append(&above, span_of(root));
	assert_int_equal(x509_certificate_read(span_of(ca), &read), 0);
	assert_int_equal(x509_path_room(&read, span_of_buffer(&above), &found), 0);
	assert_int_equal(found, 1);
}

static void garbage_above_is_an_error(void **state)
{
	_cleanup_(bytes_done) struct bytes ca = authority("CN=R", "CN=A", -1);
	struct x509_certificate read;
	int64_t found = 7;

	(void)state;
	assert_int_equal(x509_certificate_read(span_of(ca), &read), 0);
	assert_int_equal(x509_path_room(&read, SPAN_LITERAL("\x30\x00"), &found), -EBADMSG);
	assert_int_equal(x509_path_room(&read, SPAN_LITERAL("x"), &found), -EBADMSG);
	assert_int_equal(found, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_closest_bound_counts),
		cmocka_unit_test(what_is_self_issued_counts_for_nothing),
		cmocka_unit_test(garbage_above_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
