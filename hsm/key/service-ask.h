/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the service ask of it: one question, one answer. */

#include "daemon/ipc/channel.h"
#include "hsm/key/service.h"

/*
 * Asks clavigerd and waits.
 *
 * @message     of the struct that belongs to @number; its fields keep their limits
 * @ret         the reply that belongs to @number; ipc_packet_done() is the caller's
 * @ret_reason  as in key_use()
 * Returns 0, a key_outcome, a key_service_outcome or -errno.
 */
_checked_ int key_service_ask(struct key_service *service, enum ipc_number number,
			      const void *message, struct ipc_packet *ret, char **ret_reason);

/* Whether a name can go into a question: UTF-8 of 1…128 bytes, without a NUL. */
bool key_service_is_name(struct span name);
