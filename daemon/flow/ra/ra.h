/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An RA follows its own trustpoint: the CA certificates that are accepted there are its
 * generations, the identities its exchange keys. Within flow/ alone.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

/*
 * Records what the trustpoint has and the RA has not yet, and the CA's own message that gives its
 * successor out (GetNextCACert), which goes on to clients as it is. Nothing happens for another
 * kind of server, for one that is not created, and where all is there: so it is done again after
 * each crash. Waits for the CA's server.
 * 0; FLOW_LATER; FLOW_REFUSED with *ret_reason where the CA does not give its message; -errno.
 */
_checked_ int ra_follow(struct trustpoint_turn *turn, char **ret_reason);
