/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a token wants of a new PIN or SO PIN: told by its process, kept by it and by the command
 * that asks for one. Pure. */

#include "daemon/base/bytes.h"

struct pin_rule {
	unsigned least, most; /* bytes */
	bool hex;	      /* hexadecimal digits, and nothing else */
};

/* "4 to 255 characters", "16 hexadecimal digits". -ENOMEM. */
_checked_ int pin_rule_text(const struct pin_rule *rule, char **ret);
bool pin_rule_fits(const struct pin_rule *rule, struct span pin);
