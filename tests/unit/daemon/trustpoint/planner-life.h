/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A trustpoint as it lives, for tests of the planner: what flow/ does for each action, effect by
 * effect, with a crash between any two, and a CA that rolls over, is away, makes wait, refuses and
 * loses answers. The CA's generations follow each other without end: number k lives from
 * LIFE_BIRTH + k lives on.
 */

#include "daemon/scep/client.h"
#include "daemon/trustpoint/enrollment.h"
#include "daemon/trustpoint/planner.h"
#include "daemon/trustpoint/usage.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LIFE_BIRTH  INT64_C(1500000000)
#define LIFE_DAY    INT64_C(86400)
#define LIFE_MANY   64
#define LIFE_KEYS   4096
#define LIFE_USAGES 4

enum life_ca { LIFE_CA_ANSWERS, LIFE_CA_AWAY, LIFE_CA_WAITS, LIFE_CA_REFUSES, LIFE_CA_LOSES };

/* What was asked and not answered for good: of one enrolment. */
struct life_asked {
	int64_t last_s;
	unsigned n;
	enum ca_enrollment_state state;
};

struct life {
	uint64_t random;
	int64_t now_s;
	struct trustpoint_policy policy;
	/* The CA. */
	enum life_ca ca;
	bool ca_is_bad; /* more often than not */
	int64_t ca_life_s, ca_overlap_s, certificate_life_s;
	/* The trustpoint. */
	struct ca_trustpoint_state state;
	struct ca_anchor_record anchors[LIFE_MANY];
	struct ca_identity_record identities[LIFE_MANY];
	struct ca_enrollment_record enrollments[LIFE_USAGES];
	int64_t last_id;
	bool key_stands[LIFE_KEYS]; /* by number, on the token */
	unsigned last_key, left_over[LIFE_USAGES];
	bool key_is_shared[LIFE_KEYS]; /* another trustpoint has it too */
	int64_t files[LIFE_USAGES];    /* whose certificates stand in them */
	bool disk_is_full;
	/* For the test. */
	int64_t well_since_s; /* since when the CA answered whatever it was asked */
	struct life_asked asked[LIFE_USAGES];
	bool crashes_at_all;
	unsigned crashes, installed, shadows, destroyed, refused, lost;
	int64_t irrevocable_s; /* the last act that no clock takes back */
};

static inline uint64_t life_draw(struct life *life, uint64_t below)
{
	life->random ^= life->random << 13;
	life->random ^= life->random >> 7;
	life->random ^= life->random << 17;
	return life->random % below;
}

/* Whether the daemon ends here; it is started again at once. */
static inline bool life_crash(struct life *life)
{
	if (!life->crashes_at_all || life_draw(life, 6) != 0)
		return false;
	life->crashes++;
	return true;
}

static inline int64_t life_generation(const struct life *life)
{
	return (life->now_s - LIFE_BIRTH) / life->ca_life_s;
}

static inline int64_t life_ca_from(const struct life *life, int64_t generation)
{
	return LIFE_BIRTH + generation * life->ca_life_s;
}

static inline unsigned life_key_of(const struct ca_key_place *place)
{
	return (unsigned)place->key_sha256[0] << 8 | place->key_sha256[1];
}

static inline void life_set_key(struct ca_key_place *place, unsigned key)
{
	place->key_sha256[0] = (uint8_t)(key >> 8);
	place->key_sha256[1] = (uint8_t)key;
}

/* Whose certificates the files should have. */
static inline void life_files(const struct life *life, int64_t ret[static LIFE_USAGES])
{
	for (int usage = 0; usage < LIFE_USAGES; usage++) {
		const struct ca_identity_record *active =
			ca_identity_active(&life->state, usage, life->now_s);
		ret[usage] = active ? active->id : 0;
	}
}

static inline struct trustpoint_plan life_next(const struct life *life,
					       const struct trustpoint_plan *except, size_t n)
{
	int64_t shared[LIFE_MANY];
	struct trustpoint_facts facts = {
		.state = &life->state, .policy = life->policy, .shared_keys = shared};
	int64_t files[LIFE_USAGES];

	life_files(life, files);
	facts.policy.export_due = memcmp(files, life->files, sizeof(files)) != 0;

	for (size_t i = 0; i < life->state.n_identities; i++)
		if (life->key_is_shared[life_key_of(&life->identities[i].key)])
			shared[facts.n_shared_keys++] = life->identities[i].id;
	return trustpoint_plan_next(&facts, except, n, life->now_s);
}

