/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A rollover by an operator's hand where another CA certifies: of a subordinate and of an RA. What
 * rollover.h promises is done by the server's own trustpoint, and the superior has the last word.
 * Waits for the superior's server: never on the workers of operators' commands. Within flow/ alone.
 */

#include "daemon/flow/server/rollover.h"

/* As flow_rollover(): the wish is recorded, and the superior asked as far as it answers. */
_checked_ int rollover_ask_superior(const struct hand *hand, struct rollover_stand *ret,
				    char **ret_reason);
/*
 * As flow_rollover_now(): one that came already and is valid takes over at once; else a new key is
 * made and the superior is asked as if for the first time, by nothing that the key before signs,
 * and what it grants takes over as it comes: @ret has no generation until then.
 */
_checked_ int rollover_ask_superior_now(const struct hand *hand, unsigned former,
					struct rollover_stand *ret, char **ret_reason);
