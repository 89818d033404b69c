/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * `claviger doctor`: looks at this machine for what a working certificate server needs (its
 * configuration, clock, users, directories, sockets, port, pcscd, modules, PINs, tokens, rules of
 * polkit, drop-ins) and says of each thing whether it is there and, where not, what to do. It
 * changes nothing, and starts what its sockets start.
 */

#include "daemon/cli/command.h"

/* COMMAND_FAILED where something that is needed is missing; what is only unwise is told alone. */
enum command_status doctor_run(const struct invocation *invocation);