static inline struct ca_anchor_record *life_anchor(struct life *life, int64_t id)
{
	for (size_t i = 0; i < life->state.n_anchors; i++)
		if (life->anchors[i].id == id)
			return &life->anchors[i];
	fail_msg("no such anchor");
	return NULL;
}

static inline struct ca_identity_record *life_identity(struct life *life, int64_t id)
{
	for (size_t i = 0; i < life->state.n_identities; i++)
		if (life->identities[i].id == id)
			return &life->identities[i];
	fail_msg("no such identity");
	return NULL;
}

static inline struct ca_enrollment_record *life_enrollment(struct life *life, int64_t id)
{
	for (size_t i = 0; i < life->state.n_enrollments; i++)
		if (life->enrollments[i].id == id)
			return &life->enrollments[i];
	fail_msg("no such enrolment");
	return NULL;
}

#define LIFE_DROP(life, array, count, which)                                                       \
	do {                                                                                       \
		size_t at_ = (size_t)((which) - (life)->array);                                    \
		(life)->state.count--;                                                             \
		memmove(&(life)->array[at_], &(life)->array[at_ + 1],                              \
			((life)->state.count - at_) * sizeof((life)->array[0]));                   \
	} while (0)

static inline void life_forget_anchor(struct life *life, struct ca_anchor_record *anchor)
{
	for (size_t i = 0; i < life->state.n_identities; i++)
		assert_int_not_equal(life->identities[i].anchor_id, anchor->id);
	LIFE_DROP(life, anchors, n_anchors, anchor);
}

static inline void life_add_anchor(struct life *life, int64_t generation, int64_t takes_over_s)
{
	assert_true(life->state.n_anchors < 4);
	life->anchors[life->state.n_anchors++] = (struct ca_anchor_record){
		.id = ++life->last_id,
		.not_before_s = life_ca_from(life, generation),
		.not_after_s = life_ca_from(life, generation + 1),
		.accepted_s = life->now_s,
		.takes_over_s = takes_over_s,
	};
}

static inline bool life_fail(struct life *life)
{
	life->state.record.failures++;
	life->state.record.failed_s = life->now_s;
	return true;
}

/* Each: true where it was done, false where the daemon ended before. */

static inline bool life_do_change_over(struct life *life, const struct trustpoint_plan *plan)
{
	if (life_crash(life))
		return false;
	if (plan->usage)
		life_identity(life, plan->id)->changed_over_s = life->now_s;
	else
		life_anchor(life, plan->id)->changed_over_s = life->now_s;
	return true;
}

static inline bool life_do_export(struct life *life, const struct trustpoint_plan *plan)
{
	(void)plan;
	if (life_crash(life))
		return false;
	life_files(life, life->files);
	return true;
}

static inline bool life_do_authenticate(struct life *life, const struct trustpoint_plan *plan)
{
	(void)plan;
	if (life->ca == LIFE_CA_AWAY)
		return life_fail(life);
	if (life_crash(life))
		return false;
	life_add_anchor(life, life_generation(life), life->now_s);
	life->state.record.failures = 0;
	life->state.record.capabilities = SCEP_CAN_NEXT_CA | SCEP_CAN_RENEWAL;
	return true;
}

static inline bool life_do_destroy(struct life *life, const struct trustpoint_plan *plan)
{
	struct ca_identity_record *identity = life_identity(life, plan->id);
	unsigned key = life_key_of(&identity->key);

	assert_false(life->key_is_shared[key]);
	assert_ptr_not_equal(identity,
			     ca_identity_active(&life->state, identity->usage, life->now_s));
	assert_true(identity->takes_over_s <= life->now_s);
	assert_true(life->files[identity->usage] != identity->id ||
		    identity->not_after_s < life->now_s);
	if (life_crash(life))
		return false;
	life->key_stands[key] = false;
	life->irrevocable_s = life->now_s;
	if (life_crash(life))
		return false;
	identity->key_destroyed_s = life->now_s;
	life->destroyed++;
	return true;
}

