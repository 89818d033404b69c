/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Key references, which programs open in a private key's place; they hold no secret. */

#include "daemon/cli/command.h"

enum command_status reference_run(const struct invocation *invocation);
