/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The files that the front end serves by itself: public/LABEL/{caps,cacert,ca.crt,crl,crl.expires}.
 * LABEL is a symbolic link, renamed to a new directory at each change, so that they never mix.
 */

#include "daemon/flow/flow.h"

/* Writes all of them anew from the database. -errno, logged. */
_checked_ int flow_publish(struct flow *flow, struct authority *authority, int64_t now_s);
/* The same where that was not done since the start, whose configuration may be another and whose
 * end may have come between a commit and its files, or where it failed. A server that is not
 * created has none. */
_checked_ int flow_publish_missing(struct flow *flow, struct authority *authority, int64_t now_s);