static inline bool life_do_relabel(struct life *life, const struct trustpoint_plan *plan)
{
	struct ca_identity_record *identity = life_identity(life, plan->id);

	assert_true(life->key_stands[life_key_of(&identity->key)]);
	if (life_crash(life))
		return false;
	identity->relabelled_s = life->now_s;
	return true;
}

static inline bool life_do_forget(struct life *life, const struct trustpoint_plan *plan)
{
	if (life_crash(life))
		return false;
	life->irrevocable_s = life->now_s;
	if (!plan->usage) {
		struct ca_anchor_record *anchor = life_anchor(life, plan->id);
		assert_ptr_not_equal(anchor, ca_anchor_active(&life->state, life->now_s));
		life_forget_anchor(life, anchor);
	} else {
		struct ca_identity_record *identity = life_identity(life, plan->id);
		assert_ptr_not_equal(
			identity, ca_identity_active(&life->state, identity->usage, life->now_s));
		LIFE_DROP(life, identities, n_identities, identity);
	}
	return true;
}

static inline void life_halt(struct life *life, enum ca_trustpoint_halt halt)
{
	life->state.record.halt = halt;
	life->state.record.halted_s = life->now_s;
	life->refused++;
}

static inline void life_install(struct life *life, const struct ca_enrollment_record *enrollment)
{
	const struct ca_anchor_record *anchor = life_anchor(life, enrollment->anchor_id);
	int64_t from_s = life->now_s, until_s;

	if (enrollment->kind == CA_ENROLLMENT_SHADOW && anchor->not_before_s > from_s)
		from_s = anchor->not_before_s;
	until_s = from_s + life->certificate_life_s;
	if (until_s > anchor->not_after_s)
		until_s = anchor->not_after_s;
	assert_true(life->state.n_identities < LIFE_MANY);
	life->identities[life->state.n_identities++] = (struct ca_identity_record){
		.id = ++life->last_id,
		.usage = enrollment->usage,
		.anchor_id = anchor->id,
		.key = enrollment->key,
		.not_before_s = from_s,
		.not_after_s = until_s,
		.takes_over_s = from_s,
		.relabelled_s = enrollment->key_is_new ? 0 : life->now_s,
		.jitter = (unsigned)life_draw(life, 65536),
	};
	life->installed++;
	life->shadows += enrollment->kind == CA_ENROLLMENT_SHADOW;
}

static inline bool life_happen(struct life *life, struct ca_enrollment_record *enrollment,
			       enum trustpoint_event event)
{
	struct trustpoint_step step =
		trustpoint_enrollment_step(enrollment->state, event, enrollment->key_is_new);
	const unsigned key = life_key_of(&enrollment->key);

	if (life_crash(life))
		return false;
	if (step.effects & TRUSTPOINT_EFFECT_DESTROY && !life->key_is_shared[key]) {
		life->key_stands[key] = false;
		if (life_crash(life))
			return false;
	}
	if (step.effects & TRUSTPOINT_EFFECT_COUNT)
		enrollment->tries++;
	if (step.effects & TRUSTPOINT_EFFECT_RECOUNT)
		enrollment->tries = 0;
	if (step.effects & (TRUSTPOINT_EFFECT_COUNT | TRUSTPOINT_EFFECT_RECOUNT))
		enrollment->tried_s = life->now_s;
	if (step.effects & TRUSTPOINT_EFFECT_INSTALL)
		life_install(life, enrollment);
	if (step.effects & TRUSTPOINT_EFFECT_REJECT)
		life_halt(life, CA_TRUSTPOINT_REJECTED);
	if (step.effects & TRUSTPOINT_EFFECT_EXHAUST)
		life_halt(life, CA_TRUSTPOINT_EXHAUSTED);
	if (step.effects & TRUSTPOINT_EFFECT_DROP)
		LIFE_DROP(life, enrollments, n_enrollments, enrollment);
	else
		enrollment->state = step.next;
	return true;
}

