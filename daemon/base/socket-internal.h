/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of socket.h have in common. */

#include "daemon/base/err.h"
#include <sys/un.h>

/* -EINVAL where @path is empty, -ENAMETOOLONG. */
_checked_ int socket_address(const char *path, struct sockaddr_un *ret);
