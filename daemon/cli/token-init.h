/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `claviger token init`: a conversation about an empty token, its PINs and its label, which ends
 * with what to do next. The PINs go from the terminal straight to the token's process. */

#include "daemon/cli/command.h"

enum command_status token_init_run(const struct invocation *invocation);
