/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/published.h"

#include "daemon/base/files.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/published-test-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/public/%s", folder, name);
	assert_int_equal(file_write_atomically(path, span_of_text(text), 0644), 0);
}

static void point(const char *label, const char *target)
{
	char path[128], next[128];

	snprintf(path, sizeof(path), "%s/public/%s", folder, label);
	snprintf(next, sizeof(next), "%s/public/.next", folder);
	assert_int_equal(symlink(target, next), 0);
	assert_int_equal(rename(next, path), 0);
}

static int set_up(void **state)
{
	char path[128];

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (unsigned i = 1; i <= 2; i++) {
		snprintf(path, sizeof(path), "%s/public/g%u", folder, i);
		assert_int_equal(directory_make(path, 0755), 0);
	}
	put("g1/caps", "SHA-256\n");
	put("g1/crl", "old");
	put("g1/crl.expires", "1500000000\n");
	put("g2/crl", "new!");
	put("g2/nextcacert", "");
	put("g1/crl.2", "of the second");
	put("g1/crl.2.expires", "1600000000\n");
	point("ROOTCA", "g1");
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void check_content(const struct published *file, const char *expected)
{
	char text[64] = "";

	assert_int_equal(file->size, strlen(expected));
	assert_int_equal(read(file->fd, text, sizeof(text) - 1), strlen(expected));
	assert_string_equal(text, expected);
}

static void a_file_with_its_facts(void **state)
{
	(void)state;
	_cleanup_(published_done) struct published crl = {.fd = -1}, caps = {.fd = -1};

	assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_CRL, 0, &crl), 0);
	check_content(&crl, "old");
	assert_string_equal(crl.content_type, "application/pkix-crl");
	assert_true(crl.cached);
	assert_int_equal(crl.expires_s, 1500000000);
	assert_true(crl.modified_s > 1500000000);
	assert_true(crl.etag[0] == '"' && crl.etag[strlen(crl.etag) - 1] == '"');

	assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_CAPS, 0, &caps), 0);
	check_content(&caps, "SHA-256\n");
	assert_string_equal(caps.content_type, "text/plain");
	assert_false(caps.cached);
}

static void each_generation_has_its_crl(void **state)
{
	(void)state;
	_cleanup_(published_done) struct published second = {.fd = -1}, third = {.fd = -1};

	assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_CRL, 2, &second), 0);
	check_content(&second, "of the second");
	assert_string_equal(second.content_type, "application/pkix-crl");
	assert_true(second.cached);
	assert_int_equal(second.expires_s, 1600000000);
	assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_CRL, 3, &third), -ENOENT);
}

static void the_link_moves_on(void **state)
{
	(void)state;
	_cleanup_(published_done) struct published before = {.fd = -1}, after = {.fd = -1};

	assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_CRL, 0, &before), 0);
	point("ROOTCA", "g2");
	assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_CRL, 0, &after), 0);
	check_content(&before, "old");
	check_content(&after, "new!");
	assert_string_not_equal(before.etag, after.etag);
	assert_int_equal(after.expires_s, 0);
}

static void what_is_not_there(void **state)
{
	(void)state;
	struct published file = {.fd = -1};

	point("ROOTCA", "g2");
	assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_CACERT, 0, &file), -ENOENT);
	assert_int_equal(published_open(folder, "other", PUBLISHED_CACERT, 0, &file), -ENOENT);
	/* Never an empty 200. */
	assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_NEXTCACERT, 0, &file), -ENOENT);
	assert_int_equal(file.fd, -1);
}

static void what_is_no_file(void **state)
{
	(void)state;
	struct published file = {.fd = -1};
	char path[128];

	snprintf(path, sizeof(path), "%s/public/g1/cacert", folder);
	point("ROOTCA", "g1");
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_CACERT, 0, &file), -EISDIR);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_CACERT, 0, &file), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_CACERT, 0, &file), -EISDIR);
	assert_int_equal(unlink(path), 0);
}

static void bad_expiries_count_for_nothing(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"", "\n", "soon", "-5", "0", "1e9", "99999999999999999999999999999999999999"};

	point("ROOTCA", "g1");
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		_cleanup_(published_done) struct published crl = {.fd = -1};
		put("g1/crl.expires", texts[i]);
		assert_int_equal(published_open(folder, "ROOTCA", PUBLISHED_CRL, 0, &crl), 0);
		assert_int_equal(crl.expires_s, 0);
	}
}

static const struct {
	struct span start;
	bool many; /* certs-only */
} starts[] = {
	{SPAN_LITERAL("\x30\x82\x03\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0"), true},
	{SPAN_LITERAL("\x30\x81\xf0\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x81"), true},
	{SPAN_LITERAL("\x30\x50\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x43"), true},
	{SPAN_LITERAL("\x30\x82\x03\x00\x30\x82\x01\xe8\xa0\x03\x02\x01\x02\x02\x01\x01"), false},
	{SPAN_LITERAL("\x30\x82\x03\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0"), false},
	{SPAN_LITERAL("\x30\x82\x03\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"), false},
	{SPAN_LITERAL("\x30"), false},
	{SPAN_LITERAL(""), false},
};

static void one_certificate_or_many(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(starts); i++)
		assert_string_equal(published_cacert_type(starts[i].start),
				    starts[i].many ? "application/x-x509-ca-ra-cert"
						   : "application/x-x509-ca-cert");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_with_its_facts),
		cmocka_unit_test(each_generation_has_its_crl),
		cmocka_unit_test(the_link_moves_on),
		cmocka_unit_test(what_is_not_there),
		cmocka_unit_test(what_is_no_file),
		cmocka_unit_test(bad_expiries_count_for_nothing),
		cmocka_unit_test(one_certificate_or_many),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
