/* SPDX-License-Identifier: Apache-2.0 */
/* When a server's own trustpoint asks for what succeeds the server's certificate. */
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
#define CA_END (BIRTH + 1095 * DAY)
#define END    (BIRTH + 365 * DAY)

struct world {
	struct ca_trustpoint_state state;
	struct ca_anchor_record anchors[3];
	struct ca_identity_record identities[4];
	struct ca_enrollment_record enrollments[2];
	struct trustpoint_facts facts;
};

/* A subordinate of a year, with an overlap of thirty days, below a CA of three. */
static struct world *begin(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->anchors[0] = (struct ca_anchor_record){.id = 1,
						  .not_before_s = BIRTH,
						  .not_after_s = CA_END,
						  .takes_over_s = BIRTH,
						  .changed_over_s = BIRTH};
	w->identities[0] = (struct ca_identity_record){.id = 11,
						       .usage = 1,
						       .anchor_id = 1,
						       .key.key_sha256 = {1},
						       .not_before_s = BIRTH,
						       .not_after_s = END,
						       .takes_over_s = BIRTH,
						       .changed_over_s = BIRTH,
						       .jitter = 65535};
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
			   .retry_count = 3,
			   .retry_period_s = MINUTE,
			   .serves = true,
			   .is_ca = true,
			   .is_wanted = true,
			   .overlap_s = 30 * DAY},
	};
	return w;
}

static struct ca_identity_record *add_identity(struct world *w, int64_t from_s, int64_t until_s)
{
	struct ca_identity_record *identity = &w->identities[w->state.n_identities++];

	*identity = w->identities[0];
	identity->id = 10 + (int64_t)w->state.n_identities;
	identity->key.key_sha256[0] = (uint8_t)w->state.n_identities;
	identity->not_before_s = identity->takes_over_s = from_s;
	identity->not_after_s = until_s;
	identity->changed_over_s = 0;
	return identity;
}

static void add_next_ca(struct world *w)
{
	w->anchors[w->state.n_anchors++] =
		(struct ca_anchor_record){.id = 2,
					  .not_before_s = CA_END,
					  .not_after_s = CA_END + 1095 * DAY,
					  .takes_over_s = CA_END};
}

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

static void it_enrols_once_its_server_is_created(void **state)
{
	struct world world, *w = begin(&world);

	(void)state;
	w->state.n_identities = 0;
	w->facts.policy.overlap_s = 0;
	w->facts.policy.is_stopped = true;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1, BIRTH);
	w->facts.policy.is_wanted = false;
	check_none(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1);
	check_none(w, BIRTH, TRUSTPOINT_ACTION_SHADOW, 0);
	w->state.n_anchors = 0;
	w->facts.policy.authenticates = true;
	check_none(w, BIRTH, TRUSTPOINT_ACTION_AUTHENTICATE, 0);
	w->facts.policy.is_wanted = true;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_AUTHENTICATE, 0, BIRTH);
}

/* Whatever percent and jitter of a router's there are. */
static void it_is_renewed_its_overlap_before_its_end(void **state)
{
	struct world world, *w = begin(&world);

	(void)state;
	w->facts.policy.percent = 50;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1, END - 30 * DAY);
	check_none(w, BIRTH, TRUSTPOINT_ACTION_SHADOW, 1);
	w->facts.policy.overlap_s = 400 * DAY;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1, BIRTH);
	w->facts.policy.overlap_s = 0;
	check_none(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1);
	check_at(w, END + DAY, TRUSTPOINT_ACTION_RENEW, 1, END + 1);
	/* The one that came waits for the end: nothing more is asked for. */
	w->facts.policy.overlap_s = 30 * DAY;
	add_identity(w, END, END + 335 * DAY);
	check_none(w, END - 20 * DAY, TRUSTPOINT_ACTION_SHADOW, 1);
	check_at(w, END - 20 * DAY, TRUSTPOINT_ACTION_RENEW, 1, END + 305 * DAY);
	/* With an overlap as long as a life, each from the one before's turn on. */
	w->facts.policy.overlap_s = 400 * DAY;
	check_at(w, END - 20 * DAY, TRUSTPOINT_ACTION_RENEW, 1, END);
}

