/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `server rollover LABEL [cancel] [--now]`: the next CA key and certificate by hand. A cancelled
 * one's key is destroyed by its token's process, whom the daemon itself may not ask for that. */

#include "daemon/cli/command.h"

/* Asks before a cancel and before --now, and says whom it hurts. A cancel that was interrupted is
 * taken up by another one. */
enum command_status server_rollover_run(const struct invocation *invocation);
