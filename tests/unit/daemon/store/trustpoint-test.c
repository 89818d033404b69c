/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/trustpoint.h"
#include "tests/unit/daemon/store/fixture.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#define NAME "gate"

static struct ca_anchor_record anchor_of(const char *certificate)
{
	return (struct ca_anchor_record){
		.certificate = copy_of(span_of_text(certificate)),
		.others = copy_of(SPAN_LITERAL("an RA's")),
		.not_before_s = NOW - 5,
		.not_after_s = NOW + 1000,
		.accepted_s = NOW,
		.takes_over_s = NOW,
	};
}

static struct ca_key_place key_of(uint8_t key)
{
	struct ca_key_place place = {
		.token = strdup("soft"),
		.label = strdup("gate#"),
		.spki = copy_of(SPAN_LITERAL("a key")),
	};

	memset(place.key_sha256, key, SHA256_SIZE);
	return place;
}

static struct ca_identity_record identity_of(int64_t anchor_id, uint8_t key)
{
	return (struct ca_identity_record){
		.usage = 1,
		.anchor_id = anchor_id,
		.key = key_of(key),
		.certificate = copy_of(SPAN_LITERAL("a certificate")),
		.not_before_s = NOW,
		.not_after_s = NOW + 500,
		.takes_over_s = NOW + 1,
		.by_hand = true,
		.jitter = 65535,
	};
}

static struct ca_enrollment_record enrollment_of(int64_t anchor_id, int usage)
{
	struct ca_enrollment_record record = {
		.usage = usage,
		.kind = CA_ENROLLMENT_RENEWAL,
		.state = CA_ENROLLMENT_PENDING,
		.anchor_id = anchor_id,
		.key = key_of(9),
		.key_is_new = true,
		.signer = copy_of(SPAN_LITERAL("signer")),
		.message = copy_of(SPAN_LITERAL("message\0with a NUL")),
		.transaction_id = copy_of(SPAN_LITERAL("0123456789ABCDEF")),
		.sender_nonce = copy_of(SPAN_LITERAL("nonce")),
		.subject = copy_of(SPAN_LITERAL("\x30\x00")),
		.created_s = NOW,
		.tries = 3,
		.tried_s = NOW + 7,
		.told = strdup("pending"),
	};

	memset(record.request_md5, 5, sizeof(record.request_md5));
	memset(record.request_sha1, 6, sizeof(record.request_sha1));
	memset(record.request_sha256, 7, sizeof(record.request_sha256));
	return record;
}

static int commit(struct store *store, struct store_trustpoint_change change)
{
	struct store_change whole = {.now_s = NOW, .trustpoint = &change};

	if (!change.name)
		change.name = NAME;
	return store_commit(store, &whole);
}

static struct ca_trustpoint_state load(struct store *store)
{
	struct ca_trustpoint_state state = {};

	assert_int_equal(store_trustpoint_load(store, NAME, &state), 0);
	return state;
}

static uint64_t revision_of(struct store *store)
{
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state state = load(store);

	return state.record.revision;
}

/* One with an anchor, an identity and an enrolment that the identity signed, each in a change. */
struct whole {
	int64_t anchor, identity, enrollment;
};
static struct whole make_whole(struct store *store, const char *name, uint8_t key)
{
	_cleanup_(ca_anchor_record_done) struct ca_anchor_record anchor = anchor_of("a CA's");
	_cleanup_(ca_identity_record_done) struct ca_identity_record identity = identity_of(0, key);
	_cleanup_(ca_enrollment_record_done) struct ca_enrollment_record enrollment =
		enrollment_of(0, 1);

	/* The identity's anchor comes with it. */
	assert_int_equal(commit(store, (struct store_trustpoint_change){.name = name,
									.anchor = &anchor,
									.identity = &identity}),
			 0);
	assert_true(anchor.id > 0 && identity.id > 0);
	assert_int_equal(identity.anchor_id, anchor.id);
	enrollment.anchor_id = anchor.id;
	enrollment.signer_id = identity.id;
	assert_int_equal(commit(store, (struct store_trustpoint_change){.name = name,
									.expected_revision = 1,
									.enrollment = &enrollment}),
			 0);
	assert_true(enrollment.id > 0);
	return (struct whole){anchor.id, identity.id, enrollment.id};
}

