/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * `restore`: a saved server from its archive (.p12 or .pem), its serial number file and its CRL,
 * from files, from a directory as IOS wrote it, or pasted at the terminal in IOS's dialogue. The
 * key goes to the token, then clavigerd takes the rest.
 */

#include "daemon/cli/command.h"

enum command_status restore_run(const struct invocation *invocation);
