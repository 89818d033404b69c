/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/key-reference.h"
#include "daemon/base/text.h"
#include "daemon/flow/trustpoint/files.h"
#include "daemon/ipc/keys.h"
#include "tests/unit/daemon/flow/world.h"
#include <sys/stat.h>

static char *directory;

/* The CA, whose key is that of the first router. */
static struct party root;

static struct bytes issued_by(const struct party *issuer, const char *name)
{
	struct certificate_plan plan = {.subject = name,
					.issuer = "Root",
					.key = keys[1],
					.issuer_key = issuer->key,
					.version = 2,
					.serial = "07"};
	X509 *certificate = certificate_new(&plan);
	struct bytes der = bytes_of_certificate(certificate);

	X509_free(certificate);
	return der;
}

static int open_world(void **state)
{
	(void)state;
	world.now_s = START;
	strcpy(world.directory, "/tmp/claviger-flow-XXXXXX");
	assert_non_null(mkdtemp(world.directory));
	assert_true(text_format(&directory, "%s/out", world.directory) >= 0);
	assert_int_equal(mkdir(directory, 0755), 0);
	return 0;
}

static void configure(const char *options)
{
	_cleanup_(freep) char *text = NULL;

	assert_true(text_format(&text,
				"[Trustpoint r1]\nEnrollmentURL=http://ca.example/scep\n"
				"Token=soft\n%s",
				options) >= 0);
	write_configuration("", text);
	world_load();
	EVP_PKEY_up_ref(keys[0]);
	root = authority_new(keys[0], "Root");
}

static int close_world(void **state)
{
	(void)state;
	flow_unref(world.flow);
	conf_unref(world.conf);
	party_done(&root);
	nftw(world.directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(directory);
	return 0;
}

static int64_t add_anchor(struct trustpoint_turn *turn, int64_t takes_over_s)
{
	_cleanup_(ca_anchor_record_done) struct ca_anchor_record anchor = {
		.certificate = bytes_of_certificate(root.certificate),
		.not_before_s = START,
		.not_after_s = START + CA_LIFE,
		.accepted_s = START,
		.takes_over_s = takes_over_s,
	};
	struct store_trustpoint_change change = {.anchor = &anchor};

	assert_int_equal(trustpoint_commit(turn, &change, NULL), 0);
	return anchor.id;
}

/* That of the certificates, issued_by(). */
static struct bytes identity_spki(void)
{
	unsigned char *der = NULL;
	struct bytes spki = {};
	int size = i2d_PUBKEY(keys[1], &der);

	assert_true(size > 0);
	assert_int_equal(bytes_copy(SPAN(der, (size_t)size), &spki), 0);
	OPENSSL_free(der);
	return spki;
}

static void add_identity(struct trustpoint_turn *turn, int usage, int64_t anchor,
			 int64_t takes_over_s)
{
	_cleanup_(ca_identity_record_done) struct ca_identity_record identity = {
		.usage = usage,
		.anchor_id = anchor,
		.key = {.token = strdup("soft"), .label = strdup("r1"), .spki = identity_spki()},
		.certificate = issued_by(&root, "router"),
		.not_before_s = START,
		.not_after_s = START + DAY,
		.takes_over_s = takes_over_s,
	};
	struct store_trustpoint_change change = {.identity = &identity};

	assert_int_equal(trustpoint_commit(turn, &change, NULL), 0);
}

static struct trustpoint_turn begin(void)
{
	struct trustpoint_turn turn;

	assert_int_equal(trustpoint_turn_begin(world.flow, "r1", world.now_s, &turn), 0);
	return turn;
}

static bool is_due(struct trustpoint_turn *turn)
{
	bool due;

	assert_int_equal(trustpoint_export_due(turn, &due), 0);
	return due;
}

static void export(struct trustpoint_turn *turn)
{
	_cleanup_(freep) char *reason = NULL;

	if (trustpoint_export(turn, &reason))
		fail_msg("%s", reason ? reason : "no reason");
	assert_false(is_due(turn));
}

/* How many certificates are in a file; 0: there is none. */
static unsigned count(const char *name)
{
	_cleanup_(freep) char *path = NULL;
	char content[16384];
	FILE *file;
	unsigned n = 0;

	assert_true(text_format(&path, "%s/%s", directory, name) >= 0);
	file = fopen(path, "re");
	if (!file)
		return 0;
	content[fread(content, 1, sizeof(content) - 1, file)] = 0;
	fclose(file);
	for (const char *at = content; (at = strstr(at, "BEGIN CERTIFICATE")); at++)
		n++;
	return n;
}

/* Whether the file is a key reference of the trustpoint's, to that key; false also without one. */
static bool refers(const char *name)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(bytes_done) struct bytes spki = identity_spki();
	_cleanup_(key_reference_done) struct key_reference reference = {};
	char content[16384];
	FILE *file;
	size_t size;

	assert_true(text_format(&path, "%s/%s", directory, name) >= 0);
	file = fopen(path, "re");
	if (!file)
		return false;
	size = fread(content, 1, sizeof(content), file);
	fclose(file);
	assert_int_equal(key_reference_read(SPAN(content, size), &reference), 0);
	assert_string_equal(reference.name, "r1");
	return span_equal(span_of(reference.spki), span_of(spki));
}

