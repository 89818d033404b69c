/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/exchange.h"
#include "daemon/ca/planner-internal.h"
#include <string.h>

static int64_t later(int64_t a_s, int64_t b_s)
{
	return a_s > b_s ? a_s : b_s;
}

static bool comes_after(const struct ca_exchange_record *a, const struct ca_exchange_record *b)
{
	if (a->takes_over_s != b->takes_over_s)
		return a->takes_over_s > b->takes_over_s;
	return a->id > b->id;
}

const struct ca_exchange_record *ca_exchange_speaker(const struct ca_exchange_record *exchanges,
						     size_t n,
						     const struct ca_generation_record *generation,
						     int64_t now_s)
{
	int64_t at_s = later(now_s, generation->takes_over_s);
	const struct ca_exchange_record *newest = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct ca_exchange_record *each = &exchanges[i];

		if (each->generation_id == generation->id && !each->destroyed_s &&
		    each->takes_over_s <= at_s && (!newest || comes_after(each, newest)))
			newest = each;
	}
	return newest;
}

bool ca_exchange_opens(const struct ca_exchange_record *exchange, int64_t now_s)
{
	return !exchange->destroyed_s && now_s <= exchange->not_after_s;
}

struct ca_exchange_life ca_exchange_life(const struct ca_generation_record *generation,
					 int64_t lifetime_s, int64_t now_s)
{
	int64_t from_s = later(generation->takes_over_s, now_s), until_s = from_s + lifetime_s;

	return (struct ca_exchange_life){
		from_s, until_s < generation->not_after_s ? until_s : generation->not_after_s};
}

static bool is_good(const struct ca_exchange_record *exchange, const char *token, int64_t at_s)
{
	return exchange->not_before_s <= at_s && ca_exchange_opens(exchange, at_s) &&
	       !strcmp(exchange->key.token, token);
}

int64_t ca_exchange_last_quarter(const struct ca_exchange_record *exchange)
{
	return exchange->not_after_s - (exchange->not_after_s - exchange->not_before_s) / 4;
}

bool ca_exchange_renewal(const struct ca_exchange_record *speaker,
			 const struct ca_generation_record *generation, const char *token,
			 int64_t now_s, int64_t *ret_when_s)
{
	*ret_when_s = now_s;
	if (!speaker || !is_good(speaker, token, later(now_s, generation->takes_over_s)))
		return true;
	if (generation->takes_over_s > now_s || speaker->not_after_s >= generation->not_after_s)
		return false;
	*ret_when_s = ca_exchange_last_quarter(speaker);
	return true;
}

static const struct ca_exchange_record *speaker_of(const struct moment *m,
						   const struct ca_generation_record *generation)
{
	return ca_exchange_speaker(m->facts->exchanges, m->facts->n_exchanges, generation,
				   m->now_s);
}

/* NULL where nobody could: one that is lost is made anew, being nobody's trust anchor. */
static const struct ca_exchange_record *
able_speaker_of(const struct moment *m, const struct ca_generation_record *generation)
{
	const struct ca_exchange_record *speaker = speaker_of(m, generation);

	return speaker && speaker->id != m->facts->lost_exchange ? speaker : NULL;
}

/* The next one gets its own before it is given out. */
bool when_exchange(const struct moment *m, const struct ca_generation_record *generation,
		   struct ca_plan *ret)
{
	const char *token = m->facts->policy.exchange_token;

	if (!token || !m->server->enabled || !is_in_force(m) ||
	    (generation != m->active && generation != m->shadow))
		return false;
	return ca_exchange_renewal(able_speaker_of(m, generation), generation, token, m->now_s,
				   &ret->when_s) &&
	       ret->when_s <= generation->not_after_s;
}

bool lacks_exchange(const struct moment *m, const struct ca_generation_record *generation)
{
	return m->facts->policy.exchange_token && !speaker_of(m, generation);
}

static const struct ca_generation_record *generation_of(const struct moment *m,
							const struct ca_exchange_record *exchange)
{
	for (size_t i = 0; i < m->facts->n_generations; i++)
		if (m->facts->generations[i].id == exchange->generation_id)
			return &m->facts->generations[i];
	return NULL;
}

/* Once the label is free: the key of the one before it stands until its certificate ends. */
bool when_exchange_relabel(const struct moment *m, const struct ca_exchange_record *exchange,
			   struct ca_plan *ret)
{
	if (exchange->relabelled_s || !m->active || exchange != speaker_of(m, m->active))
		return false;
	for (size_t i = 0; i < m->facts->n_exchanges; i++) {
		const struct ca_exchange_record *other = &m->facts->exchanges[i];

		if (other->relabelled_s && !other->destroyed_s)
			return false;
	}
	ret->when_s = exchange->takes_over_s;
	return true;
}

/* Whether it goes on: its generation is in force, or will be, and it speaks for that, or will. */
static bool is_needed(const struct moment *m, const struct ca_exchange_record *exchange,
		      const struct ca_generation_record *generation)
{
	return m->facts->policy.has_exchange &&
	       (generation == m->active || generation == m->shadow) &&
	       (exchange == speaker_of(m, generation) || exchange->takes_over_s > m->now_s);
}

/* That of a retired generation still tells who comes late, as that one's own key would. */
bool when_exchange_destroy(const struct moment *m, const struct ca_exchange_record *exchange,
			   struct ca_plan *ret)
{
	const struct ca_generation_record *generation = generation_of(m, exchange), *successor;

	if (exchange->destroyed_s || !generation || is_needed(m, exchange, generation))
		return false;
	/* One that is lost opens nothing: who envelopes to it is told to fetch the next. */
	ret->when_s = generation->destroyed_s ? generation->destroyed_s : m->now_s;
	if (generation->destroyed_s || exchange->id == m->facts->lost_exchange)
		return true;
	ret->when_s = exchange->not_after_s + 1;
	if (generation == m->active || generation == m->shadow)
		return true;
	successor = ca_generation_successor(m->facts->generations, m->facts->n_generations,
					    (size_t)(generation - m->facts->generations), m->now_s);
	if (!successor || !m->active || !m->active->changed_over_s)
		return false;
	ret->when_s = later(ret->when_s, successor->takes_over_s + m->facts->policy.keep_retired_s);
	return true;
}
