/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by the charters*.c files alone. */

#include "daemon/base/crypto.h"
#include "token/charters.h"
#include <pthread.h>

#define CHARTERS_SUFFIX ".charter"

struct held_charter {
	struct charter_file file;
	uint8_t key_sha256[SHA256_SIZE];
	bool present; /* its key is on the token that was opened last */
	bool removed;
};

struct charters {
	char *directory;
	pthread_mutex_t lock;
	struct held_charter **items; /* removed ones stay, for whoever still holds them */
	size_t n;
};

/* With the lock held, or before anybody else knows of @charters. Takes over @file; @ret may be
 * NULL. -ENOMEM. */
_checked_ int charters_append(struct charters *charters, struct charter_file *file,
			      struct held_charter **ret);
