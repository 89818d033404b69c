/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Socket addresses as Listen= writes them: 192.0.2.1:80, [2001:db8::1]:80.
 */

#include "daemon/base/bytes.h"
#include <sys/socket.h>

/* -EINVAL where it is no numeric address with the port 80 or one of 1024…65535. */
_checked_ int conf_read_address(struct span text, struct sockaddr_storage *ret,
				socklen_t *ret_size);
