/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Generations: which one is active at an instant, and what follows from it. A phase is derived from
 * recorded facts and the time asked about. Pure.
 */

#include "daemon/ca/lifetime.h"
#include "daemon/ca/records.h"
#include "daemon/ca/serial.h"

enum ca_phase { CA_PHASE_SHADOW, CA_PHASE_ACTIVE, CA_PHASE_RETIRED, CA_PHASE_GONE };
const char *ca_phase_name(enum ca_phase phase); /* "shadow", "active", "retired", "gone" */

/*
 * The generation that is active at @now_s: the one with the latest takes_over_s not after it (of
 * equals the higher number). NULL before any, and where that one's key is destroyed: no earlier one
 * becomes active again. One that was destroyed before its time (a cancelled rollover) never counts.
 */
const struct ca_generation_record *
ca_generation_active(const struct ca_generation_record *generations, size_t n, int64_t now_s);
/* GONE: its key is destroyed. @which: index into @generations. */
enum ca_phase ca_generation_phase(const struct ca_generation_record *generations, size_t n,
				  size_t which, int64_t now_s);

/* The shadow: the one with the earliest takes_over_s after @now_s that is not destroyed (of equals
 * the higher number); NULL without. */
const struct ca_generation_record *
ca_generation_shadow(const struct ca_generation_record *generations, size_t n, int64_t now_s);
/* Its key was destroyed before its turn came: what it issued is of no use to anybody. */
bool ca_generation_is_cancelled(const struct ca_generation_record *generation);
/* The one that took over from @which, or will by what is recorded at @now_s: the next whose turn
 * comes; NULL without. */
const struct ca_generation_record *
ca_generation_successor(const struct ca_generation_record *generations, size_t n, size_t which,
			int64_t now_s);
/*
 * Of the retired @which: whether another took over before its certificate's end, so that its key
 * goes on signing a CRL of its own until nothing that it issued is in force (after `--now`).
 */
bool ca_generation_is_displaced(const struct ca_generation_record *generations, size_t n,
				size_t which, int64_t now_s);
/* Whether a CRL of this generation's own is given out: it is active, or displaced. */
bool ca_generation_has_crl(const struct ca_generation_record *generations, size_t n, size_t which,
			   int64_t now_s);
/*
 * The requests among which a message's transaction is looked for, that names @addressed as its
 * recipient: a rollover request is another transaction than one for the generation that is active,
 * and becomes one for it when the shadow takes over. @addressed NULL: as for the active one.
 */
struct ca_generation_range ca_generation_requests(const struct ca_generation_record *generations,
						  size_t n,
						  const struct ca_generation_record *addressed,
						  int64_t now_s);

/* That all is done for a server's first generation, which nothing comes before. */
void ca_generation_settle(struct ca_generation_record *generation, int64_t now_s);

/* CA keyUsage: 0xA600 where the CA's key opens envelopes too, 0x8600 where a separate exchange key
 * does (SRV-10). */
uint16_t ca_key_usage(bool separate_exchange);
