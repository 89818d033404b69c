/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `claviger audit`: its parameters and answers. */

#include "daemon/cli/command.h"

json_t *audit_list_parameters(const struct invocation *invocation);
json_t *audit_verify_parameters(const struct invocation *invocation);
void audit_list_print(const json_t *answer);
void audit_verify_print(const json_t *answer);
