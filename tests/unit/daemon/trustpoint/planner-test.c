/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/scep/client.h"
#include "daemon/trustpoint/planner.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DAY    INT64_C(86400)
#define HOUR   INT64_C(3600)
#define MINUTE INT64_C(60)
#define BIRTH  INT64_C(1500000000)

/* One of each, and how many of them count. */
struct world {
	struct ca_trustpoint_state state;
	struct ca_anchor_record anchors[3];
	struct ca_identity_record identities[4];
	struct ca_enrollment_record enrollments[2];
	int64_t shared[1];
	struct trustpoint_key_use uses[2];
	struct trustpoint_facts facts;
};

/* A CA of three years and an identity of one, all written. */
static struct world *begin(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->anchors[0] = (struct ca_anchor_record){.id = 1,
						  .not_before_s = BIRTH,
						  .not_after_s = BIRTH + 1095 * DAY,
						  .takes_over_s = BIRTH,
						  .changed_over_s = BIRTH};
	w->identities[0] = (struct ca_identity_record){.id = 11,
						       .usage = 1,
						       .anchor_id = 1,
						       .key.key_sha256 = {1},
						       .not_before_s = BIRTH,
						       .not_after_s = BIRTH + 365 * DAY,
						       .takes_over_s = BIRTH,
						       .changed_over_s = BIRTH,
						       .relabelled_s = BIRTH};
	w->state = (struct ca_trustpoint_state){
		.record.id = 1,
		.record.capabilities = SCEP_CAN_NEXT_CA | SCEP_CAN_RENEWAL,
		.anchors = w->anchors,
		.n_anchors = 1,
		.identities = w->identities,
		.n_identities = 1,
		.enrollments = w->enrollments,
	};
	w->facts = (struct trustpoint_facts){
		.state = &w->state,
		.policy = {.by_scep = true,
			   .percent = 90,
			   .retry_count = 999,
			   .retry_period_s = MINUTE},
		.shared_keys = w->shared,
		.key_uses = w->uses,
	};
	return w;
}

/* The plan of this kind; NONE without. */
static struct trustpoint_plan find(const struct world *w, int64_t now_s,
				   enum trustpoint_action action, int usage)
{
	struct trustpoint_plan plans[32];
	size_t n = trustpoint_plan_list(&w->facts, now_s, plans, ELEMENTS(plans));

	for (size_t i = 0; i < n; i++)
		if (plans[i].action == action && plans[i].usage == usage)
			return plans[i];
	return (struct trustpoint_plan){};
}

static void check_at(const struct world *w, int64_t now_s, enum trustpoint_action action, int usage,
		     int64_t when_s)
{
	struct trustpoint_plan plan = find(w, now_s, action, usage);

	assert_int_equal(plan.action, action);
	assert_int_equal(plan.when_s, when_s);
}

static void check_none(const struct world *w, int64_t now_s, enum trustpoint_action action,
		       int usage)
{
	assert_int_equal(find(w, now_s, action, usage).action, TRUSTPOINT_ACTION_NONE);
}

static void a_year_is_renewed_at_its_percentage(void **state)
{
	struct world world, *w = begin(&world);

	(void)state;
	/* 328.5 days. */
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1, BIRTH + 657 * 12 * HOUR);
	check_at(w, BIRTH, TRUSTPOINT_ACTION_EXPIRE, 1, BIRTH + 365 * DAY);
	check_none(w, BIRTH, TRUSTPOINT_ACTION_SHADOW, 0);
	w->facts.policy.percent = 100;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1, BIRTH + 365 * DAY);
	check_at(w, BIRTH + 365 * DAY + 5, TRUSTPOINT_ACTION_RENEW, 1, BIRTH + 365 * DAY + 1);
	check_none(w, BIRTH + 365 * DAY, TRUSTPOINT_ACTION_EXPIRE, 1);
	w->facts.policy.percent = 0;
	check_none(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1);
}

