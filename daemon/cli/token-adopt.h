/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "daemon/cli/command.h"

/* `token adopt`: the token's process proves that the token there holds every key, then clavigerd
 * records its serial number. What was done before it was interrupted is no harm: again. */
enum command_status token_adopt(const struct invocation *invocation);