static void nothing_is_recorded_at_first(void **state)
{
	struct fixture *fixture = *state;
	struct ca_trustpoint_state none = {};

	assert_int_equal(store_trustpoint_load(fixture->store, NAME, &none), STORE_NOT_FOUND);
	assert_null(none.record.name);
	assert_int_equal(
		commit(fixture->store, (struct store_trustpoint_change){.expected_revision = 1}),
		STORE_CHANGED);
	assert_int_equal(commit(fixture->store, (struct store_trustpoint_change){.clear = true}),
			 0);
	assert_int_equal(store_trustpoint_load(fixture->store, NAME, &none), STORE_NOT_FOUND);
}

static void assert_identity(const struct ca_identity_record *one, const struct whole *ids)
{
	assert_int_equal(one->id, ids->identity);
	assert_int_equal(one->anchor_id, ids->anchor);
	assert_int_equal(one->usage, 1);
	assert_string_equal(one->key.token, "soft");
	assert_null(one->key.token_serial);
	assert_string_equal(one->key.label, "gate#");
	assert_true(span_equal(span_of(one->key.spki), SPAN_LITERAL("a key")));
	assert_int_equal(one->key.key_sha256[31], 4);
	assert_true(span_equal(span_of(one->certificate), SPAN_LITERAL("a certificate")));
	assert_int_equal(one->not_before_s, NOW);
	assert_int_equal(one->not_after_s, NOW + 500);
	assert_int_equal(one->takes_over_s, NOW + 1);
	assert_int_equal(one->changed_over_s, 0);
	assert_int_equal(one->relabelled_s, 0);
	assert_int_equal(one->key_destroyed_s, 0);
	assert_true(one->by_hand);
	assert_int_equal(one->jitter, 65535);
}

static void assert_enrollment(const struct ca_enrollment_record *one, const struct whole *ids)
{
	assert_int_equal(one->id, ids->enrollment);
	assert_int_equal(one->anchor_id, ids->anchor);
	assert_int_equal(one->signer_id, ids->identity);
	assert_int_equal(one->usage, 1);
	assert_int_equal(one->kind, CA_ENROLLMENT_RENEWAL);
	assert_int_equal(one->state, CA_ENROLLMENT_PENDING);
	assert_int_equal(one->key.key_sha256[0], 9);
	assert_true(one->key_is_new);
	assert_true(span_equal(span_of(one->signer), SPAN_LITERAL("signer")));
	assert_true(span_equal(span_of(one->message), SPAN_LITERAL("message\0with a NUL")));
	assert_true(span_equal(span_of(one->transaction_id), SPAN_LITERAL("0123456789ABCDEF")));
	assert_true(span_equal(span_of(one->sender_nonce), SPAN_LITERAL("nonce")));
	assert_true(span_equal(span_of(one->subject), SPAN_LITERAL("\x30\x00")));
	assert_int_equal(one->request_md5[15], 5);
	assert_int_equal(one->request_sha1[19], 6);
	assert_int_equal(one->request_sha256[31], 7);
	assert_int_equal(one->created_s, NOW);
	assert_int_equal(one->tries, 3);
	assert_int_equal(one->tried_s, NOW + 7);
	assert_string_equal(one->told, "pending");
}

static void all_of_it_comes_back(void **state)
{
	struct fixture *fixture = *state;
	const struct whole ids = make_whole(fixture->store, NAME, 4);

	fixture_reopen(fixture);
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state all = load(fixture->store);

	assert_string_equal(all.record.name, NAME);
	assert_int_equal(all.record.created_s, NOW);
	assert_int_equal(all.record.revision, 2);
	assert_int_equal(all.record.halt, CA_TRUSTPOINT_GOES_ON);
	assert_null(all.record.halt_reason);
	assert_int_equal(all.record.exported_sha256[0], 0);
	assert_int_equal(all.n_anchors, 1);
	assert_int_equal(all.anchors[0].id, ids.anchor);
	assert_true(span_equal(span_of(all.anchors[0].certificate), SPAN_LITERAL("a CA's")));
	assert_true(span_equal(span_of(all.anchors[0].others), SPAN_LITERAL("an RA's")));
	assert_int_equal(all.anchors[0].not_before_s, NOW - 5);
	assert_int_equal(all.anchors[0].not_after_s, NOW + 1000);
	assert_int_equal(all.anchors[0].accepted_s, NOW);
	assert_int_equal(all.anchors[0].takes_over_s, NOW);
	assert_int_equal(all.anchors[0].changed_over_s, 0);
	assert_int_equal(all.n_identities, 1);
	assert_identity(&all.identities[0], &ids);
	assert_int_equal(all.n_enrollments, 1);
	assert_enrollment(&all.enrollments[0], &ids);
}