static void jitter_brings_it_forward_within_bounds(void **state)
{
	static const struct {
		int64_t life_s;
		unsigned percent, jitter;
		int64_t after_s;
	} cases[] = {
		{365 * DAY, 80, 0, 292 * DAY},
		{365 * DAY, 80, 65535, 291 * DAY},
		{10 * DAY, 90, 65535, 9 * DAY - DAY / 5},
		{3000, 90, 65535, 2700 - 600},
		{3000, 60, 65535, 1500},
		{3000, 10, 65535, 300},
		{365 * DAY, 100, 65535, 365 * DAY},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		const struct ca_identity_record identity = {.not_before_s = BIRTH,
							    .not_after_s = BIRTH + cases[i].life_s,
							    .jitter = cases[i].jitter};
		assert_int_equal(trustpoint_renew_s(&identity, cases[i].percent),
				 BIRTH + cases[i].after_s);
	}
}

static void one_that_came_late_is_not_renewed_at_once(void **state)
{
	struct ca_identity_record identity = {.not_before_s = BIRTH,
					      .not_after_s = BIRTH + 30 * DAY,
					      .takes_over_s = BIRTH + 25 * DAY,
					      .jitter = 65535};

	(void)state;
	assert_int_equal(trustpoint_renew_s(&identity, 80), BIRTH + 29 * DAY);
	identity.takes_over_s = BIRTH + 24 * DAY - DAY / 5 - HOUR * 10;
	assert_int_equal(trustpoint_renew_s(&identity, 80), BIRTH + 24 * DAY - HOUR * 24 * 30 / 50);
	identity.takes_over_s = identity.not_after_s - 10;
	assert_int_equal(trustpoint_renew_s(&identity, 80), identity.takes_over_s + MINUTE);
}

static void pauses_double_up_to_eight_hours(void **state)
{
	static const int64_t minutes[] = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 480, 480};

	(void)state;
	for (unsigned n = 0; n < ELEMENTS(minutes); n++)
		assert_int_equal(trustpoint_pause_s(n, MINUTE), minutes[n] * MINUTE);
	assert_int_equal(trustpoint_pause_s(4000000000u, HOUR), 8 * HOUR);
	assert_int_equal(trustpoint_pause_s(3, HOUR), 4 * HOUR);
}

static void an_identity_that_ends_with_its_ca_is_shadowed(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t end_s = BIRTH + 1095 * DAY, now_s = BIRTH + 800 * DAY;

	(void)state;
	w->identities[0].not_before_s = BIRTH + 730 * DAY;
	w->identities[0].not_after_s = end_s;
	check_none(w, now_s, TRUSTPOINT_ACTION_RENEW, 1);
	check_at(w, now_s, TRUSTPOINT_ACTION_SHADOW, 0, BIRTH + 730 * DAY + 657 * 12 * HOUR);
	assert_int_equal(find(w, now_s, TRUSTPOINT_ACTION_SHADOW, 0).id, 1);
	check_none(w, now_s, TRUSTPOINT_ACTION_SHADOW, 1);

	/* At its end it would be too late. */
	w->facts.policy.percent = 100;
	check_at(w, now_s, TRUSTPOINT_ACTION_SHADOW, 0, BIRTH + 1971 * 12 * HOUR);
	check_none(w, now_s, TRUSTPOINT_ACTION_RENEW, 1);

	/* Nor is one of use that outlives it. */
	w->facts.policy.percent = 90;
	w->identities[0].not_after_s = end_s + 3650 * DAY;
	check_at(w, now_s, TRUSTPOINT_ACTION_SHADOW, 0, BIRTH + 730 * DAY + 657 * 12 * HOUR);
	check_none(w, now_s, TRUSTPOINT_ACTION_RENEW, 1);
	w->identities[0].not_after_s = end_s;

	/* The successor is here: now for a certificate of it. */
	w->facts.policy.percent = 90;
	w->anchors[1] = (struct ca_anchor_record){.id = 2,
						  .not_before_s = end_s,
						  .not_after_s = end_s + 1095 * DAY,
						  .takes_over_s = end_s};
	w->state.n_anchors = 2;
	check_none(w, now_s, TRUSTPOINT_ACTION_SHADOW, 0);
	check_at(w, now_s, TRUSTPOINT_ACTION_SHADOW, 1, BIRTH + 730 * DAY + 657 * 12 * HOUR);
	assert_int_equal(find(w, now_s, TRUSTPOINT_ACTION_SHADOW, 1).id, 2);
	check_none(w, now_s, TRUSTPOINT_ACTION_RENEW, 1);
	check_at(w, now_s, TRUSTPOINT_ACTION_CHANGE_OVER, 0, end_s);

	/* And here it is: both take over at the end. */
	w->identities[1] = w->identities[0];
	w->identities[1].id = 12;
	w->identities[1].takes_over_s = w->identities[1].not_before_s = end_s;
	w->identities[1].not_after_s = end_s + 300 * DAY;
	w->identities[1].changed_over_s = 0;
	w->identities[1].anchor_id = 2;
	w->state.n_identities = 2;
	check_none(w, now_s, TRUSTPOINT_ACTION_SHADOW, 1);
	check_none(w, now_s, TRUSTPOINT_ACTION_RENEW, 1);
	check_at(w, now_s, TRUSTPOINT_ACTION_CHANGE_OVER, 1, end_s);
	check_at(w, end_s, TRUSTPOINT_ACTION_RENEW, 1, end_s + 270 * DAY);
}