static void one_that_ends_with_its_superior_is_asked_of_the_next(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = CA_END - 20 * DAY;

	(void)state;
	w->identities[0].not_after_s = CA_END;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_SHADOW, 0, CA_END - 30 * DAY);
	check_none(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1);
	check_none(w, now_s, TRUSTPOINT_ACTION_SHADOW, 1);
	add_next_ca(w);
	check_none(w, now_s, TRUSTPOINT_ACTION_SHADOW, 0);
	check_at(w, now_s, TRUSTPOINT_ACTION_SHADOW, 1, CA_END - 30 * DAY);
	assert_int_equal(find(w, now_s, TRUSTPOINT_ACTION_SHADOW, 1).id, 2);
	check_none(w, now_s, TRUSTPOINT_ACTION_RENEW, 1);
	/* One that outlives its superior is of no use after it. */
	w->identities[0].not_after_s = CA_END + 500 * DAY;
	check_at(w, now_s, TRUSTPOINT_ACTION_SHADOW, 1, CA_END - 30 * DAY);
	w->identities[0].not_after_s = CA_END;
	add_identity(w, CA_END, CA_END + 365 * DAY)->anchor_id = 2;
	check_none(w, now_s, TRUSTPOINT_ACTION_SHADOW, 1);
	check_none(w, now_s, TRUSTPOINT_ACTION_RENEW, 1);
	check_at(w, CA_END, TRUSTPOINT_ACTION_RENEW, 1, CA_END + 335 * DAY);
}

/* The rest of its superior's life is shorter than the overlap: what bridges it is no reason to
 * wait with what comes after. */
static void a_short_bridge_holds_the_next_superior_up_for_nothing(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t end_s = CA_END - 5 * DAY;

	(void)state;
	w->identities[0].not_after_s = end_s;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1, end_s - 30 * DAY);
	add_next_ca(w);
	check_none(w, end_s - DAY, TRUSTPOINT_ACTION_SHADOW, 1);
	add_identity(w, end_s, CA_END);
	check_at(w, end_s - 25 * DAY, TRUSTPOINT_ACTION_SHADOW, 1, CA_END - 30 * DAY);
	check_none(w, end_s - 25 * DAY, TRUSTPOINT_ACTION_RENEW, 1);
	/* Both are here. */
	add_identity(w, CA_END, CA_END + 365 * DAY)->anchor_id = 2;
	check_none(w, end_s - 25 * DAY, TRUSTPOINT_ACTION_SHADOW, 1);
	check_none(w, end_s - 25 * DAY, TRUSTPOINT_ACTION_RENEW, 1);
	/* The bridge was cancelled: what comes after it leaves a gap. */
	w->identities[1] = w->identities[2];
	w->state.n_identities = 2;
	check_at(w, end_s - 25 * DAY, TRUSTPOINT_ACTION_RENEW, 1, end_s - 30 * DAY);
}

static void a_wish_is_done_at_once(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = BIRTH + 100 * DAY;

	(void)state;
	w->facts.policy.wish_s = now_s - 5;
	check_at(w, now_s, TRUSTPOINT_ACTION_RENEW, 1, now_s - 5);
	w->facts.policy.overlap_s = 0;
	check_at(w, now_s, TRUSTPOINT_ACTION_RENEW, 1, now_s - 5);
	/* Of a clock that was ahead. */
	w->facts.policy.wish_s = now_s + DAY;
	check_at(w, now_s, TRUSTPOINT_ACTION_RENEW, 1, now_s);
	/* Overtaken. */
	w->facts.policy.wish_s = BIRTH - 1;
	check_none(w, now_s, TRUSTPOINT_ACTION_RENEW, 1);
	/* Done, and not yet taken back. */
	w->facts.policy.wish_s = now_s - 5;
	add_identity(w, END, END + 365 * DAY);
	check_none(w, now_s, TRUSTPOINT_ACTION_RENEW, 1);
	/* With the superior's end, where its successor is needed first. */
	w->state.n_identities = 1;
	w->identities[0].not_after_s = CA_END;
	check_none(w, now_s, TRUSTPOINT_ACTION_RENEW, 1);
	check_at(w, now_s, TRUSTPOINT_ACTION_SHADOW, 0, now_s - 5);
	add_next_ca(w);
	check_at(w, now_s, TRUSTPOINT_ACTION_SHADOW, 1, now_s - 5);
	/* A stopped one has no successor made. */
	w->facts.policy.is_stopped = true;
	check_none(w, now_s, TRUSTPOINT_ACTION_SHADOW, 1);
}

static void after_a_cancel_it_comes_again_half_way(void **state)
{
	struct world world, *w = begin(&world);

	(void)state;
	w->facts.policy.cancelled_s = END - 20 * DAY;
	check_at(w, END - 20 * DAY, TRUSTPOINT_ACTION_RENEW, 1, END - 10 * DAY);
	w->facts.policy.cancelled_s = END - 200 * DAY;
	check_at(w, END - 20 * DAY, TRUSTPOINT_ACTION_RENEW, 1, END - 30 * DAY);
	w->facts.policy.cancelled_s = BIRTH - DAY;
	check_at(w, END - 20 * DAY, TRUSTPOINT_ACTION_RENEW, 1, END - 30 * DAY);
}

