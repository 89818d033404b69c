/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tells when the configuration's files change (inotify on their directories), so that nobody has to
 * announce it to programs that hold nothing they would have to refuse a change for.
 */

#include "daemon/base/err.h"

struct conf_watch;

/* @path: the main file; its drop-ins lie in PATH.d, which may come later. -errno. */
_checked_ int conf_watch_open(const char *path, struct conf_watch **ret);
struct conf_watch *conf_watch_close(struct conf_watch *watch);
/* Readable once something changed; the watch's own. */
int conf_watch_fd(const struct conf_watch *watch);
/* Takes what was told so far: true where one of the files is another now. Doesn't block. */
bool conf_watch_take(struct conf_watch *watch);