static void without_auto_enroll_the_ca_is_followed_at_ninety_percent(void **state)
{
	struct world world, *w = begin(&world);

	(void)state;
	w->facts.policy.percent = 0;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_SHADOW, 0, BIRTH + 1971 * 12 * HOUR);
	w->state.record.capabilities = 0;
	check_none(w, BIRTH, TRUSTPOINT_ACTION_SHADOW, 0);
}

static void a_ca_without_a_shadow_is_asked_politely(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t end_s = BIRTH + 1095 * DAY;
	int64_t now_s, last_s = 0;
	unsigned n = 0;

	(void)state;
	w->facts.policy.percent = 0;
	now_s = find(w, BIRTH, TRUSTPOINT_ACTION_SHADOW, 0).when_s;
	for (;; n++) {
		struct trustpoint_plan plan = find(w, now_s, TRUSTPOINT_ACTION_SHADOW, 0);

		if (!plan.action)
			break;
		now_s = plan.when_s;
		if (last_s) {
			assert_in_range(now_s - last_s, MINUTE, 8 * HOUR);
			if (now_s - last_s > MINUTE)
				assert_true(now_s - last_s <= (end_s - last_s) / 50);
		}
		last_s = now_s;
		w->state.record.next_ca_misses++;
		w->state.record.next_ca_missed_s = now_s;
	}
	/* A hundred days: three a day, and the last weeks' more. */
	assert_in_range(n, 300, 800);
	assert_in_range(end_s - last_s, 0, MINUTE);
	assert_int_equal(trustpoint_plan_next(&w->facts, NULL, 0, end_s + 1).action,
			 TRUSTPOINT_ACTION_NONE);
}

static void after_the_cas_end_nothing_is_asked(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t end_s = BIRTH + 1095 * DAY;

	(void)state;
	w->facts.policy.authenticates = true;
	w->enrollments[0] = (struct ca_enrollment_record){
		.id = 5, .usage = 1, .anchor_id = 1, .state = CA_ENROLLMENT_PENDING};
	w->state.n_enrollments = 1;
	assert_false(trustpoint_needs_authenticate(&w->state, end_s));
	assert_true(trustpoint_needs_authenticate(&w->state, end_s + 1));
	check_none(w, end_s + 1, TRUSTPOINT_ACTION_POLL, 1);
	check_at(w, end_s, TRUSTPOINT_ACTION_TIME_OUT, 1, end_s + 1);
	w->state.n_enrollments = 0;
	assert_int_equal(trustpoint_plan_next(&w->facts, NULL, 0, end_s + 1).action,
			 TRUSTPOINT_ACTION_NONE);
}

static void before_the_ca_is_known_only_timers_run(void **state)
{
	struct world world, *w = begin(&world);

	(void)state;
	w->state.n_anchors = w->state.n_identities = 0;
	assert_true(trustpoint_needs_authenticate(&w->state, BIRTH));
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1, BIRTH);
	check_none(w, BIRTH, TRUSTPOINT_ACTION_AUTHENTICATE, 0);
	w->facts.policy.authenticates = true;
	assert_int_equal(trustpoint_plan_next(&w->facts, NULL, 0, BIRTH).action,
			 TRUSTPOINT_ACTION_AUTHENTICATE);
	w->state.record.failures = 1000;
	w->state.record.failed_s = BIRTH;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_AUTHENTICATE, 0, BIRTH + 8 * HOUR);
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1, BIRTH + 8 * HOUR);
	check_none(w, BIRTH, TRUSTPOINT_ACTION_TIME_OUT, 0);
	w->facts.policy.by_scep = false;
	assert_int_equal(trustpoint_plan_next(&w->facts, NULL, 0, BIRTH + DAY).action,
			 TRUSTPOINT_ACTION_NONE);
}

