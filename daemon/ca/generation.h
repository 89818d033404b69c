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

/* CA keyUsage: 0xA600 where the CA's key opens envelopes too, 0x8600 where a separate exchange key
 * does (SRV-10). */
uint16_t ca_key_usage(bool separate_exchange);
