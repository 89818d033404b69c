/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* claviger import-ios: an IOS running-config turned into a configuration of ours. */

#include "daemon/cli/command.h"

/* FILE or - ; --write puts it into a drop-in after a check of the whole, else it is printed. */
enum command_status import_ios_run(const struct invocation *invocation);
