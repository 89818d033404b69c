/* SPDX-License-Identifier: Apache-2.0 */
/* Twenty years of a trustpoint, sixty times: what holds whatever befalls it. */
#include "tests/unit/daemon/trustpoint/planner-life.h"

#define DAY  LIFE_DAY
#define HOUR INT64_C(3600)

static bool is_wanted(const struct life *life, int usage)
{
	return trustpoint_wants(life->policy.usage_keys, usage);
}

/* Every key that something may still be asked of is there. */
static void check_keys(const struct life *life)
{
	for (int usage = 1; usage < LIFE_USAGES; usage++) {
		const struct ca_identity_record *active =
			ca_identity_active(&life->state, usage, life->now_s);
		const struct ca_identity_record *next =
			ca_identity_next(&life->state, usage, life->now_s);
		const struct ca_enrollment_record *enrollment =
			ca_enrollment_of(&life->state, usage);

		assert_true(!active || life->key_stands[life_key_of(&active->key)]);
		assert_true(!next || life->key_stands[life_key_of(&next->key)]);
		assert_true(!enrollment || life->key_stands[life_key_of(&enrollment->key)]);
		if (enrollment && enrollment->signer_id)
			assert_non_null(ca_identity_find(&life->state, enrollment->signer_id));
	}
}

/* Nothing piles up, in the database or on the token. */
static void check_rest(const struct life *life)
{
	unsigned standing = 0;

	assert_true(life->state.n_anchors <= 3);
	assert_true(life->state.n_enrollments <= 2);
	/* What files name that can't be written stays until it ends. */
	if (life->disk_is_full)
		return;
	assert_true(life->state.n_identities <= 8);
	for (unsigned i = 1; i <= life->last_key; i++)
		standing += life->key_stands[i] && !life->key_is_shared[i];
	assert_true(standing <= 10);
}

/* The pauses are eight hours at most: a day after the CA answers again all is well, but for what
 * waits for an operator. */
static void check_in_force(const struct life *life)
{
	const struct ca_anchor_record *anchor = ca_anchor_active(&life->state, life->now_s);

	if (life->now_s - life->well_since_s < DAY)
		return;
	assert_non_null(anchor);
	assert_in_range(life->now_s, anchor->not_before_s, anchor->not_after_s);
	for (int usage = 1; usage < LIFE_USAGES; usage++) {
		const struct ca_identity_record *identity =
			ca_identity_active(&life->state, usage, life->now_s);
		if (!is_wanted(life, usage))
			continue;
		assert_non_null(identity);
		assert_in_range(life->now_s, identity->not_before_s, identity->not_after_s);
	}
}

static void check_invariants(const struct life *life, const struct trustpoint_plan *next)
{
	assert_true(!next->action || next->when_s > life->now_s);
	check_keys(life);
	check_rest(life);
	check_in_force(life);
}

static void unwell(struct life *life)
{
	life->well_since_s = life->now_s;
}

/* `trustpoint authenticate`, then `trustpoint enroll`: what an operator does who is told. */
static void help(struct life *life)
{
	struct ca_trustpoint_record *record = &life->state.record;

	if (life->ca != LIFE_CA_ANSWERS)
		return;
	if (record->halt) {
		record->halt = CA_TRUSTPOINT_GOES_ON;
		record->failures = 0;
		unwell(life);
	}
	if (life->state.n_anchors && trustpoint_needs_authenticate(&life->state, life->now_s)) {
		life_add_anchor(life, life_generation(life), life->now_s);
		record->failures = record->next_ca_misses = 0;
		unwell(life);
	}
}

/* A clock that is set back over an act which can't be undone is believed no more. */
static void go_back(struct life *life, int64_t by_s)
{
	if (life->now_s - by_s <= life->irrevocable_s ||
	    life->now_s - by_s <= life->anchors[0].takes_over_s || !life->state.n_anchors)
		return;
	life->now_s -= by_s;
	unwell(life);
}

/* A clock that is wrong for a while. */
static void go_astray(struct life *life)
{
	int64_t by_s = (int64_t)life_draw(life, 10 * 86400);

	life->now_s += by_s;
	(void)life_settle(life);
	go_back(life, by_s);
	unwell(life);
}

