/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One call, read from its message and held against its row of control.def: who may call it, which
 * parameters it has and of which type. What a handler is given has passed all of this. Pure.
 */

#include "daemon/ipc/control.h"

struct control_request {
	enum control_method method;
	bool more;	    /* the caller wants progress */
	json_t *parameters; /* owned; an object, with nothing in it that the row does not name */
};

enum control_request_outcome { CONTROL_REQUEST_REFUSED = 1 };

/*
 * Reads a call of somebody with this role. The role is looked at before the parameters.
 *
 * @message    the JSON object as it came; borrowed
 * @ret_error  set where it is refused: the answer to send, owned by the caller
 * Returns 0, CONTROL_REQUEST_REFUSED, or -ENOMEM.
 */
_checked_ int control_request_read(const json_t *message, enum control_role role,
				   struct control_request *ret, json_t **ret_error);
void control_request_done(struct control_request *request);
