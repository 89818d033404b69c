/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A message that is too large for a packet, as a sealed memfd. Only channel.c needs this.
 */

#include "daemon/base/bytes.h"

/* A new memfd that holds @packet and that nobody can change any more; the caller closes it. -errno.
 */
_checked_ int memfd_seal(struct span packet, int *ret_fd);
/*
 * Copies the message out of a memfd that a peer sent. -EBADMSG where it is none, lacks a seal,
 * holds no more than a packet could, or more than the message that it says it is can have; -ENOMEM.
 */
_checked_ int memfd_read(int fd, struct bytes *ret);
