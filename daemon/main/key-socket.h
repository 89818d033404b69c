/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * key.sock: any program connects and asks one question at a time for an operation with a router's
 * key (flow/key-use/key-use.h). Whoever breaks the protocol is closed; who does not read his
 * answers, too. A user has at most so many connections, so that none keeps others out, and root has
 * his own.
 *
 * What is known is decided here at once; what must be looked up first goes by threads of its own,
 * and what was admitted by those that wait for its token on behalf of programs. The thread that has
 * the answer sends it.
 */

#include "daemon/main/daemon.h"

_checked_ int key_socket_open(struct daemon *daemon, struct key_socket **ret);
/* Accepts and reads nothing more; ends what is being looked up. */
void key_socket_stop(struct key_socket *socket);
/* Only after the workers are gone. */
struct key_socket *key_socket_free(struct key_socket *socket);
