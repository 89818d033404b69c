/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Commands that clavigerd has no part in. PINs go from the terminal straight to the token's
 * process. */

#include "daemon/cli/command.h"

enum command_status local_token_login(const struct invocation *invocation);