/* Never sooner than the pauses say, but for a clock that was set back. */
static inline void life_check_pause(struct life *life,
				    const struct ca_enrollment_record *enrollment)
{
	struct life_asked *asked = &life->asked[enrollment->usage];
	unsigned n = enrollment->state == CA_ENROLLMENT_PENDING ? enrollment->tries + 1
								: enrollment->tries;

	assert_int_equal(life->state.record.halt, CA_TRUSTPOINT_GOES_ON);
	assert_true(enrollment->tries < life->policy.retry_count);
	if (n && enrollment->tried_s <= life->now_s)
		assert_true(life->now_s - enrollment->tried_s >=
			    trustpoint_pause_s(n, life->policy.retry_period_s));
	asked->last_s = life->now_s;
}

static inline bool life_do_send(struct life *life, const struct trustpoint_plan *plan)
{
	static const enum trustpoint_event events[] = {
		[LIFE_CA_ANSWERS] = TRUSTPOINT_EVENT_GRANTED,
		[LIFE_CA_AWAY] = TRUSTPOINT_EVENT_NO_ANSWER,
		[LIFE_CA_WAITS] = TRUSTPOINT_EVENT_WAITS,
		[LIFE_CA_REFUSES] = TRUSTPOINT_EVENT_REJECTED,
		[LIFE_CA_LOSES] = TRUSTPOINT_EVENT_BAD_ANSWER,
	};
	struct ca_enrollment_record *enrollment = life_enrollment(life, plan->id);

	if (!life->key_stands[life_key_of(&enrollment->key)]) {
		assert_true(enrollment->key_is_new);
		life->lost++;
		return life_happen(life, enrollment, TRUSTPOINT_EVENT_KEY_LOST);
	}
	life_check_pause(life, enrollment);
	/* The answer is enveloped to the signer's key. */
	if (enrollment->signer_id)
		assert_true(life->key_stands[life_key_of(
			&life_identity(life, enrollment->signer_id)->key)]);
	if (life_crash(life))
		return false;
	return life_happen(life, enrollment, events[life->ca]);
}

static inline bool life_do_time_out(struct life *life, const struct trustpoint_plan *plan)
{
	struct ca_enrollment_record *enrollment;

	if (!plan->id) {
		life_halt(life, CA_TRUSTPOINT_EXHAUSTED);
		return true;
	}
	enrollment = life_enrollment(life, plan->id);
	return life_happen(life, enrollment,
			   trustpoint_give_up_event(&life->state, enrollment, life->now_s));
}

/* The key for an enrolment: a left-over one, the one in use, or a new one; 0 after a crash. */
static inline unsigned life_find_key(struct life *life, int usage, bool *ret_is_new)
{
	const struct ca_identity_record *identity =
		ca_identity_active(&life->state, usage, life->now_s);

	*ret_is_new = true;
	if (life->left_over[usage])
		return life->left_over[usage];
	if (identity && !life->policy.regenerates) {
		*ret_is_new = false;
		return life_key_of(&identity->key);
	}
	if (life_crash(life))
		return 0;
	assert_true(life->last_key + 1 < LIFE_KEYS);
	life->key_stands[++life->last_key] = true;
	life->left_over[usage] = life->last_key;
	return life_crash(life) ? 0 : life->last_key;
}

static inline bool life_begin(struct life *life, int usage, enum ca_enrollment_kind kind,
			      int64_t anchor_id)
{
	const struct ca_identity_record *identity =
		ca_identity_active(&life->state, usage, life->now_s);
	struct ca_enrollment_record enrollment = {
		.usage = usage,
		.kind = kind,
		.state = CA_ENROLLMENT_MADE,
		.anchor_id = anchor_id,
		.signer_id = kind == CA_ENROLLMENT_FIRST ? 0 : identity->id,
		.created_s = life->now_s,
	};
	unsigned key = life_find_key(life, usage, &enrollment.key_is_new);

	if (!key)
		return false;
	assert_null(ca_enrollment_of(&life->state, usage));
	assert_true(life->key_stands[key]);
	enrollment.id = ++life->last_id;
	life_set_key(&enrollment.key, key);
	life->enrollments[life->state.n_enrollments++] = enrollment;
	life->left_over[usage] = 0;
	life->state.record.failures = 0;
	return !life_crash(life);
}

