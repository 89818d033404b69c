/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of hsm/key ask of a token_link beneath its public functions: one question, one
 * answer.
 */

#include "daemon/ipc/channel.h"
#include "hsm/key/token.h"

enum token_link_ask_outcome {
	TOKEN_LINK_ASK_LATER = KEY_LATER,
	TOKEN_LINK_ASK_REFUSED = KEY_REFUSED,
	TOKEN_LINK_ASK_NOT_FOUND = KEY_NOT_THERE,
};

/*
 * Asks the token's process and waits, with the retries and time limit of this operation.
 *
 * @message     of the struct that belongs to @number; its fields keep their limits
 * @ret         the reply that belongs to @number; ipc_packet_done() is the caller's
 * @ret_reason  set with each outcome, and where the token's process tells why it is -EINVAL or
 * -EIO; owned by the caller; may be NULL Returns 0, an outcome, -EINVAL, -EIO, -EBADMSG (it does
 * not speak our language) or -ENOMEM.
 */
_checked_ int token_link_ask(struct token_link *link, enum ipc_number number, const void *message,
			     struct ipc_packet *ret, char **ret_reason);
