/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An option set: written into a drop-in of the configuration, as the operator who calls, after the
 * whole was read with it, and taken over by the daemon where that runs. Where anything stands
 * against it, all is as it was.
 */

#include "daemon/cli/command.h"
#include "daemon/conf/edit.h"

/* `config set SECTION[.NAME] OPTION [VALUE…]`. */
enum command_status config_set(const struct invocation *invocation);
/* The same for several options at once: all or none. */
enum command_status config_apply(const struct invocation *invocation, const struct conf_edit *edits,
				 size_t n);
