/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tells whoever looks that the token waits for a PIN: a file `pin-wanted` in the service's runtime
 * directory (systemd's RUNTIME_DIRECTORY), whose content is the question for people. It stands,
 * locked by flock(2), for as long as a typed PIN would help: claviger-token-ask@.path starts
 * whoever asks when it comes, and he ends when its lock is let go.
 */

#include "token/keeper.h"

/* The question, without a line break; NULL where no typed PIN would help now. @by_pad: it is typed
 * on the token's own pad, for which an operator must be there anyway. -ENOMEM. */
_checked_ int pin_wanted_ask(const char *token, const struct keeper_view *view, bool by_pad,
			     char **ret_question);

struct pin_wanted;
/* @directory: NULL where nobody looks; telling then does nothing. -ENOMEM. */
_checked_ int pin_wanted_new(const char *directory, struct pin_wanted **ret);
/* Takes the file away. */
struct pin_wanted *pin_wanted_free(struct pin_wanted *wanted);
/* The file has this question from here on, NULL: is gone. -errno where it can't be written: then
 * there is none. */
_checked_ int pin_wanted_tell(struct pin_wanted *wanted, const char *question);
