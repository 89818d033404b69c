/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Trustpoints by hand: the dialogues that a router's operator knows. Who is trusted is decided at a
 * terminal, or by a fingerprint that is known from elsewhere; never by --yes alone.
 */

#include "daemon/cli/command.h"

enum command_status trustpoint_authenticate(const struct invocation *invocation);
enum command_status trustpoint_enroll(const struct invocation *invocation);
enum command_status trustpoint_import(const struct invocation *invocation);
enum command_status trustpoint_export(const struct invocation *invocation);
enum command_status trustpoint_show(const struct invocation *invocation);

/* The first of a server's own trustpoint, before the server is created: nothing but the dialogue is
 * printed. */
enum command_status trustpoint_authenticate_for(const struct invocation *invocation);
/* What the configuration leaves open is asked for (CLI-09): password, serialNumber and ipAddress
 * into @parameters. @shown: the answer of trustpoint.show. */
enum command_status trustpoint_gather(const struct invocation *invocation, const json_t *shown,
				      json_t *parameters);
/* The answer of trustpoint.show. */
enum command_status trustpoint_ask(const struct invocation *invocation, const char *name,
				   json_t **ret);

/* Within trustpoint-*.c. */

/* Adds a base64 parameter; nothing for no bytes, and what was made of a secret is wiped. -ENOMEM.
 */
_checked_ int trustpoint_add_base64(json_t *parameters, const char *name, struct span content);
/* The certificates behind @name, a path, a URL or "-", as DER after DER. What went wrong is
 * printed. */
enum command_status trustpoint_read_certificates(const struct invocation *invocation,
						 const char *what, const char *name,
						 struct bytes *ret);
/* `trustpoint import NAME pkcs12|pem FILE…`: the key to its token, then its certificates. */
enum command_status trustpoint_carry_in(const struct invocation *invocation);

/* Whether the first argument names a [Server] and no [Trustpoint]: what IOS says in the same words
 * of both is then the server's. */
bool trustpoint_is_server(const struct invocation *invocation);
