/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the [Use] sections let other programs have a key do, as the token's process reads them
 * itself. Who may is for clavigerd to say, which sees who asks: here all sections that speak of a
 * key count together.
 */

#include "daemon/conf/conf.h"

/*
 * @label  of the key, as its charter has it
 * @ret    bits of policy/key-use.h; 0 where no section speaks of the key
 * 0, or -ENOMEM.
 */
_checked_ int uses_find(const struct conf *conf, const char *label, unsigned *ret);
