/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One FETCH_TRAP, from its message to the datagram: its sink's name is looked up, then it is sent.
 * Whether it arrives nobody tells. Where a sink may be is daemon/conf's to say; here it is read
 * again, since anybody at the socket may name one.
 */

#include "daemon/ipc/channel.h"

struct trap;

enum trap_outcome {
	TRAP_REFUSED = 1, /* the reason is told beside; a constant */
};

/* Takes what @packet holds in any case. 0; TRAP_REFUSED; -EBADMSG where it is no such message;
 * -ENOMEM, -EAGAIN. */
_checked_ int trap_new(struct ipc_packet *packet, struct trap **ret, const char **ret_reason);
struct trap *trap_free(struct trap *trap);
/* Readable when trap_answer() may be called. */
int trap_fd(const struct trap *trap);
/* Sends it and tells @fd, which does not block. As ipc_send(). */
_checked_ int trap_answer(struct trap *trap, int fd);
