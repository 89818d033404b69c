/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep.sock: front ends connect, send SCEP messages with tags, and get answers in whatever order
 * they are done. A front end that breaks the rules is closed; its messages are parsed and verified
 * here again.
 */

#include "daemon/main/daemon.h"

_checked_ int scep_socket_open(struct daemon *daemon, struct scep_socket **ret);
/* Accepts and reads nothing more. */
void scep_socket_stop(struct scep_socket *socket);
/* Only after the workers are gone. */
struct scep_socket *scep_socket_free(struct scep_socket *socket);
