/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A thread that takes no signals: those are the event loop's. */

#include "daemon/base/err.h"
#include <pthread.h>

/* -errno. */
_checked_ int thread_start(pthread_t *ret, void *(*body)(void *), void *argument);
