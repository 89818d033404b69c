/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The CA certificate of a server for a file or another program. */

#include "daemon/cli/command.h"

/* Prints, or writes to the file that is named, the certificate that routers trust now; with
 * --rollover the one that comes after it. Fails where there is none. */
enum command_status server_export_run(const struct invocation *invocation);
