/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "daemon/flow/flow.h"

/*
 * Whether the token that should have a key is there without it, as its process saw when it was
 * opened or asked for the key last: by the [Token] section's name and the key's
 * SubjectPublicKeyInfo. Asks that process, but not the token.
 */
bool flow_key_is_gone(struct flow *flow, const char *token, struct span spki);
