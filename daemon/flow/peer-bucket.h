/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whom a share of a queue belongs to: an IPv4 address, or an IPv6 /64, since one host has all of
 * it. Pure. */

#include "daemon/base/bytes.h"

/* A number that is the same for addresses of one bucket; text that is no address is a bucket of its
 * own. */
uint64_t peer_bucket(struct span address);
