/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes of the configuration that let others in without a hand: an operator is asked first, as a
 * router asks. */

#include "daemon/cli/command.h"
#include "daemon/conf/edit.h"

/* False where an edit brings such a change from @before (NULL: the defaults) to @after, and whoever
 * was asked did not say yes. With --yes nobody is asked. */
bool config_risk_is_taken(const struct invocation *invocation, const struct conf *before,
			  const struct conf *after, const struct conf_edit *edits, size_t n);