static void an_enrolment_is_sent_and_polled_in_doubling_pauses(void **state)
{
	struct world world, *w = begin(&world);
	struct ca_enrollment_record *enrollment = &w->enrollments[0];

	(void)state;
	*enrollment = (struct ca_enrollment_record){.id = 5,
						    .usage = 1,
						    .anchor_id = 1,
						    .state = CA_ENROLLMENT_MADE,
						    .created_s = BIRTH};
	w->state.n_enrollments = 1;
	w->facts.policy.retry_count = 4;
	check_none(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1);
	check_at(w, BIRTH, TRUSTPOINT_ACTION_SEND, 1, BIRTH);
	enrollment->tried_s = BIRTH;
	for (unsigned tries = 1; tries < 4; tries++) {
		enrollment->tries = tries;
		check_at(w, BIRTH, TRUSTPOINT_ACTION_SEND, 1, BIRTH + (MINUTE << (tries - 1)));
	}
	enrollment->tries = 4;
	check_none(w, BIRTH, TRUSTPOINT_ACTION_SEND, 1);
	check_at(w, BIRTH, TRUSTPOINT_ACTION_TIME_OUT, 1, BIRTH);

	enrollment->state = CA_ENROLLMENT_PENDING;
	for (unsigned tries = 0; tries < 4; tries++) {
		enrollment->tries = tries;
		check_at(w, BIRTH, TRUSTPOINT_ACTION_POLL, 1, BIRTH + (MINUTE << tries));
		check_none(w, BIRTH, TRUSTPOINT_ACTION_SEND, 1);
	}
	enrollment->tries = 4;
	check_none(w, BIRTH, TRUSTPOINT_ACTION_POLL, 1);
	check_at(w, BIRTH, TRUSTPOINT_ACTION_TIME_OUT, 1, BIRTH);
	enrollment->state = CA_ENROLLMENT_BY_HAND;
	check_none(w, BIRTH, TRUSTPOINT_ACTION_TIME_OUT, 1);
}

static void a_halt_stops_all_that_asks(void **state)
{
	struct world world, *w = begin(&world);

	(void)state;
	w->enrollments[0] = (struct ca_enrollment_record){
		.id = 5, .usage = 1, .anchor_id = 1, .state = CA_ENROLLMENT_PENDING};
	for (enum ca_trustpoint_halt halt = CA_TRUSTPOINT_REJECTED; halt <= CA_TRUSTPOINT_EXHAUSTED;
	     halt++) {
		w->state.record.halt = halt;
		w->state.n_enrollments = 0;
		check_none(w, BIRTH + 340 * DAY, TRUSTPOINT_ACTION_RENEW, 1);
		w->identities[0].not_after_s = BIRTH + 1095 * DAY;
		check_none(w, BIRTH + 1090 * DAY, TRUSTPOINT_ACTION_SHADOW, 0);
		w->state.n_enrollments = 1;
		check_none(w, BIRTH, TRUSTPOINT_ACTION_POLL, 1);
		w->enrollments[0].state = CA_ENROLLMENT_MADE;
		check_none(w, BIRTH, TRUSTPOINT_ACTION_SEND, 1);
		assert_int_equal(trustpoint_needs_authenticate(&w->state, BIRTH),
				 halt == CA_TRUSTPOINT_STRANGER);
		*w = *begin(&world);
	}
}

static void what_came_by_hand_is_left_to_hands(void **state)
{
	struct world world, *w = begin(&world);

	(void)state;
	w->identities[0].by_hand = true;
	assert_true(trustpoint_is_by_hand(&w->facts, BIRTH));
	check_none(w, BIRTH + 364 * DAY, TRUSTPOINT_ACTION_RENEW, 1);
	check_none(w, BIRTH + 1090 * DAY, TRUSTPOINT_ACTION_RENEW, 1);
	check_none(w, BIRTH + 1090 * DAY, TRUSTPOINT_ACTION_SHADOW, 0);
	w->facts.policy.percent = 0;
	check_none(w, BIRTH + 1090 * DAY, TRUSTPOINT_ACTION_SHADOW, 0);
	/* Terminal: whatever is recorded. */
	begin(w)->facts.policy.by_scep = false;
	check_none(w, BIRTH + 364 * DAY, TRUSTPOINT_ACTION_RENEW, 1);
	check_none(w, BIRTH + 1090 * DAY, TRUSTPOINT_ACTION_SHADOW, 0);
}