static void a_record_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct ca_trustpoint_record record = {
		.name = (char *)"another",
		.revision = 77,
		.created_s = 1,
		.capabilities = 0x55,
		.capabilities_s = NOW + 1,
		.halt = CA_TRUSTPOINT_STRANGER,
		.halted_s = NOW + 2,
		.halt_reason = (char *)"who is that",
		.failures = 4,
		.failed_s = NOW + 3,
		.failure = (char *)"no route",
		.next_ca_misses = 5,
		.next_ca_missed_s = NOW + 4,
		.exported_sha256 = {1},
		.reload_due = true,
	};

	assert_int_equal(
		commit(fixture->store, (struct store_trustpoint_change){.record = &record}), 0);
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state all = load(fixture->store);
	assert_string_equal(all.record.name, NAME);
	assert_int_equal(all.record.revision, 1);
	assert_int_equal(all.record.created_s, NOW);
	assert_int_equal(all.record.capabilities, 0x55);
	assert_int_equal(all.record.capabilities_s, NOW + 1);
	assert_int_equal(all.record.halt, CA_TRUSTPOINT_STRANGER);
	assert_int_equal(all.record.halted_s, NOW + 2);
	assert_string_equal(all.record.halt_reason, "who is that");
	assert_int_equal(all.record.failures, 4);
	assert_int_equal(all.record.failed_s, NOW + 3);
	assert_string_equal(all.record.failure, "no route");
	assert_int_equal(all.record.next_ca_misses, 5);
	assert_int_equal(all.record.next_ca_missed_s, NOW + 4);
	assert_memory_equal(all.record.exported_sha256, record.exported_sha256, SHA256_SIZE);
	assert_true(all.record.reload_due);
}

/* What was decided on an older state changes nothing, and no part of it does. */
static void a_change_of_what_changed_meanwhile_is_none(void **state)
{
	struct fixture *fixture = *state;
	const struct whole ids = make_whole(fixture->store, NAME, 4);
	_cleanup_(ca_anchor_record_done) struct ca_anchor_record anchor = anchor_of("a stranger's");
	const uint64_t wrong[] = {0, 1, 3};

	for (size_t i = 0; i < ELEMENTS(wrong); i++) {
		assert_int_equal(
			commit(fixture->store,
			       (struct store_trustpoint_change){.expected_revision = wrong[i],
								.anchor = &anchor,
								.drop_enrollment = ids.enrollment}),
			STORE_CHANGED);
		assert_int_equal(anchor.id, 0);
	}
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state all = load(fixture->store);
	assert_int_equal(all.record.revision, 2);
	assert_int_equal(all.n_anchors, 1);
	assert_int_equal(all.n_enrollments, 1);
}

/* A granted certificate: the identity in, its enrolment out; then the one before it goes. */
static void an_identity_takes_the_place_of_its_enrolment(void **state)
{
	struct fixture *fixture = *state;
	const struct whole ids = make_whole(fixture->store, NAME, 4);
	_cleanup_(ca_identity_record_done) struct ca_identity_record identity =
		identity_of(ids.anchor, 9);

	assert_int_equal(
		commit(fixture->store,
		       (struct store_trustpoint_change){.expected_revision = 2,
							.identity = &identity,
							.drop_enrollment = ids.enrollment}),
		0);
	identity.relabelled_s = NOW + 9;
	free(identity.key.label);
	identity.key.label = strdup("gate");
	assert_int_equal(commit(fixture->store,
				(struct store_trustpoint_change){.expected_revision = 3,
								 .identity = &identity,
								 .drop_identity = ids.identity}),
			 0);
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state all = load(fixture->store);
	assert_int_equal(all.n_enrollments, 0);
	assert_int_equal(all.n_identities, 1);
	assert_int_equal(all.identities[0].id, identity.id);
	assert_string_equal(all.identities[0].key.label, "gate");
	assert_int_equal(all.identities[0].relabelled_s, NOW + 9);
}

