/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How the rollover of a server stands, in the words that IOS has for it, and in ours where it has
 * none. */

#include <jansson.h>

/* The lines of `server show`, from its answer; none where no rollover is configured or under way.
 */
void print_rollover(const json_t *server);
/* What of the rollovers of these servers (an array) asks for somebody's attention. */
void print_rollover_troubles(const json_t *servers);
