/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * `token share`, `token backup` and `token restore`: a key goes to another token, or to a file,
 * under a wrapping key that both tokens share. The tokens' processes are spoken to directly:
 * clavigerd has no part in it. SO PINs are asked, and are on no command line.
 */

#include "daemon/cli/command.h"

enum command_status token_share_run(const struct invocation *invocation);
enum command_status token_backup_run(const struct invocation *invocation);
enum command_status token_restore_run(const struct invocation *invocation);
