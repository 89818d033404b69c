/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The way from the command to the programs' sockets, with errors told in words. */

#include "daemon/cli/command.h"
#include "daemon/ipc/message.h"

/* The configuration, its errors printed where it has any. */
enum command_status connection_load_config(const struct invocation *invocation, struct conf **ret);
/* Calls a method of clavigerd. @ret is owned by the caller; what went wrong is printed. */
enum command_status connection_call(const struct invocation *invocation, enum control_method method,
				    json_t *parameters, json_t **ret);
/* Asks a token's process over its admin socket; what went wrong is printed. */
enum command_status connection_call_token(const struct invocation *invocation, const char *token,
					  enum ipc_number number, const void *message);
