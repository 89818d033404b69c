/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One file in one place: a directory of this machine, or beneath a URL, which claviger-fetch reads
 * and writes. Blocks for a disk or for a transfer.
 */

#include "daemon/base/bytes.h"
#include "daemon/conf/conf.h"
#include <sys/types.h>

struct fetch_canceller;

/* How places are reached. */
struct place_access {
	const char *runtime_directory;	   /* of fetch.sock */
	const char *user;		   /* StoreUser=; NULL: none */
	const char *password;		   /* StorePassword=, a credential's name; NULL: none */
	mode_t mode;			   /* of files on this machine */
	struct fetch_canceller *canceller; /* NULL: none */
};

enum place_outcome {
	PLACE_FAILED = 1,    /* the reason says what and where */
	PLACE_NOT_FOUND = 2, /* there is no such file */
};

/* Whether it is a directory of this machine. */
bool place_is_near(const char *place);
/* The directory of a near one: file:///srv is /srv. -ENOMEM. */
_checked_ int place_directory(const char *place, char **ret);

/* Writes @name whole or not at all (elsewhere: as well as the server can). 0; PLACE_FAILED with
 * *ret_reason, the caller's; -ENOMEM. */
_checked_ int place_write(const struct place_access *access, const char *place, const char *name,
			  struct span content, char **ret_reason);
/* Reads @name, at most @limit bytes. 0; PLACE_FAILED with *ret_reason; PLACE_NOT_FOUND; -ENOMEM. */
_checked_ int place_read(const struct place_access *access, const char *place, const char *name,
			 size_t limit, struct bytes *ret, char **ret_reason);
/* What -errno means for who wanted to write to @path of this machine, and what to do: PLACE_FAILED
 * with *ret_reason, the caller's; -ENOMEM. */
_checked_ int place_refuse(int error, const char *path, char **ret_reason);