static void usage_keys_are_renewed_each_by_itself(void **state)
{
	struct world world, *w = begin(&world);

	(void)state;
	w->facts.policy.usage_keys = true;
	w->identities[0].usage = 2;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 2, BIRTH + 657 * 12 * HOUR);
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 3, BIRTH);
	check_none(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1);
	w->enrollments[0] = (struct ca_enrollment_record){
		.id = 5, .usage = 3, .anchor_id = 1, .state = CA_ENROLLMENT_MADE};
	w->state.n_enrollments = 1;
	check_none(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 3);
	check_at(w, BIRTH, TRUSTPOINT_ACTION_SEND, 3, BIRTH);
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 2, BIRTH + 657 * 12 * HOUR);
}

/* A second identity of another key, that took over at @at_s. */
static void supersede(struct world *w, int64_t at_s)
{
	w->identities[1] = w->identities[0];
	w->identities[1].id = 12;
	w->identities[1].key.key_sha256[0] = 2;
	w->identities[1].not_before_s = w->identities[1].takes_over_s = at_s;
	w->identities[1].not_after_s = at_s + 365 * DAY;
	w->identities[1].changed_over_s = w->identities[1].relabelled_s = 0;
	w->state.n_identities = 2;
}

static void an_old_pair_goes_after_its_grace(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = BIRTH + 300 * DAY;

	(void)state;
	supersede(w, now_s);
	check_at(w, now_s, TRUSTPOINT_ACTION_CHANGE_OVER, 1, now_s);
	check_none(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1);
	w->identities[1].changed_over_s = now_s;
	check_at(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1, now_s + HOUR);
	assert_int_equal(find(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1).id, 11);
	check_none(w, now_s, TRUSTPOINT_ACTION_RELABEL_KEY, 1);
	check_none(w, now_s, TRUSTPOINT_ACTION_FORGET, 1);
	w->identities[0].key_destroyed_s = now_s + HOUR;
	check_at(w, now_s + HOUR, TRUSTPOINT_ACTION_RELABEL_KEY, 1, now_s);
	check_at(w, now_s + HOUR, TRUSTPOINT_ACTION_FORGET, 1, now_s + HOUR);
	w->identities[0].key_destroyed_s = 0;
	/* Not while files name it that were not written, as long as it is in force. */
	w->facts.policy.export_due = true;
	check_none(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1);
	check_at(w, BIRTH + 365 * DAY + 1, TRUSTPOINT_ACTION_DESTROY_KEY, 1, now_s + HOUR);
	w->facts.policy.export_due = false;
	/* The grace of a short life is short. */
	w->identities[1].not_after_s = now_s + 6000;
	check_at(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1, now_s + 600);
}

/* The clock was set back: what came by the wrong one waits for years under the pair's own label. */
static void two_pairs_never_have_one_label(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = BIRTH + 300 * DAY;

	(void)state;
	supersede(w, BIRTH);
	w->identities[1].changed_over_s = BIRTH;
	w->identities[0].takes_over_s = now_s + 3650 * DAY;
	check_none(w, now_s, TRUSTPOINT_ACTION_RELABEL_KEY, 1);
	w->identities[0].relabelled_s = 0;
	check_at(w, now_s, TRUSTPOINT_ACTION_RELABEL_KEY, 1, BIRTH);
}

