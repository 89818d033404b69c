/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/ra/ra.h"
#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/trustpoint/wire.h"
#include "daemon/scep/client.h"
#include "daemon/trustpoint/ca.h"
#include <stdlib.h>
#include <string.h>

/* What the database has of the RA. */
struct followed {
	struct ca_generation_record *generations;
	size_t n_generations;
	struct ca_exchange_record *exchanges;
	size_t n_exchanges;
};

static void followed_done(struct followed *followed)
{
	ca_generation_records_free(followed->generations, followed->n_generations);
	ca_exchange_records_free(followed->exchanges, followed->n_exchanges);
	*followed = (struct followed){};
}

static int load(const struct trustpoint_turn *turn, struct followed *ret)
{
	struct store *store = turn->flow->store;
	const char *label = turn->server->conf->label;
	int r;

	followed_done(ret);
	r = store_generations_load(store, label, &ret->generations, &ret->n_generations);
	return r < 0 ? r : store_exchanges_load(store, label, &ret->exchanges, &ret->n_exchanges);
}

static int commit(const struct trustpoint_turn *turn, struct store_change *change)
{
	int r;

	/* What it follows was audited with the trustpoint's own change. */
	change->server = turn->server->conf->label;
	change->now_s = turn->now_s;
	r = store_commit(turn->flow->store, change);
	return r > 0 ? FLOW_LATER : r;
}

static const struct ca_generation_record *find_generation(const struct followed *followed,
							  const struct ca_anchor_record *anchor)
{
	for (size_t i = followed->n_generations; i-- > 0;)
		if (span_equal(span_of(followed->generations[i].certificate),
			       span_of(anchor->certificate)))
			return &followed->generations[i];
	return NULL;
}

static int copy_superiors(const struct ca_anchor_record *anchor, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer out = {};

	trustpoint_ca_append_superiors(anchor, &out);
	return buffer_take(&out, ret);
}

static int copy_certificate(const struct ca_anchor_record *anchor, struct ca_generation_record *ret)
{
	struct x509_certificate certificate;
	int r = x509_certificate_read(span_of(anchor->certificate), &certificate);

	if (r < 0)
		return r;
	ret->not_before_s = certificate.not_before_s;
	ret->not_after_s = certificate.not_after_s;
	x509_key_sha256(&certificate.key, ret->key_sha256);
	r = bytes_copy(certificate.whole, &ret->certificate);
	if (r >= 0)
		r = bytes_copy(certificate.serial, &ret->serial);
	if (r >= 0)
		r = bytes_copy(certificate.issuer, &ret->issuer);
	return r < 0 ? r : bytes_copy(certificate.key.spki, &ret->spki);
}

/* A key of somebody else's: on no token here. */
static int fill_in_generation(const struct trustpoint_turn *turn, const struct followed *followed,
			      const struct ca_anchor_record *anchor,
			      struct ca_generation_record *ret)
{
	uint8_t serial[20];
	size_t size;
	int r;

	for (size_t i = 0; i < followed->n_generations; i++)
		if (followed->generations[i].number > ret->number)
			ret->number = followed->generations[i].number;
	ret->number++;
	ca_generation_settle(ret, turn->now_s);
	ret->takes_over_s = anchor->takes_over_s;
	if (anchor->takes_over_s > turn->now_s)
		ret->changed_over_s = 0;
	r = authority_take_serial(turn->flow, turn->server, &ret->counter, serial, &size);
	if (r >= 0)
		r = text_format(&ret->token, "%s", "");
	if (r >= 0)
		r = text_format(&ret->token_serial, "%s", "");
	if (r >= 0)
		r = copy_certificate(anchor, ret);
	return r < 0 ? r : copy_superiors(anchor, &ret->superiors);
}

static int follow_anchor(const struct trustpoint_turn *turn, const struct followed *followed,
			 const struct ca_anchor_record *anchor)
{
	_cleanup_(ca_generation_record_done) struct ca_generation_record generation = {};
	struct store_change change = {.generation = &generation};
	int r = fill_in_generation(turn, followed, anchor, &generation);

	return r < 0 ? r : commit(turn, &change);
}

static bool has_exchange(const struct followed *followed, const struct ca_identity_record *identity)
{
	for (size_t i = 0; i < followed->n_exchanges; i++)
		if (span_equal(span_of(followed->exchanges[i].certificate),
			       span_of(identity->certificate)))
			return true;
	return false;
}

static int follow_identity(const struct trustpoint_turn *turn, int64_t generation_id,
			   const struct ca_identity_record *identity)
{
	_cleanup_(ca_exchange_record_done) struct ca_exchange_record exchange = {
		.generation_id = generation_id,
		.not_before_s = identity->not_before_s,
		.not_after_s = identity->not_after_s,
		.takes_over_s = identity->takes_over_s,
		.relabelled_s = identity->relabelled_s,
	};
	struct store_change change = {.exchange = &exchange};
	int r = trustpoint_place_copy(&identity->key, &exchange.key);

	if (r >= 0)
		r = bytes_copy(span_of(identity->certificate), &exchange.certificate);
	return r < 0 ? r : commit(turn, &change);
}

