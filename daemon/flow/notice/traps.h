/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Notices on their way to the sinks of SNMPTrap=. Each sink has its own copy: one that can't be
 * reached is tried again a few times, and nobody else is told twice. What waits is kept in memory
 * alone: a restart forgets a trap, while its line stands in the journal.
 */

#include "daemon/ca/notice.h"
#include "daemon/flow/flow.h"

struct notice_traps;

_checked_ int notice_traps_new(struct notice_traps **ret);
struct notice_traps *notice_traps_free(struct notice_traps *traps);

/* For each sink of the configuration one. -ENOMEM. */
_checked_ int notice_traps_add(struct flow *flow, const struct ca_notice_words *words,
			       enum ca_notice_level level, int64_t now_s);
/* Whether there is one to be sent. */
bool notice_traps_wait(struct flow *flow);
/* Tries each that waits, once. Blocks for claviger-fetch. What fails is logged. */
void notice_traps_send(struct flow *flow);
