/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When a CRL is signed: at the first start, at half its life, at once on a revocation (those that
 * come together share one), when a generation takes over, and when the clock was set back to before
 * the newest. When those that were signed ahead are published, what of a series is still to be
 * signed, and when a CRL that is not followed in time is told of. Pure; planner.h makes plans of
 * it.
 */

#include "daemon/ca/planner.h"

/* When the next CRL of @active is to be signed; in the past or now where it is due; INT64_MAX while
 * those signed ahead are enough. */
int64_t ca_crl_due_s(const struct ca_server_record *server,
		     const struct ca_generation_record *active, int64_t now_s);

/* thisUpdate of the CRL before, as far as entries are concerned: what ended before it may go. Of a
 * CRL that was signed while the clock was ahead it is @now_s. 0 before any. */
int64_t ca_crl_previous_s(const struct ca_server_record *server, int64_t now_s);

/* The same of the own ones of @displaced. */
int64_t ca_crl_own_previous_s(const struct ca_generation_record *displaced, int64_t now_s);

/* The most CRLs that are signed ahead. */
#define CA_CRL_AHEAD_MOST 1000

struct ca_crl_times {
	int64_t this_update_s, next_update_s;
	unsigned generation; /* the number of the one whose key signs it */
};
/*
 * The next that is to be signed ahead: of a series that is wished for, each beginning at half the
 * life of the one before it, and the first of a shadow that is given out, which begins as that one
 * takes over. Each is signed by the generation that is active when it begins, so that a series goes
 * on past a change-over; none begins at the end of that one or later. False where nothing is
 * missing, or a CRL in force is to be signed first.
 */
bool ca_crl_ahead_next(const struct ca_plan_facts *facts, int64_t now_s, struct ca_crl_times *ret);
/* How many CRLs a series up to @until_s takes. */
int64_t ca_crl_ahead_count(int64_t until_s, int64_t life_s, int64_t now_s);

/* When the next CRL of @displaced is to be signed by its own key; as ca_crl_due_s(). Whether it is
 * displaced at all, ca_generation_is_displaced() says. */
int64_t ca_crl_own_due_s(const struct ca_server_record *server,
			 const struct ca_generation_record *displaced, int64_t now_s);

/* How much of its life the newest CRL has passed without being followed, of what is told: 0, 50,
 * 75, 90, 100 percent. */
unsigned ca_crl_passed_percent(const struct ca_server_record *server, int64_t now_s);
/* The same of the own one of @displaced. */
unsigned ca_crl_own_passed_percent(const struct ca_generation_record *displaced, int64_t now_s);

/* How long before a change-over it is told that the first CRL of the shadow is missing. */
#define CA_CRL_FIRST_WARNING_S ((int64_t)86400)
/* Whether the shadow takes over so soon, and its first CRL is not signed: whoever checks with it
 * will find none until its token signs. False without a shadow. */
bool ca_crl_first_is_missing(const struct ca_plan_facts *facts, int64_t now_s);

/* Why a CRL that came from elsewhere is not taken in; NULL where it is. @newest: the highest number
 * of those that it follows. */
struct ca_crl_import {
	int64_t this_update_s, next_update_s;
	bool has_number;
	uint64_t number;
};
const char *ca_crl_import_refusal(uint64_t newest, const struct ca_crl_import *crl, int64_t now_s);
