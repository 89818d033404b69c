/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A server as it lives, for tests of the planner: what flow/ does for each action, effect by
 * effect, with a crash between any two, tokens and archives that are away, and what the operator
 * does.
 */

#include "daemon/ca/crl.h"
#include "daemon/ca/rollover.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DAY  INT64_C(86400)
#define HOUR INT64_C(3600)

#define LIFE_GENERATIONS 256
#define LIFE_AHEAD	 64

struct life_crl {
	uint64_t number;
	int64_t this_update_s, next_update_s;
	unsigned signer; /* number of the generation */
	uint64_t revision;
};

struct life {
	uint64_t random;
	int64_t now_s;
	struct ca_plan_policy policy;
	bool token, archive; /* reachable, writable */
	struct ca_server_record server;
	struct ca_generation_record generations[LIFE_GENERATIONS];
	bool key_stands[LIFE_GENERATIONS]; /* on the token, whatever the record says */
	bool left_over;			   /* a key that no record knows */
	size_t n;
	struct life_crl ahead[LIFE_AHEAD];
	size_t n_ahead;
	int64_t requests_end_s;
	/* Files, which follow the records. */
	unsigned public_active, public_next;
	/* For the test. */
	unsigned promised; /* whose first CRL stands ahead: no token is needed any more */
	unsigned change_overs, crashes, destroyed;
	bool crashes_at_all;
};

static inline uint64_t life_draw(struct life *life, uint64_t below)
{
	life->random ^= life->random << 13;
	life->random ^= life->random >> 7;
	life->random ^= life->random << 17;
	return life->random % below;
}

static inline struct ca_plan_facts life_facts(const struct life *life)
{
	return (struct ca_plan_facts){.server = &life->server,
				      .generations = life->generations,
				      .n_generations = life->n,
				      .policy = life->policy,
				      .first_request_expiry_s = life->requests_end_s};
}

static inline struct ca_generation_record *life_find(struct life *life, unsigned number)
{
	assert_in_range(number, 1, life->n);
	return &life->generations[number - 1];
}

static inline const struct ca_generation_record *life_active(const struct life *life, int64_t at_s)
{
	return ca_generation_active(life->generations, life->n, at_s);
}

static inline const struct ca_generation_record *life_shadow(const struct life *life)
{
	return ca_generation_shadow(life->generations, life->n, life->now_s);
}

/* What is written from the records, after a change and at a start. */
static inline void life_publish(struct life *life)
{
	const struct ca_generation_record *active = life_active(life, life->now_s);
	const struct ca_generation_record *shadow = life_shadow(life);

	life->public_active = active ? active->number : 0;
	life->public_next = shadow && shadow->available_s ? shadow->number : 0;
}

/* Whether the daemon ends here; it is started again at once. */
static inline bool life_crash(struct life *life)
{
	if (!life->crashes_at_all || life_draw(life, 6) != 0)
		return false;
	life->crashes++;
	life_publish(life);
	return true;
}

static inline void life_note_ahead(struct life *life)
{
	const struct life_crl *last = life->n_ahead ? &life->ahead[life->n_ahead - 1] : NULL;

	life->server.ahead_first_s = last ? life->ahead[0].this_update_s : 0;
	life->server.ahead_last_s = last ? last->this_update_s : 0;
	life->server.ahead_next_update_s = last ? last->next_update_s : 0;
	life->server.ahead_revision = last ? last->revision : 0;
}

static inline void life_drop_ahead(struct life *life)
{
	life->n_ahead = 0;
	life_note_ahead(life);
}

/* In the place of the newest, which stays the own one of its generation. */
static inline void life_put_in_force(struct life *life, const struct life_crl *crl)
{
	struct ca_server_record *server = &life->server;

	if (server->crl_number && server->crl_generation_id != crl->signer) {
		struct ca_generation_record *former =
			life_find(life, (unsigned)server->crl_generation_id);

		if (server->crl_number > former->own_crl_number) {
			former->own_crl_number = server->crl_number;
			former->own_crl_this_update_s = server->crl_this_update_s;
			former->own_crl_next_update_s = server->crl_next_update_s;
			former->own_crl_revision = server->crl_revision;
		}
	}
	server->crl_number = crl->number;
	server->crl_this_update_s = crl->this_update_s;
	server->crl_next_update_s = crl->next_update_s;
	server->crl_generation_id = crl->signer;
	server->crl_revision = crl->revision;
}

static inline struct life_crl life_sign(struct life *life, int64_t this_update_s, unsigned signer)
{
	assert_true(life->key_stands[signer - 1]);
	return (struct life_crl){++life->server.crl_last_number, this_update_s,
				 this_update_s + life->policy.crl_lifetime_s, signer,
				 life->server.revocation_revision};
}

