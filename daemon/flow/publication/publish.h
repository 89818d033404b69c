/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The files that the front end serves by itself: public/LABEL/{caps,cacert,nextcacert,
 * ca.crt,crl,crl.expires}, and crl.N and crl.N.expires of each generation N that signs CRLs: the
 * active one and those that another displaced early.
 * LABEL is a symbolic link, renamed to a new directory at each change, so that they never mix.
 */

#include "daemon/base/bytes.h"
#include "daemon/flow/flow.h"

/* Writes all of them anew from the database. -errno, logged. Those of a transparent RA are what it
 * saw of its superior last (relay-files.h): they are left as they are. */
_checked_ int flow_publish(struct flow *flow, struct authority *authority, int64_t now_s);
/* The same where that was not done since the start, whose configuration may be another and whose
 * end may have come between a commit and its files, or where it failed. Of a server that is not
 * created what is left is removed. */
_checked_ int flow_publish_missing(struct flow *flow, struct authority *authority, int64_t now_s);

/* Writes what stands in the public files' place from now on into an empty @directory. -errno. */
typedef int publish_function(void *context, const char *directory);
/* The same by another hand: of a server whose files are not made from the database. */
_checked_ int flow_publish_by(struct flow *flow, struct authority *authority,
			      publish_function *fill, void *context);
/* One of them, for that. */
_checked_ int publish_write(const char *directory, const char *name, struct span content);