static void a_key_that_something_needs_stays(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = BIRTH + 300 * DAY;

	(void)state;
	supersede(w, now_s);
	w->identities[1].changed_over_s = now_s;
	/* Another trustpoint's too: the record goes alone. */
	w->shared[0] = 11;
	w->facts.n_shared_keys = 1;
	check_none(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1);
	check_at(w, now_s, TRUSTPOINT_ACTION_FORGET, 1, now_s + HOUR);
	w->facts.n_shared_keys = 0;
	/* Its successor's too. */
	w->identities[1].key.key_sha256[0] = 1;
	check_none(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1);
	check_at(w, now_s, TRUSTPOINT_ACTION_FORGET, 1, now_s + HOUR);
	w->identities[1].key.key_sha256[0] = 2;
	/* The answer to an enrolment is enveloped to it. */
	w->enrollments[0] = (struct ca_enrollment_record){
		.id = 5, .usage = 1, .anchor_id = 1, .signer_id = 11, .key.key_sha256 = {9}};
	w->state.n_enrollments = 1;
	check_none(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1);
	check_none(w, now_s, TRUSTPOINT_ACTION_FORGET, 1);
	/* Or is for it. */
	w->enrollments[0].signer_id = 0;
	w->enrollments[0].key.key_sha256[0] = 1;
	check_none(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1);
	w->state.n_enrollments = 0;
	check_at(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1, now_s + HOUR);
}

/* An hour after programs used it last, until its certificate ends. */
static void a_pair_that_programs_use_stays_for_them(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = BIRTH + 300 * DAY, end_s = BIRTH + 365 * DAY;
	static const struct {
		int64_t id, last_s, when_s; /* the latter two from now_s on */
	} rows[] = {
		{11, -HOUR, HOUR},
		{11, 1, HOUR + 1},
		{11, 3 * DAY, 3 * DAY + HOUR},
		{12, 3 * DAY, HOUR}, /* its successor */
		{11, 65 * DAY, 65 * DAY},
		{11, 10000 * DAY, 65 * DAY},
	};

	(void)state;
	assert_int_equal(end_s - now_s, 65 * DAY);
	supersede(w, now_s);
	w->identities[1].changed_over_s = now_s;
	w->facts.n_key_uses = 1;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		w->uses[0] = (struct trustpoint_key_use){rows[i].id, now_s + rows[i].last_s};
		check_at(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1, now_s + rows[i].when_s);
	}
	/* One that ended is kept by nobody's use; its grace it has all the same. */
	supersede(w, end_s + DAY);
	w->identities[1].changed_over_s = end_s + DAY;
	check_at(w, end_s + DAY, TRUSTPOINT_ACTION_DESTROY_KEY, 1, end_s + DAY + HOUR);
	/* A key that is not left behind is none of this. */
	w->state.n_identities = 1;
	check_none(w, now_s, TRUSTPOINT_ACTION_DESTROY_KEY, 1);
}

static void a_superseded_anchor_goes_with_its_last_identity(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = BIRTH + 300 * DAY;

	(void)state;
	w->anchors[1] = w->anchors[0];
	w->anchors[1].id = 2;
	w->anchors[1].takes_over_s = now_s;
	w->state.n_anchors = 2;
	check_none(w, now_s, TRUSTPOINT_ACTION_FORGET, 0);
	/* Another CA was accepted: it is asked at once. */
	check_at(w, now_s, TRUSTPOINT_ACTION_RENEW, 1, now_s);
	w->state.n_identities = 0;
	check_at(w, now_s, TRUSTPOINT_ACTION_FORGET, 0, now_s);
	assert_int_equal(find(w, now_s, TRUSTPOINT_ACTION_FORGET, 0).id, 1);
}

static void tries_that_find_nothing_are_paused_and_counted(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = BIRTH + 330 * DAY;

	(void)state;
	w->facts.policy.retry_count = 3;
	w->state.record.failures = 2;
	w->state.record.failed_s = now_s;
	check_at(w, now_s, TRUSTPOINT_ACTION_RENEW, 1, now_s + 2 * MINUTE);
	check_none(w, now_s, TRUSTPOINT_ACTION_TIME_OUT, 0);
	w->state.record.failures = 3;
	check_none(w, now_s, TRUSTPOINT_ACTION_RENEW, 1);
	check_at(w, now_s, TRUSTPOINT_ACTION_TIME_OUT, 0, now_s);
	w->state.record.halt = CA_TRUSTPOINT_EXHAUSTED;
	check_none(w, now_s, TRUSTPOINT_ACTION_TIME_OUT, 0);
	/* By a clock that was behind: no CA was in force then. */
	w->state.record.halt = CA_TRUSTPOINT_GOES_ON;
	w->state.record.failed_s = BIRTH - DAY;
	check_none(w, now_s, TRUSTPOINT_ACTION_TIME_OUT, 0);
	check_at(w, now_s, TRUSTPOINT_ACTION_RENEW, 1, BIRTH + 657 * 12 * HOUR);
}

