/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The peers on fetch.sock and their transfers and traps, all on one thread: each peer has one at a
 * time, and cancels it by going away; a slow server holds up nobody else. Peers and what their
 * contents take of memory are bounded: who comes later waits, or is told to come again.
 */

#include "daemon/fetch/transfer.h"

#define SERVICE_PEERS_MOST 64

struct service;

/* Takes @listening over. @known_hosts is borrowed. -ENOMEM. */
_checked_ int service_new(int listening, const char *known_hosts, struct service **ret);
/* Cancels what is under way. */
struct service *service_free(struct service *service);

/* Waits for at most @timeout_ms, or until @signals (a descriptor of the caller's) is readable, and
 * does what there is to do. -errno. */
_checked_ int service_step(struct service *service, int signals, int timeout_ms);
/* Whether nobody is connected. */
bool service_is_idle(const struct service *service);
