/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The process that connected over a local socket, held on to: its number says nothing once it has
 * ended, for then another may get it.
 */

#include "daemon/base/err.h"
#include <sys/types.h>

/*
 * By the socket itself; before Linux 6.5, which does not tell, by its number: then whoever got that
 * number between connecting and this call is taken for it.
 *
 * @connection  as accept(2) returned it
 * @pid         of its SO_PEERCRED
 * @ret_fd      the caller's to close
 * -errno: it has ended, or no descriptor is left.
 */
_checked_ int peer_process_open(int connection, pid_t pid, int *ret_fd);
/* Also of a negative descriptor: nobody knows. Waits for nothing. */
bool peer_process_has_ended(int process);
