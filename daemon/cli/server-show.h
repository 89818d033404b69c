/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* claviger server show: one server, or each of the configuration. */

#include "daemon/cli/command.h"

enum command_status server_show_run(const struct invocation *invocation);
