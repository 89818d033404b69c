/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Alarms of CRLs that are not followed in time, each step of each told once. */

#include "daemon/flow/flow.h"

/*
 * After what was due was tried: a CRL that has passed half its life by then could not be followed.
 * The server's newest disables it once it has expired; an own one of a displaced generation, and
 * the first of a shadow that is missing shortly before that one takes over, are told of alone.
 */
void flow_watch_crls(struct flow *flow, struct authority *authority, int64_t now_s);
