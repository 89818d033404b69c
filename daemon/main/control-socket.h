/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * control.sock: anybody may connect; what a caller may do goes by his groups. One call after the
 * other on a connection, each carried out on the desk's workers, or on those
 * for what waits for servers beyond this machine.
 */

#include "daemon/main/daemon.h"

_checked_ int control_socket_open(struct daemon *daemon, struct control_socket **ret);
void control_socket_stop(struct control_socket *socket);
/* Only after the workers are gone. */
struct control_socket *control_socket_free(struct control_socket *socket);
