/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * `server create` where Archive= is set, and `server archive`: the key is made exportable once, the
 * server is made with it, the token's process gives the key out encrypted, clavigerd puts it in its
 * place, and then the key can leave no more. The passphrase comes from ArchivePassword= or is asked
 * before anything is done.
 */

#include "daemon/cli/command.h"

/* Of a server whose certificate is only to come: makes the key, where there is none yet. */
enum command_status archive_make_key(const struct invocation *invocation,
				     const struct conf_server *server);
enum command_status archive_server_create(const struct invocation *invocation);
enum command_status archive_server_archive(const struct invocation *invocation);