static void a_try_of_a_clock_that_was_wrong_holds_nothing_up(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = BIRTH + 330 * DAY;

	(void)state;
	w->state.record.failures = 5;
	w->state.record.failed_s = now_s + 3650 * DAY;
	check_at(w, now_s, TRUSTPOINT_ACTION_RENEW, 1, now_s);
	w->enrollments[0] = (struct ca_enrollment_record){.id = 5,
							  .usage = 1,
							  .anchor_id = 1,
							  .state = CA_ENROLLMENT_PENDING,
							  .tries = 3,
							  .tried_s = now_s + 3650 * DAY};
	w->state.n_enrollments = 1;
	check_at(w, now_s, TRUSTPOINT_ACTION_POLL, 1, now_s);
	/* A second or two are no wrong clock. */
	w->enrollments[0].tried_s = now_s + 2;
	check_at(w, now_s, TRUSTPOINT_ACTION_POLL, 1, now_s + 2 + 8 * MINUTE);
}

static void what_is_left_out_gives_way_to_the_next(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = BIRTH + 330 * DAY;
	struct trustpoint_plan except[2];

	(void)state;
	w->facts.policy.export_due = true;
	except[0] = trustpoint_plan_next(&w->facts, NULL, 0, now_s);
	assert_int_equal(except[0].action, TRUSTPOINT_ACTION_EXPORT);
	except[1] = trustpoint_plan_next(&w->facts, except, 1, now_s);
	assert_int_equal(except[1].action, TRUSTPOINT_ACTION_RENEW);
	assert_int_equal(trustpoint_plan_next(&w->facts, except, 2, now_s).action,
			 TRUSTPOINT_ACTION_EXPIRE);
}

static void actions_have_the_names_of_timers(void **state)
{
	(void)state;
	assert_string_equal(trustpoint_action_name(TRUSTPOINT_ACTION_NONE), "");
	assert_string_equal(trustpoint_action_name(TRUSTPOINT_ACTION_RENEW), "RENEW");
	assert_string_equal(trustpoint_action_name(TRUSTPOINT_ACTION_SHADOW), "SHADOW");
	assert_string_equal(trustpoint_action_name(TRUSTPOINT_ACTION_POLL), "POLL");
	for (enum trustpoint_action action = TRUSTPOINT_ACTION_CHANGE_OVER;
	     action <= TRUSTPOINT_ACTION_EXPIRE; action++)
		assert_string_not_equal(trustpoint_action_name(action), "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_year_is_renewed_at_its_percentage),
		cmocka_unit_test(jitter_brings_it_forward_within_bounds),
		cmocka_unit_test(one_that_came_late_is_not_renewed_at_once),
		cmocka_unit_test(pauses_double_up_to_eight_hours),
		cmocka_unit_test(an_identity_that_ends_with_its_ca_is_shadowed),
		cmocka_unit_test(without_auto_enroll_the_ca_is_followed_at_ninety_percent),
		cmocka_unit_test(a_ca_without_a_shadow_is_asked_politely),
		cmocka_unit_test(after_the_cas_end_nothing_is_asked),
		cmocka_unit_test(before_the_ca_is_known_only_timers_run),
		cmocka_unit_test(an_enrolment_is_sent_and_polled_in_doubling_pauses),
		cmocka_unit_test(a_halt_stops_all_that_asks),
		cmocka_unit_test(what_came_by_hand_is_left_to_hands),
		cmocka_unit_test(usage_keys_are_renewed_each_by_itself),
		cmocka_unit_test(an_old_pair_goes_after_its_grace),
		cmocka_unit_test(two_pairs_never_have_one_label),
		cmocka_unit_test(a_key_that_something_needs_stays),
		cmocka_unit_test(a_pair_that_programs_use_stays_for_them),
		cmocka_unit_test(a_superseded_anchor_goes_with_its_last_identity),
		cmocka_unit_test(tries_that_find_nothing_are_paused_and_counted),
		cmocka_unit_test(a_try_of_a_clock_that_was_wrong_holds_nothing_up),
		cmocka_unit_test(what_is_left_out_gives_way_to_the_next),
		cmocka_unit_test(actions_have_the_names_of_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
