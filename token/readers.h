/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What pcscd tells of its readers and of what is in them, as it changes: a thread of its own waits
 * for that, since pcscd's library knows no descriptor to wait on, and keeps a snapshot. It never
 * touches a card. Where pcscd goes, it is asked again until it is back; that starts it, too, where
 * systemd listens for it.
 */

#include "token/reader-map.h"

struct readers;

/* Nothing is asked before readers_start(). -errno. */
_checked_ int readers_new(struct readers **ret);
/* Starts the thread, where it isn't at work. -errno. */
_checked_ int readers_start(struct readers *readers);
/* An eventfd that becomes readable after each change of what readers_view() shows. */
int readers_wake_fd(const struct readers *readers);
/* The readers as they were seen last. Blocks for up to @patience_ms until the first time, where the
 * thread was started. */
void readers_view(struct readers *readers, int patience_ms, struct readers_view *ret);
/* Ends the thread and frees. Where it is stuck in a pcscd that hangs, for 2 s, it is left to itself
 * and nothing is freed: the process is about to end. */
struct readers *readers_stop(struct readers *readers);