static inline void life_publish_ahead(struct life *life)
{
	size_t due = 0;

	while (due < life->n_ahead && life->ahead[due].this_update_s <= life->now_s)
		due++;
	if (!due)
		return;
	life_put_in_force(life, &life->ahead[due - 1]);
	memmove(life->ahead, life->ahead + due, (life->n_ahead - due) * sizeof(life->ahead[0]));
	life->n_ahead -= due;
	life_note_ahead(life);
}

/* Each: true where it was done, false where it is to be tried again. */

static inline bool life_do_publish_crl(struct life *life, unsigned generation)
{
	(void)generation;
	life_publish_ahead(life);
	return true;
}

static inline bool life_do_sign_crl(struct life *life, unsigned generation)
{
	const struct ca_generation_record *active = life_active(life, life->now_s);
	struct life_crl crl;

	assert_int_equal(generation, active->number);
	if (!life->token || life_crash(life))
		return false;
	crl = life_sign(life, life->now_s, active->number);
	life_drop_ahead(life);
	life_put_in_force(life, &crl);
	return true;
}

static inline bool life_do_sign_own(struct life *life, unsigned generation)
{
	struct ca_generation_record *displaced = life_find(life, generation);
	struct life_crl crl;

	if (!life->token || life_crash(life))
		return false;
	crl = life_sign(life, life->now_s, generation);
	life_drop_ahead(life);
	displaced->own_crl_number = crl.number;
	displaced->own_crl_this_update_s = crl.this_update_s;
	displaced->own_crl_next_update_s = crl.next_update_s;
	displaced->own_crl_revision = crl.revision;
	return true;
}

static inline bool life_do_sign_ahead(struct life *life, unsigned generation)
{
	const struct ca_plan_facts facts = life_facts(life);
	struct ca_crl_times times;

	(void)generation;
	if (!life->token)
		return false;
	while (ca_crl_ahead_next(&facts, life->now_s, &times)) {
		if (life_crash(life))
			return false;
		assert_true(life->n_ahead < LIFE_AHEAD);
		assert_true(times.this_update_s > life->now_s);
		life->ahead[life->n_ahead++] =
			life_sign(life, times.this_update_s, times.generation);
		life_note_ahead(life);
	}
	return true;
}

static inline void life_add(struct life *life, int64_t not_before_s)
{
	struct ca_generation_record *next = &life->generations[life->n];

	assert_true(life->n < LIFE_GENERATIONS);
	*next = (struct ca_generation_record){
		.id = (int64_t)life->n + 1,
		.number = (unsigned)life->n + 1,
		.not_before_s = not_before_s,
		.takes_over_s = not_before_s,
		.not_after_s = not_before_s + life->policy.ca_lifetime_s,
	};
	life->key_stands[life->n++] = true;
	life->left_over = false;
}

static inline bool life_do_make_shadow(struct life *life, unsigned generation)
{
	const struct ca_generation_record *active = life_active(life, life->now_s);
	struct ca_rollover_life times;

	(void)generation;
	assert_null(life_shadow(life));
	if (!ca_rollover_is_wished(&life->server, active))
		life->server.rollover_wish_s = life->now_s;
	if (!life->token || life_crash(life))
		return false;
	life->left_over = true;
	if (life_crash(life))
		return false;
	times = ca_rollover_life(active, life->policy.ca_lifetime_s, life->now_s);
	life_add(life, times.not_before_s);
	life->server.rollover_wish_s = 0;
	if (life_crash(life))
		return false;
	life_publish(life);
	return true;
}

static inline bool life_do_archive(struct life *life, unsigned generation)
{
	if (!life->archive || life_crash(life))
		return false;
	life_find(life, generation)->archived_s = life->now_s;
	return true;
}

static inline bool life_do_offer(struct life *life, unsigned generation)
{
	struct ca_generation_record *shadow = life_find(life, generation);

	assert_true(shadow == life_shadow(life));
	assert_true(shadow->archived_s || !life->policy.archives);
	assert_int_not_equal(life->public_next, generation);
	if (!life->token || life_crash(life))
		return false;
	shadow->available_s = life->now_s;
	if (life_crash(life))
		return false;
	life_publish(life);
	return true;
}

static inline bool life_do_change_over(struct life *life, unsigned generation)
{
	if (life_crash(life))
		return false;
	life_find(life, generation)->changed_over_s = life->now_s;
	life_publish_ahead(life);
	life->change_overs++;
	if (life_crash(life))
		return false;
	life_publish(life);
	return true;
}

static inline bool life_do_relabel(struct life *life, unsigned generation)
{
	if (!life->token || life_crash(life))
		return false;
	life_find(life, generation)->relabelled_s = life->now_s;
	return true;
}