static void a_second_enrolment_of_one_usage_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const struct whole ids = make_whole(fixture->store, NAME, 4);
	_cleanup_(ca_enrollment_record_done) struct ca_enrollment_record same =
		enrollment_of(ids.anchor, 1);
	_cleanup_(ca_enrollment_record_done) struct ca_enrollment_record other =
		enrollment_of(ids.anchor, 3);
	struct store_trustpoint_change change = {.expected_revision = 2, .enrollment = &same};

	assert_int_equal(commit(fixture->store, change), STORE_EXISTS);
	change.drop_enrollment = ids.enrollment;
	assert_int_equal(commit(fixture->store, change), 0);
	assert_true(same.id > ids.enrollment);
	change = (struct store_trustpoint_change){.expected_revision = 3, .enrollment = &other};
	assert_int_equal(commit(fixture->store, change), 0);
}

static void what_is_gone_is_not_replaced(void **state)
{
	struct fixture *fixture = *state;
	const struct whole ids = make_whole(fixture->store, NAME, 4);
	_cleanup_(ca_enrollment_record_done) struct ca_enrollment_record enrollment =
		enrollment_of(ids.anchor, 1);

	enrollment.id = ids.enrollment + 1;
	assert_int_equal(
		commit(fixture->store, (struct store_trustpoint_change){.expected_revision = 2,
									.enrollment = &enrollment}),
		STORE_CHANGED);
	assert_int_equal(commit(fixture->store,
				(struct store_trustpoint_change){
					.expected_revision = 2, .drop_identity = ids.identity + 1}),
			 STORE_CHANGED);
	assert_int_equal(revision_of(fixture->store), 2);
}

/* Another trustpoint's records are none of this one's. */
static void ids_of_another_are_not_there(void **state)
{
	struct fixture *fixture = *state;
	const struct whole others = make_whole(fixture->store, "other", 5);

	make_whole(fixture->store, NAME, 4);
	assert_int_equal(commit(fixture->store,
				(struct store_trustpoint_change){.expected_revision = 2,
								 .drop_anchor = others.anchor}),
			 STORE_CHANGED);
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state all = {};
	assert_int_equal(store_trustpoint_load(fixture->store, "other", &all), 0);
	assert_int_equal(all.n_anchors, 1);
}

static void what_hangs_on_it_goes_with_it(void **state)
{
	struct fixture *fixture = *state;
	const struct whole ids = make_whole(fixture->store, NAME, 4);

	assert_int_equal(commit(fixture->store,
				(struct store_trustpoint_change){.expected_revision = 2,
								 .drop_identity = ids.identity}),
			 0);
	{
		_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state all =
			load(fixture->store);
		assert_int_equal(all.n_identities, 0);
		assert_int_equal(all.n_enrollments, 0);
		assert_int_equal(all.n_anchors, 1);
	}
	_cleanup_(ca_identity_record_done) struct ca_identity_record again =
		identity_of(ids.anchor, 4);
	assert_int_equal(
		commit(fixture->store, (struct store_trustpoint_change){.expected_revision = 3,
									.identity = &again}),
		0);
	assert_true(again.id > ids.identity);
	assert_int_equal(
		commit(fixture->store, (struct store_trustpoint_change){.expected_revision = 4,
									.drop_anchor = ids.anchor}),
		0);
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state all = load(fixture->store);
	assert_int_equal(all.n_anchors + all.n_identities, 0);
}

static void a_clear_leaves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct ca_trustpoint_state none = {};

	make_whole(fixture->store, NAME, 4);
	make_whole(fixture->store, "a", 5);
	assert_int_equal(
		commit(fixture->store,
		       (struct store_trustpoint_change){.expected_revision = 1, .clear = true}),
		STORE_CHANGED);
	assert_int_equal(
		commit(fixture->store,
		       (struct store_trustpoint_change){.expected_revision = 2, .clear = true}),
		0);
	assert_int_equal(store_trustpoint_load(fixture->store, NAME, &none), STORE_NOT_FOUND);
	assert_int_equal(store_trustpoint_load(fixture->store, "a", &none), 0);
	ca_trustpoint_state_done(&none);
	/* Made anew, it begins anew. */
	make_whole(fixture->store, NAME, 4);
}

static unsigned users_of(struct store *store, uint8_t key)
{
	uint8_t sha256[SHA256_SIZE];
	unsigned n = 99;

	memset(sha256, key, sizeof(sha256));
	assert_int_equal(store_trustpoint_key_users(store, NAME, SPAN_ARRAY(sha256), &n), 0);
	return n;
}