static void it_never_gives_up(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = END - 20 * DAY;

	(void)state;
	w->state.record.failures = 5000;
	w->state.record.failed_s = now_s;
	check_none(w, now_s, TRUSTPOINT_ACTION_TIME_OUT, 0);
	check_at(w, now_s, TRUSTPOINT_ACTION_RENEW, 1, now_s + 8 * HOUR);
	w->enrollments[0] = (struct ca_enrollment_record){.id = 5,
							  .usage = 1,
							  .anchor_id = 1,
							  .state = CA_ENROLLMENT_PENDING,
							  .tries = 5000,
							  .tried_s = now_s};
	w->state.n_enrollments = 1;
	check_at(w, now_s, TRUSTPOINT_ACTION_POLL, 1, now_s + 8 * HOUR);
	check_at(w, now_s, TRUSTPOINT_ACTION_TIME_OUT, 1, CA_END + 1);
	/* What an operator has to look at is left to him. */
	w->state.record.halt = CA_TRUSTPOINT_REJECTED;
	check_none(w, now_s, TRUSTPOINT_ACTION_POLL, 1);
}

static void its_keys_are_the_servers(void **state)
{
	struct world world, *w = begin(&world);

	(void)state;
	w->identities[0].relabelled_s = 0;
	check_none(w, BIRTH, TRUSTPOINT_ACTION_RELABEL_KEY, 1);
	add_identity(w, END, END + 365 * DAY);
	check_none(w, END, TRUSTPOINT_ACTION_FORGET, 1);
	w->identities[1].changed_over_s = END;
	check_none(w, END, TRUSTPOINT_ACTION_DESTROY_KEY, 1);
	check_at(w, END, TRUSTPOINT_ACTION_FORGET, 1, END + HOUR);
	assert_int_equal(find(w, END, TRUSTPOINT_ACTION_FORGET, 1).id, 11);
}

/* Its exchange certificate takes over at once, so that the next is asked for by the new one's end.
 */
static void an_ra_is_renewed_at_most_twice_in_a_life(void **state)
{
	struct world world, *w = begin(&world);

	(void)state;
	w->facts.policy.is_ca = false;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1, END - 30 * DAY);
	w->facts.policy.overlap_s = 365 * DAY;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_RENEW, 1, BIRTH + 365 * DAY / 2);
	/* It came late in its life. */
	w->identities[0].takes_over_s = END - 10 * DAY;
	check_at(w, END, TRUSTPOINT_ACTION_RENEW, 1, END - 5 * DAY);
	/* Its clients ask it for the CA that is to come, however long its own has. */
	w->identities[0].takes_over_s = BIRTH;
	w->facts.policy.overlap_s = 20 * DAY;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_SHADOW, 0, CA_END - 20 * DAY);
	w->facts.policy.overlap_s = 0;
	check_at(w, BIRTH, TRUSTPOINT_ACTION_SHADOW, 0, BIRTH + 1971 * 12 * HOUR);
}

/* The superior succeeded itself at once, and an operator accepted the new one. */
static void below_another_superior_it_is_asked_for_at_once(void **state)
{
	struct world world, *w = begin(&world);
	const int64_t now_s = BIRTH + 100 * DAY;

	(void)state;
	add_next_ca(w);
	w->anchors[1].takes_over_s = w->anchors[1].not_before_s = now_s;
	check_at(w, now_s + 10, TRUSTPOINT_ACTION_RENEW, 1, now_s);
	check_none(w, now_s + 10, TRUSTPOINT_ACTION_FORGET, 0);
	add_identity(w, END, now_s + 365 * DAY)->anchor_id = 2;
	check_at(w, now_s + 10, TRUSTPOINT_ACTION_RENEW, 1, now_s + 335 * DAY);
	/* A stopped one waits. */
	w->state.n_identities = 1;
	w->facts.policy.is_stopped = true;
	check_none(w, now_s + 10, TRUSTPOINT_ACTION_RENEW, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_enrols_once_its_server_is_created),
		cmocka_unit_test(it_is_renewed_its_overlap_before_its_end),
		cmocka_unit_test(one_that_ends_with_its_superior_is_asked_of_the_next),
		cmocka_unit_test(a_short_bridge_holds_the_next_superior_up_for_nothing),
		cmocka_unit_test(a_wish_is_done_at_once),
		cmocka_unit_test(after_a_cancel_it_comes_again_half_way),
		cmocka_unit_test(it_never_gives_up),
		cmocka_unit_test(its_keys_are_the_servers),
		cmocka_unit_test(an_ra_is_renewed_at_most_twice_in_a_life),
		cmocka_unit_test(below_another_superior_it_is_asked_for_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