/* The key first: a record of it that is gone while it stands would be forgotten. */
static inline bool life_do_destroy(struct life *life, unsigned generation)
{
	struct ca_generation_record *old = life_find(life, generation);

	assert_true(old != life_active(life, life->now_s));
	assert_true(old != life_shadow(life));
	assert_true(old->not_after_s < life->now_s);
	assert_true(old->issued_until_s < life->now_s);
	assert_int_not_equal(life->public_active, generation);
	if (!life->token || life_crash(life))
		return false;
	life->key_stands[generation - 1] = false;
	if (life_crash(life))
		return false;
	old->destroyed_s = life->now_s;
	life->destroyed++;
	return true;
}

static inline bool life_do_end_requests(struct life *life, unsigned generation)
{
	(void)generation;
	life->requests_end_s = 0;
	return true;
}

static inline bool life_act(struct life *life, const struct ca_plan *plan)
{
	static bool (*const acts[])(struct life *, unsigned) = {
		[CA_ACTION_CHANGE_OVER] = life_do_change_over,
		[CA_ACTION_PUBLISH_CRL] = life_do_publish_crl,
		[CA_ACTION_SIGN_CRL] = life_do_sign_crl,
		[CA_ACTION_SIGN_CRL_AHEAD] = life_do_sign_ahead,
		[CA_ACTION_SIGN_OWN_CRL] = life_do_sign_own,
		[CA_ACTION_MAKE_SHADOW] = life_do_make_shadow,
		[CA_ACTION_ARCHIVE_SHADOW] = life_do_archive,
		[CA_ACTION_OFFER_SHADOW] = life_do_offer,
		[CA_ACTION_RELABEL_KEY] = life_do_relabel,
		[CA_ACTION_DESTROY_KEY] = life_do_destroy,
		[CA_ACTION_EXPIRE_REQUESTS] = life_do_end_requests,
		[CA_ACTION_EXPIRE_PASSWORD] = NULL,
		[CA_ACTION_EXPIRE_CERTIFICATE] = NULL,
	};

	/* What nothing is done for must never be due. */
	assert_non_null(acts[plan->action]);
	return acts[plan->action](life, plan->generation);
}

/* Does all that is due; what fails is left out for this time, as a round does it. */
static inline struct ca_plan life_round(struct life *life)
{
	struct ca_plan_set failed = {};

	for (unsigned i = 0; i < 64; i++) {
		const struct ca_plan_facts facts = life_facts(life);
		struct ca_plan plan = ca_plan_next_except(&facts, &failed, life->now_s);

		if (!plan.action || plan.when_s > life->now_s)
			return plan;
		if (!life_act(life, &plan))
			ca_plan_set_add(&failed, &plan);
	}
	fail_msg("it never comes to rest");
	return (struct ca_plan){};
}

/* Rounds until nothing that can be done is due, crashes and all. */
static inline struct ca_plan life_settle(struct life *life)
{
	for (unsigned i = 0; i < 100; i++) {
		unsigned crashes = life->crashes;
		struct ca_plan next = life_round(life);

		if (crashes == life->crashes)
			return next;
	}
	fail_msg("it never comes to rest");
	return (struct ca_plan){};
}

/* `server rollover LABEL cancel`: one transaction, then the key. */
static inline void life_cancel(struct life *life)
{
	const struct ca_generation_record *shadow = life_shadow(life);

	life->server.rollover_wish_s = 0;
	life->server.rollover_cancelled_s = life->now_s;
	if (shadow) {
		life_find(life, shadow->number)->destroyed_s = life->now_s;
		life->key_stands[shadow->number - 1] = false;
		life_drop_ahead(life);
	}
	life_publish(life);
}

/* `server rollover LABEL --now`: the shadow's key with another certificate, or a new key. */
static inline void life_now(struct life *life)
{
	const struct ca_generation_record *shadow = life_shadow(life);
	struct ca_generation_record *next;

	if (!life->token)
		return;
	if (!shadow)
		life_add(life, life->now_s);
	next = shadow ? life_find(life, shadow->number) : &life->generations[life->n - 1];
	next->not_before_s = next->takes_over_s = life->now_s;
	next->not_after_s = life->now_s + life->policy.ca_lifetime_s;
	next->changed_over_s = life->now_s;
	life->promised = 0;
	life->server.rollover_wish_s = 0;
	life_publish(life);
}

/* A certificate for somebody, of the active one or of the shadow. */
static inline void life_issue(struct life *life, int64_t lifetime_s)
{
	const struct ca_generation_record *shadow = life_shadow(life);
	const struct ca_generation_record *issuer = life_active(life, life->now_s);
	struct ca_generation_record *record;
	int64_t from_s = life->now_s, until_s;

	if (shadow && shadow->available_s && life_draw(life, 2)) {
		issuer = shadow;
		from_s = shadow->takes_over_s;
	}
	if (!life->token || !life->server.enabled || !issuer || issuer->not_after_s <= from_s)
		return;
	until_s = ca_clamp_not_after(from_s, lifetime_s, issuer->not_after_s);
	record = life_find(life, issuer->number);
	if (until_s > record->issued_until_s)
		record->issued_until_s = until_s;
}