static void befall(struct life *life)
{
	uint64_t which = life_draw(life, 40);

	if (life_draw(life, life->ca_is_bad ? 10 : 3) == 0) {
		if (life->ca != LIFE_CA_ANSWERS)
			unwell(life);
		life->ca = LIFE_CA_ANSWERS;
	} else if (which == 0 || (which < 10 && life->ca_is_bad)) {
		life->ca = 1 + (enum life_ca)life_draw(life, LIFE_CA_LOSES);
	} else if (which == 11) {
		go_astray(life);
	} else if (which == 12) {
		go_back(life, (int64_t)life_draw(life, 3 * 3600));
	} else if (which == 13) {
		life->policy.regenerates = life_draw(life, 2);
	}
	if (life_draw(life, 20) == 0)
		life->disk_is_full = life_draw(life, 3) == 0;
	if (life->ca != LIFE_CA_ANSWERS)
		unwell(life);
	help(life);
}

/* On to the plan at its second, or to some moment before it, or far beyond while all is down. */
static void go_on(struct life *life, const struct trustpoint_plan *next)
{
	int64_t gap_s =
		next->action && next->when_s > life->now_s ? next->when_s - life->now_s : 5 * DAY;
	uint64_t how = life_draw(life, 40);

	if (how == 0) {
		life->now_s += (int64_t)life_draw(life, 40 * 86400);
		unwell(life);
	} else if (how < 8) {
		life->now_s += (int64_t)life_draw(life, (uint64_t)gap_s) + 1;
	} else {
		life->now_s += gap_s;
	}
	/* Not well was what lay between. */
	if (life->ca != LIFE_CA_ANSWERS)
		unwell(life);
}

static void begin(struct life *life, uint64_t seed)
{
	static const unsigned percents[] = {10, 50, 80, 90, 100};

	memset(life, 0, sizeof(*life));
	life->random = seed * UINT64_C(0x9e3779b97f4a7c15);
	life->now_s = life->well_since_s = LIFE_BIRTH + 1;
	life->ca_is_bad = seed % 5 == 0;
	life->ca_life_s = 100 * DAY + (int64_t)life_draw(life, 900 * 86400);
	life->ca_overlap_s = life->ca_life_s * (15 + (int64_t)life_draw(life, 25)) / 100;
	life->certificate_life_s = 10 * DAY + (int64_t)life_draw(life, 400 * 86400);
	life->policy = (struct trustpoint_policy){
		.by_scep = true,
		.authenticates = true,
		.usage_keys = life_draw(life, 3) == 0,
		.percent = percents[life_draw(life, ELEMENTS(percents))],
		.regenerates = life_draw(life, 2),
		.retry_count = life_draw(life, 3) ? 999 : 5,
		.retry_period_s = 60 * (1 + (int64_t)life_draw(life, 60)),
	};
	life->state.anchors = life->anchors;
	life->state.identities = life->identities;
	life->state.enrollments = life->enrollments;
}

static void twenty_years_of_anything(void **state)
{
	static struct life life;
	unsigned installed = 0, shadows = 0, crashes = 0, destroyed = 0, refused = 0, lost = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		begin(&life, seed);
		life.crashes_at_all = seed % 4 != 0;
		while (life.now_s < LIFE_BIRTH + 20 * 365 * DAY) {
			struct trustpoint_plan next = life_settle(&life);

			check_invariants(&life, &next);
			go_on(&life, &next);
			befall(&life);
			if (life_draw(&life, 200) == 0 && life.last_key)
				life.key_is_shared[life.last_key] = true;
		}
		installed += life.installed;
		shadows += life.shadows;
		crashes += life.crashes;
		destroyed += life.destroyed;
		refused += life.refused;
		lost += life.lost;
	}
	assert_true(installed > 60 * 20);
	assert_true(shadows > 60 * 2);
	assert_true(destroyed > 60 * 5);
	assert_true(refused > 60);
	assert_true(lost > 10);
	assert_true(crashes > 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(twenty_years_of_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
