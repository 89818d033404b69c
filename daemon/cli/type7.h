/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* IOS's passwords of type 7: hidden from a glance over the shoulder, and from nothing else. They
 * are read from running-configs and never written. */

#include "daemon/base/bytes.h"

/* "01100F175804575D72" to what it hides, in locked memory. -EINVAL where it is none; -ENOMEM. */
_checked_ int type7_read(struct span text, struct secret *ret);