static void who_else_has_a_key(void **state)
{
	struct fixture *fixture = *state;
	const struct whole others = make_whole(fixture->store, "other", 4);
	_cleanup_(ca_identity_record_done) struct ca_identity_record identity =
		identity_of(others.anchor, 4);

	make_whole(fixture->store, NAME, 4);
	assert_int_equal(users_of(fixture->store, 4), 1);
	assert_int_equal(users_of(fixture->store, 9), 1); /* the other's enrolment */
	assert_int_equal(users_of(fixture->store, 5), 0);
	assert_int_equal(users_of(fixture->store, 0x11), 1); /* the server's */
	identity.id = others.identity;
	identity.key_destroyed_s = NOW;
	assert_int_equal(
		commit(fixture->store, (struct store_trustpoint_change){.name = "other",
									.expected_revision = 2,
									.identity = &identity}),
		0);
	assert_int_equal(users_of(fixture->store, 4), 0);
}

/* Its event is of no server, and in the chain with the change. */
static void a_change_is_audited(void **state)
{
	static const struct store_audit event = {"trustpoint.test", "uid 0", "{}"};
	struct fixture *fixture = *state;
	struct store_trustpoint_change part = {.name = NAME};
	struct store_change change = {
		.now_s = NOW, .trustpoint = &part, .audit = &event, .n_audit = 1};
	int64_t good = 0;

	assert_int_equal(store_commit(fixture->store, &change), 0);
	assert_int_equal(store_commit(fixture->store, &change), STORE_CHANGED);
	assert_int_equal(verify_audit(fixture->store, &good), 0);
	assert_int_equal(good, 1);
}

static void a_deleted_server_takes_its_trustpoint_along(void **state)
{
	struct fixture *fixture = *state;
	struct store_change change = {.server = LABEL, .now_s = NOW, .delete_server = true};
	struct ca_trustpoint_state none = {};

	make_whole(fixture->store, LABEL, 4);
	make_whole(fixture->store, NAME, 4);
	assert_int_equal(store_commit(fixture->store, &change), 0);
	assert_int_equal(store_trustpoint_load(fixture->store, LABEL, &none), STORE_NOT_FOUND);
	assert_int_equal(revision_of(fixture->store), 2);
}

/* Swaps identities for ever: each commit drops the one before and brings the next. */
static void swap_until_killed(const char *path, struct whole ids, int fd)
{
	struct store *store = NULL;
	int64_t before = ids.identity;

	if (store_open(path, &store))
		_exit(2);
	for (uint64_t revision = revision_of(store);; revision++) {
		struct ca_identity_record next = identity_of(ids.anchor, 4);

		if (commit(store, (struct store_trustpoint_change){.expected_revision = revision,
								   .identity = &next,
								   .drop_identity = before}) ||
		    write(fd, &next.id, sizeof(next.id)) != sizeof(next.id))
			_exit(3);
		before = next.id;
		ca_identity_record_done(&next);
	}
}

static int64_t kill_after_swaps(const char *path, struct whole ids)
{
	int64_t told = 0;
	int fds[2], status;
	pid_t child;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		swap_until_killed(path, ids, fds[1]);
	close(fds[1]);
	for (unsigned n = 0; read(fds[0], &told, sizeof(told)) == sizeof(told);)
		if (++n == 20)
			kill(child, SIGKILL);
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return told;
}

/* Whenever it is killed, there is exactly one identity, and none older than was told. */
static void a_swap_is_whole_after_a_kill(void **state)
{
	struct fixture *fixture = *state;
	struct whole ids = make_whole(fixture->store, NAME, 4);

	for (unsigned round = 0; round < 3; round++) {
		int64_t told;

		fixture->store = store_close(fixture->store);
		told = kill_after_swaps(fixture->path, ids);
		assert_int_equal(store_open(fixture->path, &fixture->store), 0);
		_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state all =
			load(fixture->store);
		assert_int_equal(all.n_identities, 1);
		assert_true(all.identities[0].id >= told);
		ids.identity = all.identities[0].id;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(nothing_is_recorded_at_first),
		TEST(all_of_it_comes_back),
		TEST(a_record_is_replaced),
		TEST(a_change_of_what_changed_meanwhile_is_none),
		TEST(an_identity_takes_the_place_of_its_enrolment),
		TEST(a_second_enrolment_of_one_usage_is_refused),
		TEST(what_is_gone_is_not_replaced),
		TEST(ids_of_another_are_not_there),
		TEST(what_hangs_on_it_goes_with_it),
		TEST(a_clear_leaves_nothing),
		TEST(who_else_has_a_key),
		TEST(a_change_is_audited),
		TEST(a_deleted_server_takes_its_trustpoint_along),
		TEST(a_swap_is_whole_after_a_kill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
