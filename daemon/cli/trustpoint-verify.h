/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `trustpoint verify` and `trustpoint validate`. */

#include "daemon/cli/command.h"

/* The certificates of the file, and whose CAs they are held against. */
json_t *trustpoint_verify_parameters(const struct invocation *invocation);
json_t *trustpoint_validate_parameters(const struct invocation *invocation);
void trustpoint_verify_print(const json_t *answer);
