/* SPDX-License-Identifier: Apache-2.0 */
/* What the front end finds under public/LABEL, and what becomes of older versions of it. */
#include "daemon/flow/publication/publish.h"
#include "tests/unit/daemon/flow/world.h"
#include <dirent.h>
#include <sys/stat.h>

static char *path_of(const char *name)
{
	char *path = NULL;

	assert_true(text_format(&path, "%s/%s", world.flow->public_directory, name) >= 0);
	return path;
}

static struct bytes published(const char *name)
{
	_cleanup_(freep) char *within = NULL, *path = NULL;
	struct bytes content = {};

	assert_true(text_format(&within, "CA/%s", name) >= 0);
	path = path_of(within);
	assert_int_equal(file_read(path, 1 << 20, &content), 0);
	return content;
}

static bool is_there(const char *name)
{
	_cleanup_(freep) char *path = path_of(name);

	return !access(path, F_OK);
}

static unsigned entries(void)
{
	DIR *directory = opendir(world.flow->public_directory);
	struct dirent *entry;
	unsigned n = 0;

	while ((entry = readdir(directory)))
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(directory);
	return n;
}

static void a_link_to_whole_versions(void **state)
{
	_cleanup_(bytes_done) struct bytes caps = {}, cacert = {}, file = {}, crl = {}, ends = {};
	_cleanup_(freep) char *link = NULL;
	struct stat status;

	(void)state;
	world_open("", "");
	assert_int_equal(flow_publish(world.flow, world.authority, world.now_s), 0);
	assert_false(is_there("CA/crl"));
	assert_int_equal(flow_sign_crl(world.flow, world.authority, "test", world.now_s), 0);
	link = path_of("CA");
	assert_int_equal(lstat(link, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(entries(), 2);
	caps = published("caps");
	assert_non_null(memmem(caps.data, caps.size, "SHA-256\n", 8));
	cacert = published("cacert");
	file = published("ca.crt");
	assert_same(span_of(cacert),
		    span_of(world.authority->shared->generations->records[0].certificate));
	assert_same(span_of(cacert), span_of(file));
	crl = published("crl");
	assert_true(crl.size > 0);
	ends = published("crl.expires");
	assert_same(span_of(ends), SPAN_LITERAL("1700604800\n"));
	world_close();
}

/* After a start the configuration may be another, and the end may have come before the files. */
static void what_is_missing_is_written_again(void **state)
{
	_cleanup_(bytes_done) struct bytes before = {}, after = {};
	_cleanup_(freep) char *away = NULL;
	const char *public;

	(void)state;
	world_open("", "");
	assert_int_equal(flow_publish_missing(world.flow, world.authority, world.now_s), 0);
	before = published("caps");
	world_restart("Clients=strict");
	assert_int_equal(flow_publish_missing(world.flow, world.authority, world.now_s), 0);
	after = published("caps");
	assert_false(span_equal(span_of(before), span_of(after)));
	public = world.flow->public_directory;
	assert_true(text_format(&away, "%s.away", public) >= 0);
	assert_int_equal(rename(public, away), 0);
	assert_int_equal(flow_publish_missing(world.flow, world.authority, world.now_s), 0);
	assert_true(flow_publish(world.flow, world.authority, world.now_s) < 0);
	assert_true(flow_publish_missing(world.flow, world.authority, world.now_s) < 0);
	assert_int_equal(rename(away, public), 0);
	assert_int_equal(flow_publish_missing(world.flow, world.authority, world.now_s), 0);
	assert_true(is_there("CA/caps"));
	world_close();
}

/* Another server's, whose label begins alike, are left alone. */
static void only_older_versions_of_its_own_go(void **state)
{
	static const char *const kept[] = {".CA.x.0", ".CA.1.0", ".CAB.0"};

	(void)state;
	world_open("", "");
	for (size_t i = 0; i < ELEMENTS(kept); i++) {
		_cleanup_(freep) char *path = path_of(kept[i]);

		assert_int_equal(mkdir(path, 0755), 0);
	}
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(flow_publish(world.flow, world.authority, world.now_s), 0);
	for (size_t i = 0; i < ELEMENTS(kept); i++)
		assert_true(is_there(kept[i]));
	assert_int_equal(entries(), 2 + ELEMENTS(kept));
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_to_whole_versions),
		cmocka_unit_test(what_is_missing_is_written_again),
		cmocka_unit_test(only_older_versions_of_its_own_go),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
