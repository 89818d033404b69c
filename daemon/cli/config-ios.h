/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* claviger config show --ios: each server and trustpoint as an IOS running-config would have it. */

#include "daemon/cli/command.h"

/* Of the server and the trustpoint of this name, NULL for all. What has no line of IOS's is a
 * comment; no password is written. */
enum command_status config_show_ios(const struct invocation *invocation, const struct conf *conf,
				    const char *name);
