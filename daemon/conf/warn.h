/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is right in a configuration, but not what an operator may think. Pure but for the heap.
 */

#include "daemon/conf/draft.h"

/* Appends what deserves a look in the finished draft to its warnings. */
void conf_warn(struct draft *draft);

/* Those of one [Trustpoint] section. */
void conf_warn_of_trustpoint(struct draft *draft, const struct conf_origin *section);
/* Those of one [Use] section; asks who is a user here. */
void conf_warn_of_use(struct draft *draft, const struct conf_origin *section);