/* Not of what ends with its CA, which is shadowed, nor while another is waiting. */
static inline void life_check_renewal(const struct life *life, int usage)
{
	const struct ca_anchor_record *anchor = ca_anchor_active(&life->state, life->now_s);
	const struct ca_identity_record *identity =
		ca_identity_active(&life->state, usage, life->now_s);
	const struct ca_identity_record *next = ca_identity_next(&life->state, usage, life->now_s);

	assert_int_equal(life->state.record.halt, CA_TRUSTPOINT_GOES_ON);
	if (!identity || identity->not_after_s < life->now_s)
		return;
	assert_true(!next || next->takes_over_s > identity->not_after_s + 1);
	if (anchor && identity->anchor_id == anchor->id)
		assert_true(identity->not_after_s < anchor->not_after_s);
}

static inline bool life_do_renew(struct life *life, const struct trustpoint_plan *plan)
{
	const struct ca_anchor_record *anchor = ca_anchor_active(&life->state, life->now_s);

	life_check_renewal(life, plan->usage);
	if (!anchor || life->ca == LIFE_CA_AWAY)
		return life_fail(life);
	return life_begin(life, plan->usage,
			  trustpoint_enrollment_kind_for(&life->state, plan->usage, life->now_s),
			  anchor->id);
}

static inline bool life_do_next_ca(struct life *life)
{
	const struct ca_anchor_record *active = ca_anchor_active(&life->state, life->now_s);
	struct ca_trustpoint_record *record = &life->state.record;
	int64_t generation = (active->not_after_s - LIFE_BIRTH) / life->ca_life_s;

	if (life->ca == LIFE_CA_AWAY || life->ca == LIFE_CA_LOSES)
		return life_fail(life);
	record->failures = 0;
	if (life->now_s < active->not_after_s - life->ca_overlap_s) {
		if (record->next_ca_misses && record->next_ca_missed_s <= life->now_s)
			assert_true(life->now_s - record->next_ca_missed_s >=
				    life->policy.retry_period_s);
		record->next_ca_misses++;
		record->next_ca_missed_s = life->now_s;
		return true;
	}
	if (life_crash(life))
		return false;
	life_add_anchor(life, generation, active->not_after_s);
	record->next_ca_misses = 0;
	return true;
}

static inline bool life_do_shadow(struct life *life, const struct trustpoint_plan *plan)
{
	assert_int_equal(life->state.record.halt, CA_TRUSTPOINT_GOES_ON);
	if (!plan->usage)
		return life_do_next_ca(life);
	if (life->ca == LIFE_CA_AWAY)
		return life_fail(life);
	return life_begin(life, plan->usage, CA_ENROLLMENT_SHADOW, plan->id);
}

static inline bool life_act(struct life *life, const struct trustpoint_plan *plan)
{
	static bool (*const acts[])(struct life *, const struct trustpoint_plan *) = {
		[TRUSTPOINT_ACTION_CHANGE_OVER] = life_do_change_over,
		[TRUSTPOINT_ACTION_EXPORT] = life_do_export,
		[TRUSTPOINT_ACTION_AUTHENTICATE] = life_do_authenticate,
		[TRUSTPOINT_ACTION_SEND] = life_do_send,
		[TRUSTPOINT_ACTION_POLL] = life_do_send,
		[TRUSTPOINT_ACTION_TIME_OUT] = life_do_time_out,
		[TRUSTPOINT_ACTION_RENEW] = life_do_renew,
		[TRUSTPOINT_ACTION_SHADOW] = life_do_shadow,
		[TRUSTPOINT_ACTION_RELABEL_KEY] = life_do_relabel,
		[TRUSTPOINT_ACTION_DESTROY_KEY] = life_do_destroy,
		[TRUSTPOINT_ACTION_FORGET] = life_do_forget,
		[TRUSTPOINT_ACTION_EXPIRE] = NULL,
	};

	/* What nothing is done for must never be due. */
	assert_non_null(acts[plan->action]);
	return acts[plan->action](life, plan);
}

/* Does all that is due, crashes and all; what comes next. */
static inline struct trustpoint_plan life_settle(struct life *life)
{
	const struct trustpoint_plan export = {.action = TRUSTPOINT_ACTION_EXPORT};

	for (unsigned i = 0; i < 1000; i++) {
		struct trustpoint_plan plan = life_next(life, &export, life->disk_is_full);

		if (!plan.action || plan.when_s > life->now_s)
			return plan;
		(void)life_act(life, &plan);
	}
	fail_msg("it never comes to rest");
	return (struct trustpoint_plan){};
}
