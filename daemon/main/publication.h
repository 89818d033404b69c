/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files beside the database, and copies elsewhere: what is behind is found and brought up to date
 * on workers of its own, so that a slow server keeps neither operators nor enrolments waiting.
 * Changes that come close together are written together.
 */

#include "daemon/main/daemon.h"

_checked_ int publication_new(struct daemon *daemon, struct publication **ret);
/* Begins nothing more, and cancels what waits for a server elsewhere. */
void publication_stop(struct publication *publication);
/* Waits for what runs. */
struct publication *publication_free(struct publication *publication);
