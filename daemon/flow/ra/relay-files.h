/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a transparent RA gives out as files is its superior's: the answers to GetCACaps, GetCACert
 * and GetNextCACert, as they came. They are asked for again every few minutes, when the CA's
 * certificate ends, and when the configuration was read; what can't be asked now stays as it was
 * seen last, through a restart too. Source: RFC 8894 §3.5, §4.2, §4.7.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

#define RELAY_REFRESH_S	     300
#define RELAY_REFRESH_SOON_S 30 /* where the CA's certificate has ended, or can't be told */

/*
 * Asks, where it is due, and publishes what came, where it is another than what is there. What the
 * superior says that it does not have is given out no more.
 *
 * @turn        of [Trustpoint LABEL]
 * @authority   the transparent RA
 * @ret_next_s  when it is to be called again
 * Returns 0; FLOW_REFUSED where the superior was not reached (relay_note_superior() knows why);
 * -errno. Blocks for the superior.
 */
_checked_ int flow_relay_refresh(struct trustpoint_turn *turn, struct authority *authority,
				 int64_t *ret_next_s);

/* The CA's certificate among what was seen last: of several the one that issued the RAs', as a
 * trustpoint would have it. FLOW_REFUSED where there is none; -errno. */
_checked_ int flow_relay_ca(struct flow *flow, const struct authority *authority, int64_t now_s,
			    struct bytes *ret);
