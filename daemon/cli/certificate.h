/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a server issued: asked for in pages, since there may be more than one answer holds. */

#include "daemon/cli/command.h"

enum command_status certificate_list(const struct invocation *invocation);
