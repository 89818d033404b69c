/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The way from the command to the programs' sockets, with errors told in words. */

#include "daemon/cli/command.h"
#include "daemon/ipc/channel.h"

/* The configuration, its errors printed where it has any. */
enum command_status connection_load_config(const struct invocation *invocation, struct conf **ret);
/* Calls a method of clavigerd. @ret is owned by the caller; what went wrong is printed. */
enum command_status connection_call(const struct invocation *invocation, enum control_method method,
				    json_t *parameters, json_t **ret);
/* Asks claviger-fetch for something beyond this machine; what went wrong is printed. */
enum command_status connection_call_fetch(const struct invocation *invocation,
					  enum ipc_number number, const void *message,
					  struct ipc_packet *ret);
/* Destroys a key, named by the SHA-256 of its SubjectPublicKeyInfo, over the token's admin socket;
 * one that is gone already is well too. What went wrong is printed. */
enum command_status connection_zeroize(const struct invocation *invocation, const char *token,
				       struct span key_sha256);
/* Asks a token's process over its admin socket; what went wrong is printed. */
enum command_status connection_call_token(const struct invocation *invocation, const char *token,
					  enum ipc_number number, const void *message);
/* The same, with the reply in @ret, the caller's. Where the token's process refuses, nothing is
 * printed and @ret holds its FAILED: connection_token_failed() prints that. */
enum command_status connection_ask_token(const struct invocation *invocation, const char *token,
					 enum ipc_number number, const void *message,
					 struct ipc_packet *ret);
/* Prints a refusal, where @packet holds one. COMMAND_FAILED. */
enum command_status connection_token_failed(const char *token, const struct ipc_packet *packet);
/* Whether it refused since there is no such key (any more). */
bool connection_token_has_none(const struct ipc_packet *packet);
