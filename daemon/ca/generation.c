/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/generation.h"

const char *ca_phase_name(enum ca_phase phase)
{
	static const char *const names[] = {
		[CA_PHASE_SHADOW] = "shadow",
		[CA_PHASE_ACTIVE] = "active",
		[CA_PHASE_RETIRED] = "retired",
		[CA_PHASE_GONE] = "gone",
	};

	assert((size_t)phase < ELEMENTS(names));
	return names[phase];
}

bool ca_generation_is_cancelled(const struct ca_generation_record *generation)
{
	return generation->destroyed_s && generation->destroyed_s <= generation->takes_over_s;
}

/* A cancelled one stays so where the clock is set back: its key is on no token any more. */
static bool is_destroyed(const struct ca_generation_record *generation, int64_t now_s)
{
	return generation->destroyed_s &&
	       (generation->destroyed_s <= now_s || ca_generation_is_cancelled(generation));
}

/* Whether its turn came: reached, and with its key. */
static bool took_over(const struct ca_generation_record *generation, int64_t now_s)
{
	return generation->takes_over_s <= now_s && !ca_generation_is_cancelled(generation);
}

static bool comes_after(const struct ca_generation_record *a, const struct ca_generation_record *b)
{
	if (a->takes_over_s != b->takes_over_s)
		return a->takes_over_s > b->takes_over_s;
	return a->number > b->number;
}

const struct ca_generation_record *
ca_generation_active(const struct ca_generation_record *generations, size_t n, int64_t now_s)
{
	const struct ca_generation_record *newest = NULL;

	for (size_t i = 0; i < n; i++)
		if (took_over(&generations[i], now_s) &&
		    (!newest || comes_after(&generations[i], newest)))
			newest = &generations[i];
	return newest && !is_destroyed(newest, now_s) ? newest : NULL;
}

enum ca_phase ca_generation_phase(const struct ca_generation_record *generations, size_t n,
				  size_t which, int64_t now_s)
{
	const struct ca_generation_record *generation = &generations[which];

	assert(which < n);
	if (is_destroyed(generation, now_s))
		return CA_PHASE_GONE;
	if (generation->takes_over_s > now_s)
		return CA_PHASE_SHADOW;
	if (generation == ca_generation_active(generations, n, now_s))
		return CA_PHASE_ACTIVE;
	return CA_PHASE_RETIRED;
}

const struct ca_generation_record *
ca_generation_shadow(const struct ca_generation_record *generations, size_t n, int64_t now_s)
{
	const struct ca_generation_record *first = NULL;

	for (size_t i = 0; i < n; i++)
		if (ca_generation_phase(generations, n, i, now_s) == CA_PHASE_SHADOW &&
		    (!first || !comes_after(&generations[i], first)))
			first = &generations[i];
	return first;
}

/* Whether its turn came or is still to come. */
static bool has_a_turn(const struct ca_generation_record *generation, int64_t now_s)
{
	return took_over(generation, now_s) ||
	       (generation->takes_over_s > now_s && !is_destroyed(generation, now_s));
}

const struct ca_generation_record *
ca_generation_successor(const struct ca_generation_record *generations, size_t n, size_t which,
			int64_t now_s)
{
	const struct ca_generation_record *next = NULL;

	assert(which < n);
	for (size_t i = 0; i < n; i++)
		if (has_a_turn(&generations[i], now_s) &&
		    comes_after(&generations[i], &generations[which]) &&
		    (!next || comes_after(next, &generations[i])))
			next = &generations[i];
	return next;
}

bool ca_generation_is_displaced(const struct ca_generation_record *generations, size_t n,
				size_t which, int64_t now_s)
{
	const struct ca_generation_record *generation = &generations[which], *successor;

	if (ca_generation_phase(generations, n, which, now_s) != CA_PHASE_RETIRED ||
	    now_s > generation->not_after_s || now_s > generation->issued_until_s)
		return false;
	successor = ca_generation_successor(generations, n, which, now_s);
	return successor && successor->takes_over_s < generation->not_after_s;
}

bool ca_generation_has_crl(const struct ca_generation_record *generations, size_t n, size_t which,
			   int64_t now_s)
{
	return ca_generation_phase(generations, n, which, now_s) == CA_PHASE_ACTIVE ||
	       ca_generation_is_displaced(generations, n, which, now_s);
}

struct ca_generation_range ca_generation_requests(const struct ca_generation_record *generations,
						  size_t n,
						  const struct ca_generation_record *addressed,
						  int64_t now_s)
{
	const struct ca_generation_record *active = ca_generation_active(generations, n, now_s);

	if (addressed && addressed == ca_generation_shadow(generations, n, now_s))
		return (struct ca_generation_range){addressed->number, addressed->number};
	return (struct ca_generation_range){0, active ? active->number : UINT32_MAX};
}

void ca_generation_settle(struct ca_generation_record *generation, int64_t now_s)
{
	generation->archived_s = generation->available_s = now_s;
	generation->changed_over_s = generation->relabelled_s = now_s;
}

uint16_t ca_key_usage(bool separate_exchange)
{
	const uint16_t signing = 0x8600;      /* digitalSignature, keyCertSign, cRLSign */
	const uint16_t encipherment = 0x2000; /* keyEncipherment */

	return separate_exchange ? signing : signing | encipherment;
}
