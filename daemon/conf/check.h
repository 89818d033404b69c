/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether the parts of a configuration fit together: what is required, what refers to what, what
 * only goes with something else. Errors go to the draft.
 */

#include "daemon/conf/draft.h"

void conf_check(struct draft *draft);
