/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `server delete`: the daemon forgets the server, the token's process destroys its keys; the daemon
 * itself may not ask for that before their time. */

#include "daemon/cli/command.h"

/* Stops the server first, after asking, where it is enabled. Keys go before the server does, so
 * that the same command takes up what was interrupted. */
enum command_status server_delete_run(const struct invocation *invocation);
