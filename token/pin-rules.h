/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a token wants of its PINs: as it says itself, and what is known of makers whose tokens don't
 * say all of it. Pure. */

#include "daemon/ipc/pin-rule.h"
#include "hsm/token.h"

struct pin_rules {
	struct pin_rule so_pin, pin;
};

struct pin_rules pin_rules_of(const struct hsm_token_facts *facts);