static void set_options(const char *more)
{
	_cleanup_(freep) char *options = NULL;

	assert_true(text_format(&options, "ExportDirectory=%s\n%s", directory, more) >= 0);
	configure(options);
}

static void nothing_is_due_without_a_directory(void **state)
{
	struct trustpoint_turn turn;

	(void)state;
	configure("");
	turn = begin();
	add_anchor(&turn, START);
	assert_false(is_due(&turn));
	trustpoint_turn_done(&turn);
}

static void the_files_follow_what_is_in_force(void **state)
{
	struct trustpoint_turn turn;
	int64_t anchor;

	(void)state;
	set_options("");
	turn = begin();
	assert_false(is_due(&turn)); /* no CA yet */
	anchor = add_anchor(&turn, START);
	assert_true(is_due(&turn));
	export(&turn);
	assert_int_equal(count("r1-ca.crt"), 1);
	assert_int_equal(count("r1.crt") + count("r1-chain.pem"), 0);
	add_identity(&turn, KEY_USAGE_GENERAL, anchor, START);
	export(&turn);
	assert_int_equal(count("r1.crt"), 1);
	assert_int_equal(count("r1-chain.pem"), 2);
	assert_true(refers("r1-key.pem"));
	assert_false(refers("r1-sign-key.pem") || refers("r1-encr-key.pem"));
	/* one that waits is beside it, and then in its place */
	add_anchor(&turn, START + DAY);
	add_identity(&turn, KEY_USAGE_GENERAL, anchor, START + DAY);
	export(&turn);
	assert_int_equal(count("r1-next.crt") + count("r1-next-ca.crt"), 2);
	turn.now_s = START + DAY;
	assert_true(is_due(&turn));
	export(&turn);
	assert_int_equal(count("r1-next.crt") + count("r1-next-ca.crt"), 0);
	assert_int_equal(count("r1.crt"), 1);
	trustpoint_turn_done(&turn);
}

static void usage_keys_have_two_files(void **state)
{
	struct trustpoint_turn turn;
	int64_t anchor;

	(void)state;
	set_options("UsageKeys=yes\n");
	turn = begin();
	anchor = add_anchor(&turn, START);
	add_identity(&turn, KEY_USAGE_ENCRYPTION, anchor, START);
	export(&turn);
	assert_int_equal(count("r1-encr.crt"), 1);
	assert_int_equal(count("r1-sign.crt") + count("r1-chain.pem") + count("r1.crt"), 0);
	assert_true(refers("r1-encr-key.pem"));
	assert_false(refers("r1-sign-key.pem") || refers("r1-key.pem"));
	add_identity(&turn, KEY_USAGE_SIGNATURE, anchor, START);
	export(&turn);
	assert_int_equal(count("r1-sign.crt"), 1);
	assert_true(refers("r1-sign-key.pem"));
	assert_int_equal(count("r1-chain.pem"), 2);
	trustpoint_turn_done(&turn);
}

static void a_servers_key_is_for_no_program(void **state)
{
	struct trustpoint_turn turn;
	int64_t anchor;

	(void)state;
	set_options("");
	turn = begin();
	anchor = add_anchor(&turn, START);
	add_identity(&turn, KEY_USAGE_GENERAL, anchor, START);
	turn.server = &world.flow->authorities[0];
	export(&turn);
	assert_int_equal(count("r1.crt"), 1);
	assert_false(refers("r1-key.pem"));
	turn.server = NULL;
	trustpoint_turn_done(&turn);
}

static void what_somebody_took_away_comes_again(void **state)
{
	_cleanup_(freep) char *path = NULL, *reason = NULL;
	struct trustpoint_turn turn;

	(void)state;
	set_options("");
	turn = begin();
	add_anchor(&turn, START);
	export(&turn);
	assert_true(text_format(&path, "%s/r1-ca.crt", directory) >= 0);
	assert_int_equal(unlink(path), 0);
	assert_true(is_due(&turn));
	export(&turn);
	assert_int_equal(count("r1-ca.crt"), 1);
	assert_int_equal(trustpoint_export_remove(turn.conf, &reason), 0);
	assert_int_equal(count("r1-ca.crt"), 0);
	trustpoint_turn_done(&turn);
}

static void what_can_not_be_written_stays_due(void **state)
{
	_cleanup_(freep) char *reason = NULL;
	struct trustpoint_turn turn;

	(void)state;
	set_options("");
	turn = begin();
	add_anchor(&turn, START);
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(trustpoint_export(&turn, &reason), FLOW_REFUSED);
	assert_non_null(strstr(reason, directory));
	assert_true(is_due(&turn));
	assert_int_equal(mkdir(directory, 0755), 0);
	export(&turn);
	trustpoint_turn_done(&turn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_due_without_a_directory, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(the_files_follow_what_is_in_force, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(usage_keys_have_two_files, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_servers_key_is_for_no_program, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(what_somebody_took_away_comes_again, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(what_can_not_be_written_stays_due, open_world,
						close_world),
	};
	return cmocka_run_group_tests(tests, world_begin, world_end);
}
