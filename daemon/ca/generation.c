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

static bool is_destroyed(const struct ca_generation_record *generation, int64_t now_s)
{
	return generation->destroyed_s && generation->destroyed_s <= now_s;
}

/* Whether its turn came: reached, and with its key. */
static bool took_over(const struct ca_generation_record *generation, int64_t now_s)
{
	return generation->takes_over_s <= now_s &&
	       !is_destroyed(generation, generation->takes_over_s);
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

uint16_t ca_key_usage(bool separate_exchange)
{
	const uint16_t signing = 0x8600;      /* digitalSignature, keyCertSign, cRLSign */
	const uint16_t encipherment = 0x2000; /* keyEncipherment */

	return separate_exchange ? signing : signing | encipherment;
}
