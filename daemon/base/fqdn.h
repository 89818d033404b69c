/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The host's full name, as routers have it: host name and domain name. A host name with a dot in it
 * is whole; the domain is else the resolver's (resolv.conf(5)).
 */

#include "daemon/base/bytes.h"
#include "daemon/base/err.h"

/*
 * @host and the domain that @resolver, the text of a resolv.conf, names: its `domain`, or the first
 * of its `search`, whichever stands last; @host alone where it names none. Pure.
 *
 * @ret  the caller's; without a dot at its end
 * -EINVAL where @host is empty; -ENOMEM.
 */
_checked_ int fqdn_of(const char *host, struct span resolver, char **ret);

/* That of this host, by gethostname(2) and /etc/resolv.conf; one that can't be read names no
 * domain. Blocks for the file. @ret is the caller's. -errno. */
_checked_ int fqdn_read(char **ret);