/* The first thing that is missing is recorded; *ret_done: nothing is. */
static int follow_one(const struct trustpoint_turn *turn, const struct followed *followed,
		      bool *ret_done)
{
	const struct ca_trustpoint_state *state = &turn->state;
	const struct ca_anchor_record *active = ca_anchor_active(state, turn->now_s);

	*ret_done = false;
	for (size_t i = 0; i < state->n_anchors; i++) {
		const struct ca_anchor_record *anchor = &state->anchors[i];

		if ((anchor == active || anchor->takes_over_s > turn->now_s) &&
		    !find_generation(followed, anchor))
			return follow_anchor(turn, followed, anchor);
	}
	for (size_t i = 0; i < state->n_identities; i++) {
		const struct ca_identity_record *identity = &state->identities[i];
		const struct ca_anchor_record *anchor = ca_anchor_find(state, identity->anchor_id);
		const struct ca_generation_record *generation =
			anchor ? find_generation(followed, anchor) : NULL;

		if (generation && !identity->key_destroyed_s && !has_exchange(followed, identity))
			return follow_identity(turn, generation->id, identity);
	}
	*ret_done = true;
	return 0;
}

/* Whether anything had to be recorded is told by *ret_news. */
static int follow_all(const struct trustpoint_turn *turn, bool *ret_news)
{
	_cleanup_(followed_done) struct followed followed = {};
	bool done = false;
	int r = load(turn, &followed);

	while (!r) {
		r = follow_one(turn, &followed, &done);
		if (r || done)
			break;
		*ret_news = true;
		crash_here(CRASH_RA_FOLLOWED);
		r = load(turn, &followed);
	}
	return r;
}

static bool holds(const struct scep_ca_answer *answer, struct span certificate)
{
	for (size_t i = 0; i < answer->n; i++)
		if (span_equal(answer->certificates[i], certificate))
			return true;
	return false;
}

static int read_next_ca(const struct generation *active, const struct generation *shadow,
			struct span body, char **ret_reason)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {};
	int r = scep_next_ca_read(body, &active->certificate, &answer);

	if (r == -ENOMEM)
		return r;
	return r || !holds(&answer, shadow->certificate.whole)
		       ? trustpoint_refuse(ret_reason, FLOW_REFUSED,
					   "what GetNextCACert gives is not the CA that was "
					   "accepted as the next one")
		       : 0;
}

static int fetch_next_ca(struct trustpoint_turn *turn, const struct generation *active,
			 const struct generation *shadow, char **ret_reason)
{
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer answer = {};
	struct store_change change = {.generation_id = shadow->record->id};
	int r = trustpoint_ask(turn, "GetNextCACert", (struct span){}, &answer, ret_reason);

	if (!r)
		r = read_next_ca(active, shadow, span_of(answer.body), ret_reason);
	change.next_ca = span_of(answer.body);
	return r ? r : commit(turn, &change);
}

/* Clients are given the CA's own message: they verify it by the CA's certificate. */
static int follow_next_ca(struct trustpoint_turn *turn, bool *ret_news, char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(turn->server);
	const struct generation *active = generations_active(generations, turn->now_s);
	const struct generation *shadow = generations_shadow(generations, turn->now_s);
	_cleanup_(bytes_done) struct bytes message = {};
	int r;

	if (!active || !shadow || !trustpoint_is_online(turn->conf))
		return 0;
	r = store_next_ca_load(turn->flow->store, turn->server->conf->label, &message);
	if (r <= 0)
		return r;
	r = fetch_next_ca(turn, active, shadow, ret_reason);
	*ret_news |= !r;
	return r;
}

/* As of this moment: the CA took its time to answer, and what changed over meanwhile is out
 * already.
 */
static int publish(struct trustpoint_turn *turn)
{
	if (flow_publish(turn->flow, turn->server, clock_now_s()) < 0)
		return FLOW_LATER;
	flow_changed(turn->flow);
	flow_forward_changed(turn->flow);
	return 0;
}

static int is_created(const struct trustpoint_turn *turn, bool *ret)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	int r = store_server_load(turn->flow->store, turn->server->conf->label, &record);

	*ret = r == 0;
	return r < 0 ? r : 0;
}

int ra_follow(struct trustpoint_turn *turn, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	bool created, news = false, next_news = false;
	int r;

	if (!turn->server || !conf_server_is_ra(turn->server->conf))
		return 0;
	claim = claim_take(turn->flow->claims, CLAIM_SERVER,
			   span_of_text(turn->server->conf->label));
	r = is_created(turn, &created);
	if (r < 0 || !created)
		return r;
	r = follow_all(turn, &news);
	if (!r && news)
		r = authority_load(turn->flow, turn->server);
	claim_releasep(&claim);
	claim = NULL;
	if (!r)
		r = follow_next_ca(turn, &next_news, ret_reason);
	if ((news || next_news) && (!r || r == FLOW_REFUSED)) {
		int published = publish(turn);

		r = r ? r : published;
	}
	return r;
}
