/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/issuer.h"

static bool still_tells(const struct ca_generation_record *retired,
			const struct ca_generation_record *successor, int64_t keep_retired_s,
			int64_t now_s)
{
	/* Its clients did not see that coming. */
	if (successor->takes_over_s < retired->not_after_s)
		return true;
	return now_s - successor->takes_over_s < keep_retired_s;
}

enum ca_issuer_standing ca_issuer_standing(const struct ca_generation_record *generations, size_t n,
					   size_t which, int64_t keep_retired_s, int64_t now_s)
{
	const struct ca_generation_record *generation = &generations[which], *successor;

	switch (ca_generation_phase(generations, n, which, now_s)) {
	case CA_PHASE_ACTIVE:
		return CA_ISSUER_ISSUES;
	case CA_PHASE_SHADOW:
		return generation == ca_issuer_of_rollover(generations, n, now_s) ? CA_ISSUER_ISSUES
										  : CA_ISSUER_NONE;
	case CA_PHASE_RETIRED:
		successor = ca_generation_successor(generations, n, which, now_s);
		return successor && still_tells(generation, successor, keep_retired_s, now_s)
			       ? CA_ISSUER_SUCCEEDED
			       : CA_ISSUER_NONE;
	case CA_PHASE_GONE:
		break;
	}
	return CA_ISSUER_NONE;
}

const struct ca_generation_record *
ca_issuer_of_rollover(const struct ca_generation_record *generations, size_t n, int64_t now_s)
{
	const struct ca_generation_record *shadow = ca_generation_shadow(generations, n, now_s);

	return shadow && shadow->available_s ? shadow : NULL;
}

const struct ca_generation_record *
ca_issuer_of_request(const struct ca_generation_record *generations, size_t n, unsigned number,
		     int64_t now_s)
{
	const struct ca_generation_record *active = ca_generation_active(generations, n, now_s);
	const struct ca_generation_record *shadow = ca_issuer_of_rollover(generations, n, now_s);

	if (shadow && shadow->number == number)
		return shadow;
	return active && number <= active->number ? active : NULL;
}
