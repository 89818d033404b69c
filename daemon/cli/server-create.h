/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * `server create`. A root is made at once. One whose certificates come from another CA first shows
 * whom it is to believe, as a router does: the fingerprints, and a question that only a person or a
 * fingerprint known from elsewhere answers, never --yes. Then it asks for what a router is asked
 * for, and its own trustpoint enrols it.
 */

#include "daemon/cli/command.h"

enum command_status server_create_run(const struct invocation *invocation);
/* Whether the server that the first argument names was created already, or that can't be told,
 * which is printed. */
bool server_exists(const struct invocation *invocation);
